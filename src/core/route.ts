import { type Address, comparable, domainOf, matchesAny, parseAddress } from './address.ts'
import type { FidelityFlag, MessageKind, RouteFacts } from './message.ts'
import type { DeviceSetup, Setup, UpstreamSetup } from './setup.ts'
import type { SenderRewrite } from './upstream.ts'
import { internalKinds } from './upstream-kinds.ts'

/** The outbox that is always there: it answers test mail before any cloud exists. */
export const builtInOutbox = 'outbox'

export interface RouteQuestion {
  readonly kind: MessageKind
  readonly route: readonly string[] | undefined
  readonly facts: RouteFacts
  readonly recipient: Address
  /** Upstreams that refused it for good. */
  readonly refusedBy: readonly string[]
}

export type WayRefusal = 'too-large' | 'unsuitable' | 'external-recipient' | 'refused-before'

export interface WaysOut {
  /** Names in the order in which they are tried. */
  readonly ways: readonly string[]
  readonly refusals: readonly { readonly upstream: string; readonly why: WayRefusal }[]
}

/** A rebuilt message can't carry these at all. */
const notRebuildable: ReadonlySet<FidelityFlag> = new Set(['signed', 'encrypted', 'partial'])
/** A rebuilt message loses something of these: another way out is asked first. */
const betterUnchanged: ReadonlySet<FidelityFlag> = new Set(['calendar', 'embedded-message', 'report'])

const rebuilds = (upstream: UpstreamSetup): boolean => upstream.kind === 'acs-email'

/**
 * Which ways out may take this mail to this recipient, by size, fidelity and recipient; asked at the end of DATA and again
 * when it is claimed, because the settings may have changed between. What an upstream's state allows is asked elsewhere.
 */
export function waysOut(question: RouteQuestion, upstreams: readonly UpstreamSetup[]): WaysOut {
  if (question.kind === 'test') return { ways: [builtInOutbox], refusals: [] }
  const refusals: { upstream: string; why: WayRefusal }[] = []
  const ways: UpstreamSetup[] = []
  for (const upstream of candidates(question.route, upstreams)) {
    const why = refusal(question, upstream)
    if (why) refusals.push({ upstream: upstream.name, why })
    else ways.push(upstream)
  }
  return { ways: inOrder(ways, question.facts.fidelity).map((upstream) => upstream.name), refusals }
}

/** Why some recipient can't be reached by any way out, whatever its state; undefined where all can, or none is set up. */
export function whyNoWay(
  {
    kind,
    route,
    facts,
    recipients,
  }: Pick<RouteQuestion, 'kind' | 'route' | 'facts'> & {
    readonly recipients: readonly { readonly address: Address }[]
  },
  upstreams: readonly UpstreamSetup[],
): string | undefined {
  for (const { address: recipient } of recipients) {
    const { ways, refusals } = waysOut({ kind, route, facts, recipient, refusedBy: [] }, upstreams)
    if (ways.length > 0 || refusals.length === 0) continue
    return `no way out takes it: ${refusals.map(({ upstream, why }) => `${upstream} (${why})`).join(', ')}`
  }
  return undefined
}

function candidates(
  route: readonly string[] | undefined,
  upstreams: readonly UpstreamSetup[],
): readonly UpstreamSetup[] {
  const enabled = upstreams.filter((upstream) => upstream.enabled)
  if (route) {
    return route.flatMap((name) => enabled.filter((upstream) => upstream.name === name))
  }
  const sending = enabled.filter((upstream) => upstream.kind !== 'outbox')
  return sending.length > 0 ? sending : enabled
}

function refusal(question: RouteQuestion, upstream: UpstreamSetup): WayRefusal | undefined {
  const { facts, recipient, refusedBy } = question
  if (refusedBy.includes(upstream.name)) return 'refused-before'
  const size = rebuilds(upstream) ? facts.acsSize : facts.size
  if (upstream.maxMessageSize !== undefined && size > upstream.maxMessageSize) return 'too-large'
  if (rebuilds(upstream) && facts.fidelity.some((flag) => notRebuildable.has(flag))) return 'unsuitable'
  if (internalKinds.has(upstream.kind) && isExternal(recipient, upstream)) return 'external-recipient'
  return undefined
}

function inOrder(
  ways: readonly UpstreamSetup[],
  fidelity: readonly FidelityFlag[],
): readonly UpstreamSetup[] {
  if (!fidelity.some((flag) => betterUnchanged.has(flag))) return ways
  return [...ways.filter((way) => !rebuilds(way)), ...ways.filter(rebuilds)]
}

export const isExternal = (recipient: Address, upstream: UpstreamSetup): boolean =>
  !upstream.acceptedDomains.map(comparable).includes(domainOf(recipient))

/** Whether `upstream` says it takes `sender` as From. */
export const takesSender = (upstream: Pick<UpstreamSetup, 'senders'>, sender: Address): boolean =>
  upstream.senders.length === 0 || matchesAny(sender, upstream.senders)

/**
 * From and MAIL FROM for a way out: the device's `sender` (or with `when-allowed` its own From) if the upstream takes it,
 * else the upstream's own `sender`; what the device said goes to Reply-To unless the setup says never.
 */
export function senderFor(
  setup: Setup,
  device: DeviceSetup | undefined,
  from: string | undefined,
  upstream: Pick<UpstreamSetup, 'senders' | 'sender' | 'kind'>,
): SenderRewrite {
  const said = from === undefined ? undefined : parseAddress(from)
  const wished = wishedSenders(setup, device, said)
  const sender = wished.find((address) => takesSender(upstream, address)) ?? upstream.sender ?? wished[0]
  const isOwn = sender !== undefined && comparable(sender) === comparable(device?.sender ?? said ?? '')
  return {
    sender,
    senderName: isOwn ? (device?.senderName ?? '') : '',
    keepOriginalInReplyTo:
      (device?.keepSender ?? 'reply-to') !== 'never' &&
      said !== undefined &&
      comparable(said) !== comparable(sender ?? said),
    subjectPrefix: device?.subjectPrefix ?? '',
  }
}

function wishedSenders(
  setup: Setup,
  device: DeviceSetup | undefined,
  said: Address | undefined,
): readonly Address[] {
  if (!device) return present(setup.gateway.sender, said)
  if (device.keepSender === 'when-allowed') return present(said, device.sender)
  return device.sender ? [device.sender] : present(said)
}

const present = (...addresses: readonly (Address | undefined)[]): readonly Address[] =>
  addresses.filter((address) => address !== undefined)
