import type { Address } from '../core/address.ts'
import type { Usage } from '../core/quota.ts'
import { isExternal, senderFor, waysOut } from '../core/route.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Part } from '../core/spool.ts'
import { waitingKey } from '../core/step-delivery.ts'
import { type MonotonicMs, minute } from '../core/time.ts'
import type { SenderRewrite } from '../core/upstream.ts'
import type { Availability } from './lane.ts'

/** What the planner asks of the lanes; a table in tests. */
export interface LaneBook {
  find(
    name: string,
  ):
    | { readonly setup: UpstreamSetup; readonly canAsk: boolean; readonly recipientsPerPart: number }
    | undefined
  availability(name: string, sender: string | undefined, usage: Usage): Availability
  readonly now: MonotonicMs
}

export interface SendPlan {
  readonly kind: 'send'
  readonly upstream: string
  readonly recipients: readonly DueRecipient[]
  readonly rewrite: SenderRewrite
  readonly usage: Usage
  /** The part that is sent again under its operation id. */
  readonly repeats: Part | undefined
  /** Parts that these recipients leave for another way out. */
  readonly leaves: readonly Part[]
}

export type Plan =
  | SendPlan
  | { readonly kind: 'ask'; readonly part: Part }
  /** Nothing to write: a connection will be free soon. */
  | { readonly kind: 'busy'; readonly upstream: string; readonly recipients: readonly DueRecipient[] }
  | {
      readonly kind: 'park'
      readonly recipients: readonly DueRecipient[]
      readonly waitingFor: string
      readonly code: string
      readonly reason: string
      /** When a quota lets it go. */
      readonly until: MonotonicMs | undefined
    }
  /** No way out takes it any more, whatever its state: the settings changed after it was accepted. */
  | { readonly kind: 'stranded'; readonly recipients: readonly DueRecipient[]; readonly reason: string }

/** Mail goes another way only if its first one is closed for longer than this by a quota. */
export const patienceMs = 5 * minute

interface Choice {
  readonly recipient: DueRecipient
  readonly upstream: string | undefined
  readonly reason: string
}

/** Decides for every due recipient of a message what happens now. Pure: the same question gives the same plans. */
export function planMessage(message: DueMessage, setup: Setup, book: LaneBook): readonly Plan[] {
  const uncertain = message.recipients.filter(isUncertain)
  const free = message.recipients.filter((recipient) => !isUncertain(recipient))
  return [...planUncertain(message, uncertain, setup, book), ...planFree(message, free, setup, book)]
}

/** In a part whose fate is unknown, unless this recipient's own is known (refused at RCPT for now, others taken or not). */
export const isUncertain = (recipient: DueRecipient): boolean =>
  recipient.part?.state === 'indeterminate' && recipient.state !== 'deferred'

/** An uncertain part stays on its way out: it is asked for, or repeated there. */
function planUncertain(
  message: DueMessage,
  recipients: readonly DueRecipient[],
  setup: Setup,
  book: LaneBook,
): readonly Plan[] {
  return groupBy(recipients, (recipient) => partName(recipient.part)).flatMap((group): readonly Plan[] => {
    const part = group[0]?.part
    const lane = part && book.find(part.upstream)
    if (!part) return []
    if (!lane)
      return [
        park(
          group,
          part.upstream,
          'retired',
          `${part.upstream} is no longer set up, and it is not known whether it took this mail`,
        ),
      ]
    if (lane.canAsk) return [{ kind: 'ask', part }]
    return [sendOrWait(message, group, part.upstream, setup, book, part)]
  })
}

function planFree(
  message: DueMessage,
  recipients: readonly DueRecipient[],
  setup: Setup,
  book: LaneBook,
): readonly Plan[] {
  const choices = recipients.map((recipient) => choose(message, recipient, setup, book))
  const stranded = choices.filter((choice) => choice.upstream === undefined)
  const bound = choices.filter((choice) => choice.upstream !== undefined)
  const groups = groupBy(bound, (choice) => `${choice.upstream} ${groupName(choice, message)}`)
  return [
    ...groupBy(stranded, (choice) => choice.reason).map(
      (group): Plan => ({
        kind: 'stranded',
        recipients: group.map((choice) => choice.recipient),
        reason: group[0]?.reason ?? '',
      }),
    ),
    ...groups.flatMap((group) => planGroup(message, group, setup, book)),
  ]
}

/** An open part is repeated as it was; everything else is cut into new parts. */
function planGroup(
  message: DueMessage,
  group: readonly Choice[],
  setup: Setup,
  book: LaneBook,
): readonly Plan[] {
  const upstream = group[0]?.upstream ?? ''
  const recipients = group.map((choice) => choice.recipient)
  const repeats = repeatable(recipients, upstream)
  if (repeats) return [sendOrWait(message, recipients, upstream, setup, book, repeats)]
  const size = partSize(message, recipients, upstream, book)
  return cut(recipients, size).map((piece) => sendOrWait(message, piece, upstream, setup, book, undefined))
}

function sendOrWait(
  message: DueMessage,
  recipients: readonly DueRecipient[],
  upstream: string,
  setup: Setup,
  book: LaneBook,
  repeats: Part | undefined,
): Plan {
  const lane = book.find(upstream)
  if (!lane) return { kind: 'stranded', recipients, reason: `${upstream} is no longer set up` }
  const rewrite = rewriteFor(message, setup, lane.setup)
  const usage = usageOf(recipients, lane.setup)
  const availability = book.availability(upstream, rewrite.sender, usage)
  switch (availability.kind) {
    case 'ready': {
      const leaves = uniqueParts(recipients).filter((part) => part !== repeats && part.state === 'open')
      return { kind: 'send', upstream, recipients, rewrite, usage, repeats, leaves }
    }
    case 'busy':
      return { kind: 'busy', upstream, recipients }
    case 'throttled':
      return {
        ...park(recipients, upstream, 'throttled', `${upstream} has used its quota; goes on by itself`),
        until: availability.until,
      }
    case 'paused':
      return park(
        recipients,
        waitingKey(upstream, availability.pause.sender),
        availability.pause.code,
        availability.pause.reason,
      )
  }
}

/** The first way out that is usable now or soon; else the one whose end of waiting is known; else the first. */
function choose(message: DueMessage, recipient: DueRecipient, setup: Setup, book: LaneBook): Choice {
  const question = { ...message, recipient: recipient.address, refusedBy: recipient.refusedBy }
  const { ways, refusals } = waysOut(question, setup.upstreams)
  const known = ways.filter((way) => book.find(way) !== undefined)
  const asked = known.map((upstream) => ({
    upstream,
    availability: availabilityFor(message, recipient, upstream, setup, book),
  }))
  const best =
    asked.find(({ availability }) => isSoon(availability, book.now)) ?? soonestThrottled(asked) ?? asked[0]
  const reason =
    refusals.length > 0
      ? `no way out takes it: ${refusals.map((refusal) => `${refusal.upstream} (${refusal.why})`).join(', ')}`
      : 'no way out is set up for it'
  return { recipient, upstream: best?.upstream, reason }
}

function soonestThrottled<T extends { readonly availability: Availability }>(
  asked: readonly T[],
): T | undefined {
  const rows = asked.flatMap((way) =>
    way.availability.kind === 'throttled' ? [{ way, until: way.availability.until }] : [],
  )
  return rows.sort((a, b) => a.until - b.until)[0]?.way
}

function availabilityFor(
  message: DueMessage,
  recipient: DueRecipient,
  upstream: string,
  setup: Setup,
  book: LaneBook,
): Availability {
  const lane = book.find(upstream)
  if (!lane) return { kind: 'busy' }
  return book.availability(
    upstream,
    rewriteFor(message, setup, lane.setup).sender,
    usageOf([recipient], lane.setup),
  )
}

const isSoon = (availability: Availability, now: MonotonicMs): boolean =>
  availability.kind === 'ready' ||
  availability.kind === 'busy' ||
  (availability.kind === 'throttled' && availability.until - now <= patienceMs)

export const rewriteFor = (message: DueMessage, setup: Setup, upstream: UpstreamSetup): SenderRewrite =>
  senderFor(
    setup,
    setup.devices.find((device) => device.name === message.device),
    message.from,
    upstream,
  )

export const usageOf = (
  recipients: readonly { readonly address: Address }[],
  upstream: UpstreamSetup,
): Usage => ({
  messages: 1,
  recipients: recipients.length,
  external: recipients.filter((recipient) => isExternal(recipient.address, upstream)).length,
})

/** The open part that exactly these recipients were in on this way out: only then is the body the same again. */
function repeatable(recipients: readonly DueRecipient[], upstream: string): Part | undefined {
  const part = recipients[0]?.part
  if (!part || part.upstream !== upstream || part.state !== 'open') return undefined
  const numbers = recipients.map((recipient) => recipient.number).sort((a, b) => a - b)
  return numbers.join() === [...part.recipients].sort((a, b) => a - b).join() ? part : undefined
}

/** After a refusal of several recipients as one the next parts are half as large, until the bad one stands alone. */
function partSize(
  message: DueMessage,
  recipients: readonly DueRecipient[],
  upstream: string,
  book: LaneBook,
): number {
  const whole = book.find(upstream)?.recipientsPerPart ?? 1
  const failed = failedPart(message, recipients[0]?.number, upstream)
  return failed ? Math.max(1, Math.ceil(failed.recipients.length / 2)) : whole
}

function failedPart(message: DueMessage, recipient: number | undefined, upstream: string): Part | undefined {
  return message.parts
    .filter((part) => part.upstream === upstream && part.state === 'failed')
    .filter((part) => recipient !== undefined && part.recipients.includes(recipient))
    .sort((a, b) => a.recipients.length - b.recipients.length)[0]
}

function groupName(choice: Choice, message: DueMessage): string {
  const { part } = choice.recipient
  if (part && part.state === 'open' && part.upstream === choice.upstream) return partName(part)
  const failed = failedPart(message, choice.recipient.number, choice.upstream ?? '')
  return failed ? `after ${partName(failed)}` : 'new'
}

const partName = (part: Part | undefined): string =>
  part ? `${part.upstream}:${part.number}:${part.generation}` : ''

const uniqueParts = (recipients: readonly DueRecipient[]): readonly Part[] => [
  ...new Map(recipients.flatMap(({ part }) => (part ? [[partName(part), part] as const] : []))).values(),
]

function park(recipients: readonly DueRecipient[], waitingFor: string, code: string, reason: string) {
  return { kind: 'park', recipients, waitingFor, code, reason, until: undefined } as const
}

function cut<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  )
}

function groupBy<T>(items: readonly T[], name: (item: T) => string): readonly (readonly T[])[] {
  return [...Map.groupBy(items, name).values()]
}
