import type { Clock } from '../core/clock.ts'
import type { Operations, StatusView } from '../core/operations.ts'
import { ownAddressOrigins } from '../platform/address-origin.ts'
import { makersOf } from '../platform/hardware-makers.ts'
import { KernelNeighbours } from '../platform/neighbours.ts'
import type { Stores } from './boot.ts'
import { devicePages } from './device-pages.ts'
import { DeviceReplacements } from './device-replacement.ts'
import { Makers } from './device-sheet.ts'
import { homeOperations } from './home-operations.ts'
import type { PageOperations } from './lazy-pages.ts'
import { queuePages } from './queue-pages.ts'
import { setupPages } from './setup-pages.ts'

/** The same while no gateway runs: what is dropped then is ended by its next start. */
export function offlinePages(
  { settings, spool }: Stores,
  clock: Clock,
  cardOf: Operations['card'],
  status: () => Promise<StatusView>,
): PageOperations {
  const neighbours = new KernelNeighbours()
  const sessions = () => []
  const upstreams = async () => (await status()).upstreams
  return {
    ...homeOperations({ settings, spool, clock, status, sightings: () => spool.sightings(), sessions }),
    ...devicePages({
      settings,
      spool,
      clock,
      traits: () => spool.traits(),
      sessions,
      makers: new Makers(neighbours, makersOf),
      replacements: new DeviceReplacements({
        settings,
        clock,
        log: { write: () => {} },
        alerts: { raise: () => {} },
        hardwareAt: (address) => neighbours.hardwareAt(address),
        forget: (device) => spool.forgetDevice(device),
      }),
      origins: ownAddressOrigins,
      cardOf,
      print: async (address, page) => (await import('./card-printing.ts')).printPage(address, page),
    }),
    ...queuePages({
      spool,
      clock,
      upstreams,
      tellsDelivery: (name) =>
        settings.setup.upstreams.some((upstream) => upstream.name === name && upstream.reportsQueue !== ''),
      onChange: () => {},
      onDrop: () => {},
      record: (who, what) => settings.record(who, [what]),
    }),
    ...setupPages({ settings, spool, clock, upstreams }),
  }
}
