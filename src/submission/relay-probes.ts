import { type Address, domainOf, localPartOf, matchesAny, parseAddress } from '../core/address.ts'
import type { DeviceSetup } from '../core/setup.ts'
import { parseBlock } from '../platform/network.ts'
import { type Client, deviceAt, maySignIn, submitterOf } from './admission.ts'
import { repairCommand } from './edge/dialect.ts'
import { readAddressCommand } from './edge/path.ts'
import { judgeRecipient } from './envelope-addresses.ts'
import type { Rules } from './rules.ts'

/** Something that is open and should not be, in a sentence. */
export interface Opening {
  readonly sentence: string
}

/** Whom the probes ask: admission, or in a test one with a hole in it. */
export interface Gatekeepers {
  readonly submitterOf: typeof submitterOf
  readonly maySignIn: typeof maySignIn
  readonly judgeRecipient: typeof judgeRecipient
}

const gatekeepers: Gatekeepers = { submitterOf, maySignIn, judgeRecipient }

/** Addresses that are nobody's (RFC 5737, RFC 3849): a network that has one of them is written too wide. */
export const strangers = ['192.0.2.253', '198.51.100.253', '203.0.113.253', '2001:db8::dead:beef'] as const
/** RFC 2606: mail to it could never arrive. */
const outside = 'relay-probe.invalid'

/**
 * Asks admission what it would do with those who must not be let in, over the setup as it is: strangers, devices that did
 * not sign in, and recipients of devices that may not write to everybody. What is found is open. Takes well under 5 ms.
 */
export function findOpenings(rules: Rules, by: Gatekeepers = gatekeepers): readonly Opening[] {
  return [
    ...[...strangers, ...unknownAddresses(rules)].flatMap((address) => openToStranger(rules, by, address)),
    ...rules.setup.devices.flatMap((device) => openWithoutSignIn(rules, by, device)),
    ...byPatterns(rules.setup.devices).flatMap((device) => openBeyondPatterns(rules, by, device)),
  ]
}

/** One device of each list of allowed recipients: a hundred scanners have the same one. */
const byPatterns = (devices: readonly DeviceSetup[]): readonly DeviceSetup[] => [
  ...new Map(devices.map((device) => [device.allowedRecipients.join(' '), device])).values(),
]

const clientAt = (address: string): Client => ({ address, hardware: { kind: 'unknown' } })

/** One address of each trusted network that is no device's: its last one, where a device is seldom put. */
export function unknownAddresses(rules: Rules): readonly string[] {
  return rules.setup.gateway.trustedNetworks
    .flatMap((network) => lastAddress(network) ?? [])
    .filter((address) => !rules.byAddress.some(({ networks }) => networks.has(address)))
}

/** Of an IPv4 network; others are left to their first address. */
function lastAddress(network: string): string | undefined {
  const block = parseBlock(network)
  if (block?.family !== 'ipv4') return block?.address
  const octets = block.address.split('.').map(Number)
  return octets
    .map((octet, at) => octet | (0xff >> Math.min(8, Math.max(0, block.prefix - 8 * at))))
    .join('.')
}

function openToStranger(rules: Rules, by: Gatekeepers, address: string): Opening[] {
  const submitter = by.submitterOf(rules, clientAt(address), false, undefined)
  const openings: Opening[] = []
  if (submitter.kind === 'device') {
    openings.push({
      sentence: `whoever has the address ${address} may send as ${submitter.device.name} without signing in`,
    })
  }
  if (!rules.trusted.has(address) && !by.maySignIn(rules, clientAt(address), false, 'PLAIN')) {
    openings.push({ sentence: `${address} is in no trusted network and may say passwords in clear` })
  }
  return openings
}

/** A device that has a password, at each of its addresses, without having said it. */
function openWithoutSignIn(rules: Rules, by: Gatekeepers, device: DeviceSetup): Opening[] {
  if (device.password === undefined && device.enabled) return []
  const why = device.enabled ? 'without its password' : 'though it is switched off'
  return device.addresses.flatMap((network) => {
    const address = parseBlock(network)?.address
    if (address === undefined || deviceAt(rules, clientAt(address)) !== device) return []
    const submitter = by.submitterOf(rules, clientAt(address), true, undefined)
    return submitter.kind === 'device' ? [{ sentence: `${address} may send as ${device.name} ${why}` }] : []
  })
}

/** Ways to say an address so that one reader takes it for allowed and the next one sends it elsewhere. */
const forms: readonly ((inside: string) => string)[] = [
  () => `<victim@${outside}>`,
  (inside) => `<victim%${outside}@${inside}>`,
  (inside) => `<${outside}!victim@${inside}>`,
  (inside) => `<"victim@${outside}"@${inside}>`,
  (inside) => `<@${inside}:victim@${outside}>`,
  (inside) => `<@${inside},@${outside}:victim@${outside}>`,
  (inside) => `<victim@${outside}@${inside}>`,
  (inside) => `<victim@${inside}@${outside}>`,
  (inside) => `<victim@${outside},anna@${inside}>`,
  (inside) => `<victim@${outside}>anna@${inside}`,
  (inside) => `"anna@${inside}" <victim@${outside}>`,
  (inside) => `<anna@${inside}> <victim@${outside}>`,
  (inside) => `victim@${outside} <anna@${inside}>`,
  (inside) => `<victim@${outside}\u0000@${inside}>`,
  (inside) => `<victim@${inside}.${outside}>`,
  () => `<victim@${outside}.>`,
  (inside) => `<victim@[192.0.2.1]> ORCPT=rfc822;anna@${inside}`,
]

function openBeyondPatterns(rules: Rules, by: Gatekeepers, device: DeviceSetup): Opening[] {
  const patterns = device.allowedRecipients
  if (patterns.length === 0 || patterns.includes('*')) return []
  const insides = new Set(patterns.map((pattern) => pattern.slice(pattern.lastIndexOf('@') + 1)))
  const lines = [...insides].flatMap((inside) => forms.map((form) => `RCPT TO:${form(inside)}`))
  const said = [...lines, ...rules.setup.aliases.map(({ name }) => `RCPT TO:<${name}>`)]
  return said.flatMap((line) => {
    const reached = recipientsOf(rules, by, device, line).find((address) => !isWithin(address, patterns))
    return reached === undefined
      ? []
      : [
          {
            sentence: `${device.name} reaches ${reached} by ${printable(line)}, and its allowed_recipients do not`,
          },
        ]
  })
}

const asked = { hasGreeted: true, hasSender: true }

/** As the conversation does it: the dialect is mended, then the path is read. */
function recipientsOf(rules: Rules, by: Gatekeepers, device: DeviceSetup, said: string): readonly Address[] {
  const command = readAddressCommand('RCPT TO', repairCommand(said, asked)?.line ?? said)
  if (!command) return []
  const judged = by.judgeRecipient(rules, device, command)
  return judged.kind === 'recipients' ? judged.recipients.map(({ address }) => address) : []
}

/** Stricter than admission: nothing in the local part that some mail server takes for a way elsewhere. */
function isWithin(address: Address, patterns: readonly string[]): boolean {
  const again = parseAddress(address)
  return (
    again !== undefined &&
    matchesAny(address, patterns) &&
    !domainOf(address).includes(outside) &&
    !localPartOf(address).includes(outside)
  )
}

const printable = (line: string): string => JSON.stringify(line).slice(1, -1)
