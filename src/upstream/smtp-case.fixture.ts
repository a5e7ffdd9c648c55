import { createHash } from 'node:crypto'
import type { Outcome } from '../core/outcome.ts'
import type { Consignment, Upstream } from '../core/upstream.ts'
import { address, exampleConsignment } from './example-consignment.fixture.ts'
import type { SmtpPack } from './smtp-parcel.ts'

// What tests of SMTP ways out have in common.

const never = new AbortController().signal

/** The octets as they are, in pieces of `step`. */
export function packing(octets: Uint8Array, step = 65_536): SmtpPack {
  return async () => ({
    size: octets.length,
    sha256: createHash('sha256').update(octets).digest('hex'),
    has8bit: octets.some((octet) => octet > 127),
    header: octets,
    async *read() {
      for (let at = 0; at < octets.length; at += step) yield octets.subarray(at, at + step)
    },
  })
}

export const to = (...addresses: readonly string[]): Partial<Consignment> => ({
  recipients: addresses.map((text, index) => ({ number: index + 1, address: address(text) })),
})

export function words(outcome: Outcome | undefined): string {
  switch (outcome?.kind) {
    case 'transient':
      return `transient ${outcome.code}`
    case 'permanent':
      return `permanent ${outcome.scope} ${outcome.code}`
    case 'paused':
      return `paused ${outcome.scope} ${outcome.pause.code}`
    default:
      return outcome?.kind ?? 'nothing'
  }
}

interface Sent {
  readonly outcomes: readonly string[]
  readonly accepted: readonly string[]
  /** What is kept of the conversation. */
  readonly dialogue: string | undefined
}

export async function send(
  upstream: Upstream,
  change: Partial<Consignment> = {},
  signal = never,
): Promise<Sent> {
  const consignment = exampleConsignment(change)
  const preparation = await upstream.prepare(consignment, signal)
  if (preparation.kind === 'refused')
    return { outcomes: [words(preparation.outcome)], accepted: [], dialogue: undefined }
  const accepted: string[] = []
  const outcomes = await preparation.prepared.send(async (reference) => void accepted.push(reference), signal)
  return {
    outcomes: consignment.recipients.map(({ number }) => words(outcomes.get(number))),
    accepted,
    dialogue: preparation.prepared.dialogue?.(),
  }
}
