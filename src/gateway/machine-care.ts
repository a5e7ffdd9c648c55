import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { destinationsOf } from '../core/destinations.ts'
import type { NameService } from '../core/diagnosis.ts'
import type { Log } from '../core/log.ts'
import type { Setup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import { MachineWatch } from '../health/machine-watch.ts'
import { DnsNames } from '../platform/name-service.ts'
import { vitalSigns } from '../platform/vital-signs.ts'
import { spoolReserveOctets } from '../spool/open-spool.ts'

export interface MachineCareParts {
  readonly dataDirectory: string
  /** Where the kernel's files are. */
  readonly root: string
  readonly clock: Clock
  readonly alerts: Alerts
  readonly log: Log
  readonly setup: () => Setup
  /** Undefined: the machine's DNS. */
  readonly names: NameService | undefined
}

const questionWithinMs = 10 * second

/** Who looks at the machine under a running gateway. */
export function machineCare(parts: MachineCareParts): MachineWatch {
  const { dataDirectory, root, clock, setup, names = new DnsNames() } = parts
  return new MachineWatch({
    ...parts,
    read: () => vitalSigns({ clock, dataDirectory, root }),
    askNames: (signal) => doNamesAnswer(names, setup(), signal),
    reserve: spoolReserveOctets,
  })
}

/** By the first name that a way out is asked for anyway: nobody learns of the box who would not. */
async function doNamesAnswer(
  names: NameService,
  setup: Setup,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const host = destinationsOf(setup).find(
    ({ host: each, isBehindProxy }) => isName(each) && !isBehindProxy,
  )?.host
  if (host === undefined) return undefined
  const within = AbortSignal.any([signal, AbortSignal.timeout(questionWithinMs)])
  return (await names.addresses(host, within)).kind !== 'silent'
}

/** Not an address, and not the box itself. */
const isName = (host: string): boolean => /[a-z]/i.test(host) && !host.includes(':') && host !== 'localhost'
