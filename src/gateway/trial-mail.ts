import { type Address, comparable, domainOf, parseAddress } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Done, Refused } from '../core/operations.ts'
import { isExternal, senderFor } from '../core/route.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { internalKinds } from '../core/upstream-kinds.ts'
import { plainOwnMail } from '../delivery/own-letter.ts'
import { noUpstream } from './no-upstream.ts'

interface TrialWorld {
  readonly spool: Pick<Spool, 'takeId' | 'receive'>
  readonly clock: Clock
  readonly bootId: string
  readonly setup: () => Setup
  readonly onAccepted: () => void
}

/** A real mail of the box by one way out alone: whether its service takes our sender can't be asked in another way. */
export async function sendTrialMail(
  world: TrialWorld,
  name: string,
  to: string,
): Promise<Done<{ readonly message: string }>> {
  const setup = world.setup()
  const upstream = setup.upstreams.find((each) => comparable(each.name) === comparable(name))
  if (!upstream) return noUpstream(name)
  const trial = trialOf(setup, upstream, to.trim())
  if (trial.kind === 'refused') return trial
  const { from, recipient } = trial
  const own = await plainOwnMail(world, {
    kind: 'mail',
    from,
    reversePath: from,
    to: recipient,
    route: [upstream.name],
    subject: `Test of ${upstream.name}`,
    text: `This is a test mail of ${setup.gateway.name}, sent by the way out "${upstream.name}" alone.\nIf you read this, it works.\n`,
    mark: 'test',
  })
  const { id } = own.message
  const reception = world.spool.receive(id)
  await reception.write(own.content)
  const publication = await reception.publish(own.message)
  if (publication.kind !== 'stored')
    return refused(publication.kind === 'failed' ? publication.detail : 'the disk is full')
  world.onAccepted()
  return { kind: 'done', message: id }
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })

type Trial = { readonly kind: 'trial'; readonly from: Address; readonly recipient: Address } | Refused

function trialOf(setup: Setup, upstream: UpstreamSetup, to: string): Trial {
  const recipient = parseAddress(to)
  if (!recipient) return { ...refused(`${to} is no mail address`), isWrongInput: true }
  if (!upstream.enabled) return refused(`${upstream.name} is switched off (enabled = false)`)
  if (upstream.kind === 'outbox') return refused(`${upstream.name} keeps mail and sends none`)
  if (internalKinds.has(upstream.kind) && isExternal(recipient, upstream))
    return refused(
      `${upstream.name} takes mail for its accepted_domains only, and ${domainOf(recipient)} is none of them`,
    )
  const from = senderOf(setup, upstream)
  if (from === undefined)
    return refused(`${upstream.name} has no sender: set its sender, or gateway.sender, or that of a device`)
  return { kind: 'trial', from, recipient }
}

/** The box's own sender or the way out's; else that of the first device which goes by it. */
function senderOf(setup: Setup, upstream: UpstreamSetup): Address | undefined {
  const own = senderFor(setup, undefined, undefined, upstream).sender
  if (own !== undefined) return own
  return setup.devices
    .filter(({ enabled, route }) => enabled && (route?.includes(upstream.name) ?? true))
    .map((device) => senderFor(setup, device, undefined, upstream).sender)
    .find((sender) => sender !== undefined)
}
