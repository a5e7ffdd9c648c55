import type { DeviceTrait, Sighting, TakeOver } from '../core/learning.ts'
import type { Database } from '../platform/database.ts'

/** Unknown devices that are kept: whoever scans the network from a thousand addresses pushes only its own like out. */
const mostSightings = 1000

/** Sightings, traits of devices and the take-over window, as the edge learned them. */
export function learnedFacts(database: Database) {
  const saveSighting = database.prepare(
    `INSERT OR REPLACE INTO sighting VALUES (@address, @mac, @maker, @helo, @username, @triedAuth, @mailFrom,
       @rcptDomain, @tls, @result, @firstSeen, @lastSeen, @count)`,
  )
  const cutSightings = database.prepare(
    `DELETE FROM sighting WHERE address IN
       (SELECT address FROM sighting ORDER BY last_seen DESC, address LIMIT -1 OFFSET ${mostSightings})`,
  )
  const forgetSighting = database.prepare<[string]>('DELETE FROM sighting WHERE address = ?')
  const saveTrait = database.prepare(
    `INSERT OR REPLACE INTO device_trait VALUES (@device, @address, @lastSeen, @lastSession, @tls, @mechanism,
       @repairs)`,
  )
  const setTakeOver = database.prepare(
    'INSERT OR REPLACE INTO take_over VALUES (1, @subnet, @openedBy, @openedAt, @until)',
  )
  const clearTakeOver = database.prepare('DELETE FROM take_over')

  return {
    saveSightings(sightings: readonly Sighting[]): void {
      for (const sighting of sightings) {
        saveSighting.run({ ...sighting, triedAuth: sighting.triedAuth ? 1 : 0 })
      }
      cutSightings.run()
    },
    forgetSighting(address: string): void {
      forgetSighting.run(address)
    },
    saveTraits(traits: readonly DeviceTrait[]): void {
      for (const trait of traits) saveTrait.run({ ...trait, repairs: JSON.stringify(trait.repairs) })
    },
    setTakeOver(takeOver: TakeOver | undefined): void {
      if (takeOver) setTakeOver.run(takeOver)
      else clearTakeOver.run()
    },
  }
}
