import type { FleetOperations } from '../../core/fleet.ts'
import type { Refused } from '../../core/operations.ts'
import type { Stores } from '../boot.ts'

/** Nothing is pulled, and nobody asked, while no gateway runs. */
export const offlineFleet = (stores: Stores, notRunning: Refused): FleetOperations => ({
  fleet: async () => (await import('./fleet-join.ts')).offView(stores),
  managed: async () => ({ managed: stores.settings.managed ?? null }),
  pullFleet: async () => notRunning,
  fleetIdentity: async () => (await import('./fleet-join.ts')).identityAnswer(stores),
  fleetBoxes: async () => [],
})
