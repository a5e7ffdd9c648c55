import { type Address, comparable, mayReach, parseAddress } from '../core/address.ts'
import type { BodyType, DsnWishes, EnvelopeRecipient } from '../core/envelope.ts'
import { type Reply, replies } from '../core/reply.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { AddressCommand } from './edge/path.ts'
import type { Rules } from './rules.ts'

export type Sender =
  | {
      readonly kind: 'sender'
      readonly reversePath: Address | ''
      /** The device's configured sender, since what it said is no address. */
      readonly isOwn: boolean
      readonly bodyType: BodyType
      readonly smtputf8: boolean
      readonly dsn: DsnWishes
    }
  | { readonly kind: 'refused'; readonly reply: Reply }

/**
 * MAIL FROM of a device: any address; what is none (its name, nothing, nonsense) becomes the device's own sender, where
 * it has one. A null reverse-path stays one only where it has none.
 */
export function judgeSender(rules: Rules, device: DeviceSetup, command: AddressCommand): Sender {
  const declared = Number(command.parameters['SIZE'] ?? 0)
  if (declared > rules.setup.gateway.maxMessageSize) return { kind: 'refused', reply: replies.tooLarge }
  const said = readAddress(command.path)
  const reversePath = said ?? device.sender ?? (command.path === '' ? '' : undefined)
  if (reversePath === undefined) return { kind: 'refused', reply: replies.badSender }
  return {
    kind: 'sender',
    reversePath,
    isOwn: said === undefined && reversePath !== '',
    bodyType: parameter(command, 'BODY')?.toUpperCase() === '8BITMIME' ? '8BITMIME' : '7BIT',
    smtputf8: command.parameters['SMTPUTF8'] === true,
    dsn: dsnWishes(command),
  }
}

function dsnWishes(command: AddressCommand): DsnWishes {
  const ret = parameter(command, 'RET')?.toUpperCase()
  const envid = parameter(command, 'ENVID')
  return {
    ...(ret === 'FULL' || ret === 'HDRS' ? { ret } : {}),
    ...(envid === undefined ? {} : { envid }),
  }
}

export type Recipients =
  | { readonly kind: 'recipients'; readonly recipients: readonly EnvelopeRecipient[] }
  /** The box's own test address: answered in the outbox. */
  | { readonly kind: 'test'; readonly address: Address }
  /** `forbidden`: the address that the device may not write to; undefined where there is none to write to. */
  | { readonly kind: 'refused'; readonly reply: Reply; readonly forbidden: Address | undefined }

/** RCPT TO of a device: an address, an alias, a name without domain, or the test address. */
export function judgeRecipient(rules: Rules, device: DeviceSetup, command: AddressCommand): Recipients {
  const said = command.path
  const localName = nameHere(rules, said)
  if (localName === 'test') return testRecipient(rules)
  const alias = localName === undefined ? undefined : rules.aliases.get(localName)
  if (alias) return allowed(device, alias.to, said, command)
  if (localName !== undefined && said.includes('@')) return refused(replies.recipientNotAllowed)
  const address = localName === undefined ? readAddress(said) : completed(rules, said)
  if (!address) return refused(localName === undefined ? replies.badRecipient : replies.needsDomain)
  return allowed(device, [address], said, command)
}

const refused = (reply: Reply, forbidden?: Address): Recipients => ({ kind: 'refused', reply, forbidden })

/** The folded name of `anna` or `anna@branch-07.local`; undefined for an address elsewhere. */
function nameHere(rules: Rules, said: string): string | undefined {
  const folded = comparable(said)
  if (!folded.includes('@')) return folded
  const suffix = `@${rules.localDomain}`
  return folded.endsWith(suffix) ? folded.slice(0, -suffix.length) : undefined
}

function testRecipient(rules: Rules): Recipients {
  const address = parseAddress(`test@${rules.localDomain}`)
  return address ? { kind: 'test', address } : refused(replies.badRecipient)
}

/** RFC 5321 section 4.5.1: `postmaster` alone is always understood. */
function completed(rules: Rules, name: string): Address | undefined {
  const { postmaster, defaultDomain } = rules.setup.gateway
  if (comparable(name) === 'postmaster' && postmaster) return postmaster
  return defaultDomain === '' ? undefined : parseAddress(`${name}@${defaultDomain}`)
}

function allowed(
  device: DeviceSetup,
  targets: readonly Address[],
  said: string,
  command: AddressCommand,
): Recipients {
  const patterns = device.allowedRecipients
  const forbidden = targets.find((target) => !mayReach(target, patterns))
  if (forbidden !== undefined) return refused(replies.recipientNotAllowed, forbidden)
  const notify = parameter(command, 'NOTIFY')
  const orcpt = parameter(command, 'ORCPT')
  const recipients = targets.map((address) => ({
    address,
    ...(address === said ? {} : { said }),
    ...(notify === undefined ? {} : { notify }),
    ...(orcpt === undefined ? {} : { orcpt }),
  }))
  return { kind: 'recipients', recipients }
}

/** An address as devices write it: a dot behind the domain is left out. */
const readAddress = (path: string): Address | undefined => parseAddress(path.replace(/\.+$/, ''))

function parameter(command: AddressCommand, name: string): string | undefined {
  const value = command.parameters[name]
  return typeof value === 'string' ? value : undefined
}
