import type { Clock } from '../core/clock.ts'
import type { Operations, StatusView } from '../core/operations.ts'
import { ownAddressOrigins } from '../platform/address-origin.ts'
import type { Stores } from './boot.ts'
import { devicePages } from './device-pages.ts'
import { homeOperations } from './home-operations.ts'
import type { PageOperations } from './lazy-pages.ts'
import { queuePages } from './queue-pages.ts'
import type { Rooms } from './rooms.ts'
import { setupPages } from './setup-pages.ts'

interface LivePagesParts {
  readonly stores: Stores
  readonly rooms: Rooms
  readonly clock: Clock
  readonly cardOf: Operations['card']
  readonly status: () => Promise<StatusView>
}

/** What the console's pages ask of a running gateway. */
export function livePages({ stores, rooms, clock, cardOf, status }: LivePagesParts): PageOperations {
  const { settings, spool } = stores
  const { delivery, submission, takeOver } = rooms
  const sessions = () => submission.sessions()
  const upstreams = async () => delivery.status(await spool.counts())
  return {
    ...homeOperations({
      settings,
      spool,
      clock,
      status,
      sightings: async () => submission.sightings(),
      sessions,
    }),
    ...devicePages({
      settings,
      spool,
      clock,
      traits: async () => submission.traits(),
      sessions,
      makers: rooms.makers,
      replacements: rooms.replacements,
      origins: ownAddressOrigins,
      cardOf,
      print: async (address, page) => (await import('./card-printing.ts')).printPage(address, page),
    }),
    ...queuePages({
      spool,
      clock,
      upstreams,
      saveSessions: () => submission.flush(),
      tellsDelivery: (name) =>
        settings.setup.upstreams.some((upstream) => upstream.name === name && upstream.reportsQueue !== ''),
      onChange: () => {
        delivery.poke()
        // Mail of an unknown device that was adopted while it was dropped.
        void takeOver.releaseBehind()
      },
      onDrop: (until) => rooms.drops.expect(until),
      record: (who, what) => settings.record(who, [what]),
    }),
    ...setupPages({ settings, spool, clock, upstreams }),
  }
}
