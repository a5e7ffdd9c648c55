import { unknownDevice } from '../core/learning.ts'
import { type Reply, replies } from '../core/reply.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { Reception } from '../core/spool.ts'
import type { PlacedReception, ReceivingParts, SubmissionParts } from './parts.ts'
import type { Rules } from './rules.ts'
import type { TakeOverWindow } from './take-over.ts'
import type { Transaction } from './transaction.ts'

/**
 * The device that an unknown one is taken for in a take-over window: it may write to anybody, since nothing leaves. A
 * device has none of this address, whatever its hardware: else a stranger at the address of a known device would be
 * adopted unseen.
 */
export function strangerAt(
  rules: Rules,
  takeOver: Pick<TakeOverWindow, 'covers'>,
  address: string,
): DeviceSetup | undefined {
  if (!takeOver.covers(address) || !rules.trusted.has(address)) return undefined
  if (rules.byAddress.some(({ networks }) => networks.has(address))) return undefined
  const device: DeviceSetup = {
    name: unknownDevice(address),
    username: undefined,
    password: undefined,
    alsoKnownAs: [],
    addresses: [address],
    mac: '',
    sender: rules.setup.gateway.sender,
    senderName: '',
    keepSender: 'reply-to',
    subjectPrefix: '',
    allowedRecipients: [],
    maxPerHour: 0,
    raisedPerHour: 0,
    raisedUntil: '',
    priority: 'normal',
    owner: undefined,
    route: undefined,
    tls: undefined,
    requireTls: false,
    weakUntil: '',
    certificate: 'auto',
    auth: ['LOGIN', 'PLAIN'],
    charset: 'utf-8',
    dataEnd: 'crlf',
    enabled: true,
  }
  made.add(device)
  return device
}

/** Devices that are made above and stand in no setup. */
const made = new WeakSet<DeviceSetup>()

export const isStranger = (device: DeviceSetup): boolean => made.has(device)

/** Recipients of one mail: a stranger's are judged one by one when it is let go. */
const mostStrangersRecipients = 100

export const mostRecipients = ({ setup }: Rules, device: DeviceSetup): number =>
  Math.min(setup.limits.recipients, isStranger(device) ? mostStrangersRecipients : Number.POSITIVE_INFINITY)

/**
 * Room for a stranger's mail, asked before DATA by what MAIL declared, so that the reply says what is wrong. Does not
 * reject.
 */
export async function strangersRefusal(
  { takeOver, log }: Pick<SubmissionParts, 'takeOver' | 'log'>,
  { declaredSize }: Transaction,
): Promise<Reply | undefined> {
  try {
    using place = await takeOver.place(declaredSize ?? 0)
    return place ? undefined : replies.tooMuchHeld
  } catch (error) {
    log.write('error', 'reception-failed', { detail: String(error) })
    return replies.spoolTrouble
  }
}

/** Submission as a stranger's mail meets it: whatever is stored is held, in its place, and no scheduler is told. */
export function heldBack(submission: SubmissionParts): ReceivingParts {
  const { spool, takeOver } = submission
  return {
    ...submission,
    onAccepted: () => undefined,
    spool: {
      takeId: () => spool.takeId(),
      receive: (id) => heldReception(spool.receive(id), takeOver),
    },
  }
}

function heldReception(reception: Reception, takeOver: TakeOverWindow): PlacedReception {
  return {
    id: reception.id,
    write: (octets) => reception.write(octets),
    content: () => reception.content(),
    abandon: () => reception.abandon(),
    async publish(message) {
      using place = await takeOver.place(message.facts.size)
      if (place) return await reception.publish({ ...message, isUnadopted: true })
      await reception.abandon()
      return { kind: 'no-place' }
    },
  }
}
