import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { countText, type FragmentSet, gather } from '../core/fragment.ts'
import type { Log } from '../core/log.ts'
import type { MessageId } from '../core/message-id.ts'
import { whyNoWay } from '../core/route.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, Spool } from '../core/spool.ts'
import { missingLetter } from './fragment-letters.ts'
import { alertKeys } from './passing-alerts.ts'

export interface GivingUpParts {
  readonly spool: Pick<Spool, 'takeId' | 'fragment' | 'giveUp'>
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
  readonly log: Log
  readonly alerts: Alerts
}

interface Fate {
  readonly message: MessageId
  readonly isHeld: boolean
}

/** Fragments that waited long enough go on as they are, or are held, and the owner is told. False: the set changed. */
export async function giveUp(parts: GivingUpParts, { fragments, device }: FragmentSet): Promise<boolean> {
  const { spool, clock, log, setup } = parts
  const fates: Fate[] = []
  let first: DueMessage | undefined
  for (const { message } of fragments) {
    const fragment = await spool.fragment(message)
    if (!fragment) return false
    first ??= fragment
    fates.push({ message, isHeld: whyNoWay(fragment, setup().upstreams) !== undefined })
  }
  if (!first) return false
  const reason = reasonFor(fragments)
  const letters = await missingLetter(parts, { first, reason, fragments: fates })
  if (!(await spool.giveUp({ fragments: fates, reason, letters, now: clock.wall() }))) return false
  log.write('warn', 'fragments-missing', { device, fragments: fates.map(({ message }) => message), reason })
  if (letters.length === 0) nobodyReads(parts.alerts, device)
  return true
}

function reasonFor(fragments: FragmentSet['fragments']): string {
  const gathering = gather(fragments)
  return gathering.kind === 'incomplete'
    ? `only ${countText(gathering.here, gathering.total)} pieces came`
    : 'its pieces could not be joined'
}

function nobodyReads(alerts: Alerts, device = ''): void {
  alerts.raise({
    key: `${alertKeys.nobodyReads}${device}`,
    severity: 'warning',
    sentence: `A scan of ${device || 'the box'} came in pieces, some are missing, and nobody could be told.`,
    remedy: "Set gateway.postmaster, or the device's owner. `inkpost queue --all` shows the pieces.",
  })
}
