import type { Sighting } from '../core/learning.ts'
import type { AdoptionWish } from '../core/operations.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { countOf, oneLine } from './plain-text.ts'
import { type Column, tableLines } from './table.ts'
import { age } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `device sightings`: who knocked and is not known. */
export function listSightings(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const sightings = await operations.sightings()
    const now = call.world.clock.wall()
    await show(call, sightings, (paint) => sightingLines(sightings, now, paint))
    return done
  })
}

/** `device adopt`: prints the new device's card, and what became of its held mail. */
export function adoptDevice(call: Call, wish: AdoptionWish): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.adopt(wish, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const mail = countOf(result.released, 'mail that was held is let go', 'mails that were held are let go')
    const lines = result.released === 0 ? result.card : [...result.card, '', `${mail}.`]
    await show(call, result, () => lines.map(oneLine))
    return done
  })
}

const columns: readonly Column[] = [
  { title: 'ADDRESS' },
  { title: 'HARDWARE', isFlexible: true },
  { title: 'NAME', isFlexible: true },
  { title: 'USER', isFlexible: true },
  { title: 'SENDER', isFlexible: true },
  { title: 'TIMES', align: 'right' },
  { title: 'LAST' },
  { title: 'HEARD', isFlexible: true },
]

function sightingLines(sightings: readonly Sighting[], now: WallMs, paint: Paint): readonly string[] {
  if (sightings.length === 0) return ['No unknown device has knocked in the last 30 days.']
  const rows = sightings.map((sighting) => [
    sighting.address,
    sighting.maker === '' ? sighting.mac : sighting.maker,
    sighting.helo,
    sighting.username,
    sighting.mailFrom,
    String(sighting.count),
    age(sighting.lastSeen, now),
    sighting.result,
  ])
  return [...tableLines(columns, rows, paint), '', 'One that belongs here: `inkpost device adopt ADDRESS`.']
}
