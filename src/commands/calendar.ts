import { type CalendarEntry, nearnessOf } from '../core/calendar.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Colour, Paint } from './paint.ts'
import { oneLine, wrap } from './plain-text.ts'
import { done, type Verdict } from './verdict.ts'

/** `calendar`: what ends, the nearest first, with the next step of what is near. */
export function showCalendar(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const entries = await operations.calendar()
    const now = call.world.clock.wall()
    await show(call, entries, (paint) => calendarLines(entries, now, paint))
    return done
  })
}

function calendarLines(entries: readonly CalendarEntry[], now: WallMs, paint: Paint): readonly string[] {
  if (entries.length === 0) return ['Nothing that this box knows of ends.']
  return entries.flatMap((entry) => entryLines(entry, now, paint))
}

function entryLines(entry: CalendarEntry, now: WallMs, paint: Paint): readonly string[] {
  const { what, when, remedy, source, certainty } = entry
  const nearness = nearnessOf(entry, now)
  const isPressing = nearness !== undefined || certainty === 'unknown'
  const colour: Colour | undefined = nearness === 'past' ? 'red' : isPressing ? 'yellow' : undefined
  const [first = '', ...others] = wrap(`${what}: ${when}`, 96)
  return [
    paint(colour, first),
    ...others.map((line) => `  ${line}`),
    ...(isPressing ? wrap(`→ ${remedy}`, 94).map((line) => `  ${line}`) : []),
    paint('dim', `  ${oneLine(source)}`),
  ]
}
