import type { DeviceTrait, Whereabouts } from '../core/learning.ts'
import type { DeviceMail, DeviceView } from '../core/operations.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine, wrap } from './plain-text.ts'
import { age, timeAndAge } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `device show`: how it is set up, what it was seen to need, where it is. */
export function showDevice(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.device(name)
    if (result.kind === 'refused') return refusedBy(result)
    const { device, whereabouts, mail } = result
    const now = call.world.clock.wall()
    await show(call, { ...device, whereabouts, mail }, () => [
      ...deviceLines(device),
      ...(device.seen ? seenLines(device.seen, device.weak, now) : []),
      ...wrapped(fact('where', whereaboutsWords(whereabouts, now))),
      ...mailLines(mail, now),
    ])
    return done
  })
}

/** `device find`: one sentence. */
export function findDevice(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.findDevice(name)
    if (result.kind === 'refused') return refusedBy(result)
    const now = call.world.clock.wall()
    await show(call, result.whereabouts, () =>
      wrap(`${name}: ${whereaboutsWords(result.whereabouts, now)}`, 98),
    )
    return done
  })
}

/** Behind the column of names. */
const wrapped = (text: string): readonly string[] =>
  wrap(text.slice(nameWidth), 84).map(
    (line, at) => `${at === 0 ? text.slice(0, nameWidth) : ' '.repeat(nameWidth)}${line}`,
  )

const nameWidth = 12
const fact = (name: string, value: string): string => `${name.padEnd(nameWidth)}${oneLine(value)}`

const deviceLines = (device: DeviceView): readonly string[] => [
  oneLine(device.name),
  fact('user', device.username ?? 'none'),
  fact('password', device.hasPassword ? 'set' : 'none'),
  fact('addresses', device.addresses.length === 0 ? 'any trusted' : device.addresses.join(' ')),
  fact('sender', device.sender ?? 'as it says'),
  fact('owner', device.owner ?? 'none'),
  fact('state', device.enabled ? 'enabled' : 'disabled'),
]

const seenLines = (seen: DeviceTrait, weak: string, now: WallMs): readonly string[] => [
  fact('last seen', `${timeAndAge(seen.lastSeen, now)} at ${seen.address}, session ${seen.lastSession}`),
  fact('encryption', `${seen.tls === '' ? 'none' : seen.tls}${weak === '' ? '' : ' (weak)'}`),
  fact('signs in', seen.mechanism === '' ? 'no: known by its address' : `AUTH ${seen.mechanism}`),
  fact('repairs', seen.repairs.length === 0 ? 'none' : seen.repairs.map(({ name }) => name).join(', ')),
]

const mailLines = ({ lastDay, lastMonth, suppressed }: DeviceMail, now: WallMs): readonly string[] => [
  fact('last day', countsWords(lastDay)),
  fact('30 days', countsWords(lastMonth)),
  ...suppressed.flatMap(({ address, at, mails }) =>
    wrapped(
      fact(
        'held back',
        `${address}: bounced before, so the service did not send ${mails === 1 ? 'a mail' : `${mails} mails`} to it (last ${age(at, now)}); correct it in the address book`,
      ),
    ),
  ),
]

/** A recipient counts as one. 'Delivered' is said by reports only: without them it is accepted. */
function countsWords({ sent, delivered, failed, suppressed }: DeviceMail['lastDay']): string {
  if (sent === 0) return 'no mail'
  const share = `${((100 * failed) / sent).toFixed(1)} %`
  const held = suppressed === 0 ? '' : `, ${suppressed} of them held back by the service`
  return `${sent} sent, ${delivered} reported as delivered, ${failed} failed (${share})${held}`
}

function whereaboutsWords(where: Whereabouts, now: WallMs): string {
  const last =
    where.lastSeen === undefined ? 'it has never come here' : `it was here ${age(where.lastSeen, now)}`
  switch (where.kind) {
    case 'here':
      return `seen ${age(where.lastSeen, now)}`
    case 'silent':
      return `it is on (${where.address} is in the network), but ${last}: compare server and port at its panel with the card`
    case 'absent':
      return `${where.address} is not in this network: is it on, and is that its address? ${last}`
    case 'unknowable':
      return `${last}; it can't be looked for: ${where.why}`
  }
}
