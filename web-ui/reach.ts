import { effect } from '@preact/signals'
import { isReachable, refreshStanding } from './box.ts'
import { spread } from './events.ts'

const calmMs = 20_000
const anxiousMs = 4000

/**
 * Asks the box now and then whether it is there: a stream over Wi-Fi that is gone stays open for minutes and says
 * nothing. While it is not there, more often; when it is back, everything may have changed.
 */
export function watchReach(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async () => {
    if (!document.hidden) await refreshStanding({ patienceMs: 8000 })
    timer = setTimeout(ask, isReachable.value ? calmMs : anxiousMs)
  }
  let wasReachable = true
  const stop = effect(() => {
    const isNow = isReachable.value
    if (isNow && !wasReachable) spread({ kind: 'reset' })
    if (!isNow && wasReachable) {
      clearTimeout(timer)
      timer = setTimeout(ask, anxiousMs)
    }
    wasReachable = isNow
  })
  timer = setTimeout(ask, calmMs)
  return () => {
    clearTimeout(timer)
    stop()
  }
}
