import { signal } from '@preact/signals'

/** What has to be added to this phone's clock to have the box's; 0 until the box told its time. */
export const boxOffsetMs = signal(0)

/** Now by the box's clock: every time on a page is of it, right or wrong. */
export const boxNow = (): number => Date.now() + boxOffsetMs.value

/** Changes every few seconds: what shows an age reads it. */
export const tick = signal(0)
setInterval(() => {
  if (!document.hidden) tick.value += 1
}, 5000)
