import { type Address, comparable } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Done } from '../core/operations.ts'
import { type Reply, replies } from '../core/reply.ts'
import { senderFor } from '../core/route.ts'
import type { DeviceSetup, Setup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { ownMessage } from '../delivery/own-message.ts'
import { plainMail } from '../message/own-mail.ts'
import { judgeRecipient } from '../submission/envelope-addresses.ts'
import { rulesOf } from '../submission/rules.ts'

interface TestMailWorld {
  readonly spool: Pick<Spool, 'takeId' | 'receive'>
  readonly clock: Clock
  readonly bootId: string
  readonly setup: () => Setup
  readonly onAccepted: () => void
}

/**
 * A real mail of the device the whole way: its sender, its route, its quota, and `to` as the device may say it at RCPT.
 * Mail to `test` stays in the outbox.
 */
export async function sendTestMail(
  world: TestMailWorld,
  name: string,
  to: string,
): Promise<Done<{ readonly message: string }>> {
  const setup = world.setup()
  const device = deviceNamed(setup, name)
  if (!device) return refused(`there is no device ${name}: see \`inkpost device list\``)
  if (!device.enabled) return refused(`${device.name} is switched off (enabled = false): its mail is refused`)
  const target = targetOf(setup, device, to.trim())
  if (target.kind === 'refused') return target
  const own = await composed(world, setup, device, target)
  const reception = world.spool.receive(own.message.id)
  await reception.write(own.content)
  const publication = await reception.publish(own.message)
  if (publication.kind !== 'stored')
    return refused(publication.kind === 'failed' ? publication.detail : 'the disk is full')
  world.onAccepted()
  return { kind: 'done', message: own.message.id }
}

const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason,
})

/** By name, else by any of its login names, whatever their case. */
function deviceNamed(setup: Setup, typed: string): DeviceSetup | undefined {
  const folded = comparable(typed.trim())
  return setup.devices.find(({ name }) => comparable(name) === folded) ?? rulesOf(setup).byLogin.get(folded)
}

interface Target {
  readonly kind: 'mail' | 'test'
  readonly to: readonly [Address, ...Address[]]
}

/** As at RCPT: an address, an alias, a name without domain, or the test address. */
function targetOf(setup: Setup, device: DeviceSetup, said: string): Target | ReturnType<typeof refused> {
  const judged = judgeRecipient(rulesOf(setup), device, { path: said, parameters: {} })
  switch (judged.kind) {
    case 'test':
      return { kind: 'test', to: [judged.address] }
    case 'recipients': {
      const [first, ...others] = judged.recipients.map(({ address }) => address)
      return first ? { kind: 'mail', to: [first, ...others] } : refused(`the alias ${said} leads nowhere`)
    }
    case 'refused':
      return refused(whyNot(judged.reply, device, said))
  }
}

function whyNot(reply: Reply, device: DeviceSetup, said: string): string {
  if (reply === replies.needsDomain) {
    return `${said} is no alias, and there is no default_domain to complete it`
  }
  if (reply !== replies.recipientNotAllowed) return `${said} is no mail address`
  return device.allowedRecipients.length > 0
    ? `${device.name} may not write to ${said} (allowed_recipients)`
    : `${said} is no name of this box`
}

async function composed(world: TestMailWorld, setup: Setup, device: DeviceSetup, { kind, to }: Target) {
  const id = await world.spool.takeId()
  const from = senderOf(setup, device)
  const headerMessageId = `${id}.test@${setup.gateway.hostname}`
  const subject = `Test of ${device.name}`
  const content = plainMail({
    from: from ?? to[0],
    fromName: device.senderName === '' ? device.name : device.senderName,
    to,
    subject,
    date: world.clock.wall(),
    headerMessageId,
    text: `This is a test mail of "${device.name}", sent by ${setup.gateway.name} the way its mail goes.\nIf you read this, it works.\n`,
  })
  return ownMessage(
    {
      id,
      kind,
      content,
      subject,
      headerMessageId,
      from,
      to,
      reversePath: from ?? '',
      device: device.name,
      ...(device.route === undefined ? {} : { route: device.route }),
    },
    world.clock,
    world.bootId,
  )
}

/** What the device would say itself; without a sender of its own the first upstream's. */
function senderOf(setup: Setup, device: DeviceSetup) {
  const upstream = setup.upstreams.find(
    (candidate) => candidate.enabled && (device.route?.includes(candidate.name) ?? true),
  )
  return upstream ? senderFor(setup, device, undefined, upstream).sender : device.sender
}
