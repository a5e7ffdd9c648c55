import type { Clock } from '../core/clock.ts'
import type { Machine } from '../core/machine.ts'
import type { NetworkView } from '../core/machine-network.ts'
import type { NetworkOperations, NetworkSheet, TrialSheet } from '../core/network-operations.ts'
import type { Done, Refused } from '../core/operations.ts'
import type { RowChange } from '../core/setup-operations.ts'
import { ownAddresses } from '../platform/network.ts'
import { checkDocument } from '../settings/parse.ts'
import { lean } from '../settings/print.ts'
import { type Problem, problemText } from '../settings/problem.ts'
import { fieldsOf } from '../settings/row-edits.ts'
import type { NetworkDocument } from '../settings/schema.ts'
import type { Settings } from '../settings/settings.ts'
import type { AddressMemory } from './address-memory.ts'
import type { NetworkCare } from './network-care.ts'

export interface NetworkOperationsParts {
  readonly settings: Settings
  readonly care: NetworkCare
  readonly memory: AddressMemory
  readonly machine: Machine
  readonly clock: Clock
  /** Where the console is served; empty where it is closed. */
  readonly consoleUrl: () => string
}

export function networkOperations(parts: NetworkOperationsParts): NetworkOperations {
  const { settings, care, memory } = parts
  return {
    network: () => networkSheet(parts),
    async tryNetwork(network, who) {
      const judged = judge(network, who, settings)
      if (judged.kind === 'refused') return judged
      const begun = await care.try(judged.network, who)
      if (begun.kind === 'refused') return begun
      return { kind: 'done', trial: trialSheet(parts) ?? { leftMs: 0, urls: [] } }
    },
    keepNetwork: (via, who) => care.keep(via, who),
    undoNetwork: (who) => care.undo(who),
    forgetAddress: (address, who) => memory.forget(address, who),
    setClock: (wallMs, who) => setClock(wallMs, who, parts),
  }
}

/** By the rules of the whole document, before anything is tried. */
function judge(
  network: RowChange | null,
  who: string,
  settings: Settings,
): { readonly kind: 'fine'; readonly network: NetworkDocument | undefined } | Refused {
  const { network: _, ...others } = lean(settings.document)
  const parsed = checkDocument(network === null ? others : { ...others, network })
  if (parsed.kind === 'problems') return wrong(parsed.problems)
  const checked = settings.replace(parsed.document, { who, check: true })
  if (checked.kind === 'problems') return wrong(checked.problems)
  return { kind: 'fine', network: parsed.document.network }
}

const wrong = (problems: readonly Problem[]): Refused => ({
  kind: 'refused',
  isWrongInput: true,
  reason: problems.map(problemText).join('\n'),
  trouble: { why: 'invalid', fields: fieldsOf(problems, 'network') },
})

async function networkSheet(parts: NetworkOperationsParts): Promise<NetworkSheet> {
  const { settings, care, memory, consoleUrl } = parts
  const shown = await care.view()
  const row: unknown = lean(settings.document)['network']
  return {
    machine:
      shown.kind === 'done'
        ? { kind: 'known', view: withoutDigest(shown.answer) }
        : { kind: 'unknown', reason: shown.kind === 'refused' ? shown.reason : '' },
    settings: row === undefined ? null : JSON.parse(JSON.stringify(row)),
    trial: trialSheet(parts) ?? null,
    told: memory.told(),
    urls: urlsAt(ownAddresses().filter(isReachable), consoleUrl()),
    revision: settings.revision,
  }
}

/** Whoever may look would guess a short passphrase by it. */
const withoutDigest = (view: NetworkView): NetworkView => ({
  ...view,
  kept: view.kept === '' ? '' : 'kept',
})

function trialSheet({ care, consoleUrl }: NetworkOperationsParts): TrialSheet | undefined {
  const { trial } = care
  if (trial === undefined) return undefined
  const addresses = [trial.wish?.address ?? '', trial.wish?.ipv6Address ?? '']
    .filter((address) => address !== '')
    .map((address) => address.replace(/\/\d+$/, ''))
  return { leftMs: trial.leftMs, urls: urlsAt(addresses, consoleUrl()) }
}

/** fe80:: needs a zone, which no browser takes (RFC 6874). */
const isReachable = (address: string): boolean =>
  !address.startsWith('127.') && address !== '::1' && !/^fe[89ab]/.test(address)

/** IPv4 first: it is what people read aloud. None where the console listens on loopback alone. */
export function urlsAt(addresses: readonly string[], consoleUrl: string): readonly string[] {
  if (!URL.canParse(consoleUrl)) return []
  const { protocol, hostname, port } = new URL(consoleUrl)
  if (hostname !== '[::]' && hostname !== '0.0.0.0') return []
  const served = hostname === '[::]' ? addresses : addresses.filter((address) => !address.includes(':'))
  const ordered = served.toSorted((one, other) => Number(one.includes(':')) - Number(other.includes(':')))
  return ordered.map((address) => {
    const host = address.includes(':') ? `[${address}]` : address
    return `${protocol}//${host}${port === '' ? '' : `:${port}`}/`
  })
}

async function setClock(
  wallMs: number,
  who: string,
  { machine, settings, clock }: NetworkOperationsParts,
): Promise<Done> {
  const before = new Date(clock.wall()).toISOString()
  const set = await machine.call('clock-set', { wallMs })
  if (set.kind === 'refused') return { kind: 'refused', reason: set.reason }
  if (set.kind === 'absent')
    return {
      kind: 'refused',
      reason: "this machine's clock is set by whoever set it up: `timedatectl set-time`",
    }
  settings.record(who, [`clock: set by hand to ${new Date(wallMs).toISOString()}, was ${before}`])
  return { kind: 'done' }
}
