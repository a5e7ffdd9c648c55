import { parseAddress } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Done } from '../core/operations.ts'
import { senderFor } from '../core/route.ts'
import type { DeviceSetup, Setup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { ownMessage } from '../delivery/own-message.ts'
import { plainMail } from '../message/own-mail.ts'
import { maySendTo } from './settings-operations.ts'

interface TestMailWorld {
  readonly spool: Spool
  readonly clock: Clock
  readonly bootId: string
  readonly setup: () => Setup
  readonly onAccepted: () => void
}

/** A real mail of the device the whole way: its sender, its route, its quota. Mail to `test` stays in the outbox. */
export async function sendTestMail(
  world: TestMailWorld,
  name: string,
  to: string,
): Promise<Done<{ readonly message: string }>> {
  const setup = world.setup()
  const device = setup.devices.find((candidate) => candidate.name === name || candidate.username === name)
  if (!device) return refused(`there is no device ${name}: see \`inkpost device list\``)
  const address = parseAddress(to)
  if (!address) return refused(`${to} is no mail address`)
  if (!maySendTo(device, to)) return refused(`${device.name} may not write to ${to} (allowed_recipients)`)
  const own = await composed(world, setup, device, address)
  const reception = world.spool.receive(own.message.id)
  await reception.write(own.content)
  const publication = await reception.publish(own.message)
  if (publication.kind !== 'stored')
    return refused(publication.kind === 'full' ? 'the disk is full' : publication.detail)
  world.onAccepted()
  return { kind: 'done', message: own.message.id }
}

const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason,
})

async function composed(
  world: TestMailWorld,
  setup: Setup,
  device: DeviceSetup,
  to: NonNullable<ReturnType<typeof parseAddress>>,
) {
  const id = await world.spool.takeId()
  const from = senderOf(setup, device)
  const headerMessageId = `${id}.test@${setup.gateway.hostname}`
  const subject = `Test of ${device.name}`
  const content = plainMail({
    from: from ?? to,
    fromName: device.senderName === '' ? device.name : device.senderName,
    to: [to],
    subject,
    date: world.clock.wall(),
    headerMessageId,
    text: `This is a test mail of "${device.name}", sent by ${setup.gateway.name} the way its mail goes.\nIf you read this, it works.\n`,
  })
  const isBoxOnly = to.endsWith(`@${setup.gateway.name}.local`)
  return ownMessage(
    {
      id,
      kind: isBoxOnly ? 'test' : 'mail',
      content,
      subject,
      headerMessageId,
      from,
      to: [to],
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
