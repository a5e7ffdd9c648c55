import { comparable, domainOf } from '../core/address.ts'
import type { Outcome } from '../core/outcome.ts'
import { isExternal } from '../core/route.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { Consignment } from '../core/upstream.ts'
import { internalKinds } from '../core/upstream-kinds.ts'
import { type Paused, paused } from './pause-reasons.ts'
import type { SmtpKind } from './smtp-kinds.ts'

/** Recipients that a service for the tenant alone would refuse, by number: another way out may take them. */
export function outsiders({ recipients }: Consignment, setup: UpstreamSetup): ReadonlyMap<number, Outcome> {
  if (!internalKinds.has(setup.kind)) return new Map()
  const outside = recipients.filter(({ address }) => isExternal(address, setup))
  return new Map(outside.map(({ number, address }) => [number, externalRecipient(address, setup.name)]))
}

const externalRecipient = (address: string, upstream: string): Outcome => ({
  kind: 'permanent',
  scope: 'recipient',
  code: 'external-recipient',
  status: '5.7.54',
  detail: `${address} is in none of the accepted_domains of ${upstream}, which delivers inside the organisation only`,
  elsewhere: true,
})

/**
 * A sender that the tenant would not take for its own; undefined if there is none. A certificate stands for the organisation
 * whatever the sender, and a report has none (RFC 5321 section 4.5.5).
 */
export function senderVerdict(
  { envelope, rewrite }: Consignment,
  { needsOwnSender }: SmtpKind,
  { acceptedDomains, credential }: UpstreamSetup,
): Paused | undefined {
  if (!needsOwnSender || credential.kind === 'client-certificate' || acceptedDomains.length === 0)
    return undefined
  const { reversePath } = envelope
  if (reversePath === '') return undefined
  const sender = rewrite.sender ?? reversePath
  if (acceptedDomains.map(comparable).includes(domainOf(sender))) return undefined
  return paused('sender', 'sender-not-own', sender)
}
