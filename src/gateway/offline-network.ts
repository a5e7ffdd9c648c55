import type { NetworkOperations } from '../core/network-operations.ts'
import type { Refused } from '../core/operations.ts'
import { lean } from '../settings/print.ts'
import type { Settings } from '../settings/settings.ts'

/** While no gateway runs: `apply` changes what its next start makes so. */
export function offlineNetwork(settings: Settings, notRunning: Refused): NetworkOperations {
  const refuse = async (): Promise<Refused> => notRunning
  return {
    network: async () => {
      const row: unknown = lean(settings.document)['network']
      return {
        machine: { kind: 'unknown', reason: notRunning.reason },
        settings: row === undefined ? null : JSON.parse(JSON.stringify(row)),
        trial: null,
        told: [],
        urls: [],
        revision: settings.revision,
      }
    },
    tryNetwork: refuse,
    keepNetwork: refuse,
    undoNetwork: refuse,
    forgetAddress: refuse,
    setClock: refuse,
  }
}
