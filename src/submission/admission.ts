import { comparable } from '../core/address.ts'
import { type Reply, replies } from '../core/reply.ts'
import type { OpenedSecret, Secrets } from '../core/secret.ts'
import type { OtherHardware, SignInTrouble } from '../core/session-event.ts'
import type { AuthMechanism, DeviceSetup, ListenerSetup, TlsFloor } from '../core/setup.ts'
import type { WallMs } from '../core/time.ts'
import type { Hardware } from '../platform/neighbours.ts'
import { isPrivate } from '../platform/network.ts'
import type { Rules } from './rules.ts'

/** Trusted networks and the addresses of devices; all else is turned away at once (promise 7). */
export const mayConnect = (rules: Rules, address: string): boolean =>
  rules.trusted.has(address) || rules.byAddress.some(({ networks }) => networks.has(address))

/** Who is at the other end, as far as the network tells. */
export interface Client {
  readonly address: string
  readonly hardware: Hardware
}

/** The device whose `addresses` match most specifically, of those whose hardware address agrees. */
export function deviceAt(rules: Rules, { address, hardware }: Client): DeviceSetup | undefined {
  let best: { readonly device: DeviceSetup; readonly length: number } | undefined
  for (const { device, networks } of rules.byAddress) {
    const length = networks.mostSpecific(address)
    if (length === undefined || length <= (best?.length ?? -1) || !isItsHardware(device, hardware)) continue
    best = { device, length }
  }
  return best?.device
}

/** `mac` holds in attached networks: behind a router nobody can know, and the address alone counts. */
const isItsHardware = ({ mac }: DeviceSetup, hardware: Hardware): boolean =>
  mac === '' || hardware.kind === 'routed' || (hardware.kind === 'known' && hardware.mac === mac)

/** Why a client is not taken for the device that has its address; undefined where no hardware address is in the way. */
export function hardwareTrouble(rules: Rules, { address, hardware }: Client): OtherHardware | undefined {
  const other = rules.byAddress.find(
    ({ device, networks }) => networks.has(address) && !isItsHardware(device, hardware),
  )?.device
  return other && otherHardware(other, hardware)
}

const otherHardware = ({ name, mac }: DeviceSetup, hardware: Hardware): OtherHardware => ({
  device: name,
  expected: mac,
  found: hardware.kind === 'known' ? hardware.mac : undefined,
})

export const hardwareText = ({ device, expected, found }: OtherHardware): string =>
  `not taken for ${device}: its hardware address is ${expected}, this one is ${found ?? 'not in the neighbour table'}`

/** What is known before AUTH and decides how the box speaks, never what may be sent. */
export interface Manners {
  readonly device: DeviceSetup | undefined
  readonly tls: TlsFloor
  readonly certificate: DeviceSetup['certificate']
  readonly hidesStartTls: boolean
  readonly auth: readonly AuthMechanism[]
}

const floors: readonly TlsFloor[] = ['vintage', 'legacy', 'modern']
const stricter = (a: TlsFloor, b: TlsFloor): TlsFloor => (floors.indexOf(a) > floors.indexOf(b) ? a : b)

/**
 * By `addresses`, else by the address that the device last signed in from (`remembered`), else as the listener says. A
 * device's `tls` beats the listener's, never the box's floor; vintage only where `addresses` say so and the address is
 * private; modern, with the ordinary certificate, from its `weak_until` on (`now` undefined: the clock can't be believed, and no date has come).
 */
export function mannersFor(
  rules: Rules,
  listener: Pick<ListenerSetup, 'security' | 'tls'>,
  client: Client,
  remembered: string | undefined,
  now: WallMs | undefined,
): Manners {
  const bound = deviceAt(rules, client)
  const device = bound ?? (remembered === undefined ? undefined : rules.byName.get(remembered))
  const isOver = device !== undefined && isPast(device.weakUntil, now)
  const said = isOver ? 'modern' : device?.tls
  const wanted = said === undefined || said === 'plain' ? listener.tls : said
  const mayBeVintage = bound?.enabled === true && isPrivate(client.address)
  const allowed = wanted === 'vintage' && !mayBeVintage ? 'legacy' : wanted
  return {
    device,
    tls: stricter(allowed, rules.setup.gateway.weakestTls),
    certificate: isOver || !device ? 'auto' : device.certificate,
    hidesStartTls: listener.security === 'plain' || said === 'plain',
    auth: device?.auth ?? ['LOGIN', 'PLAIN'],
  }
}

/** A date as `2027-01-31`, midnight UTC; empty: never. */
export const isPast = (date: string, now: WallMs | undefined): boolean =>
  date !== '' && now !== undefined && now >= Date.parse(date)

/**
 * May a password be said on this connection? Clear text stays within the trusted networks. LOGIN and PLAIN are taken
 * though they were not offered; CRAM-MD5, which some panels fail with, only where a device lists it.
 */
export function maySignIn(
  rules: Rules,
  client: Client,
  isSecure: boolean,
  mechanism: string,
): Reply | undefined {
  if (!isTaken(rules, client, mechanism)) return replies.mechanismUnknown
  if (!isSecure && !rules.trusted.has(client.address)) return replies.encryptionRequired
  return undefined
}

/** What a device insists on by name; other words behind AUTH may be a password in the wrong place. */
const knownMechanisms: ReadonlySet<string> = new Set([
  ...['CRAM-MD5', 'DIGEST-MD5', 'NTLM', 'GSSAPI', 'KERBEROS_V4', 'XOAUTH2', 'OAUTHBEARER', 'EXTERNAL'],
  ...['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SPA', 'MSN', 'LOGIN', 'PLAIN'],
])

/** What the session keeps of a refusal by `maySignIn`. `device` is the one known by its address. */
export const closedSignIn = (reply: Reply, mechanism: string, device: string | undefined): SignInTrouble =>
  reply === replies.mechanismUnknown
    ? { kind: 'mechanism', device, mechanism: knownMechanisms.has(mechanism) ? mechanism : '' }
    : { kind: 'needs-encryption', device: undefined }

const isTaken = (rules: Rules, client: Client, mechanism: string): boolean =>
  mechanism === 'LOGIN' ||
  mechanism === 'PLAIN' ||
  rules.setup.devices.some(
    (device) => device.auth.some((listed) => listed === mechanism) && isAtHome(rules, device, client),
  )

export interface Credentials {
  readonly mechanism: string
  readonly username: string
  readonly isPassword: (password: string) => boolean
}

export type SignIn =
  | { readonly kind: 'in'; readonly device: DeviceSetup; readonly note: string | undefined }
  | {
      readonly kind: 'refused'
      readonly reply: Reply
      readonly why: string
      readonly trouble: SignInTrouble
      readonly isGuess: boolean
    }

/**
 * Who signs in. A device without password that is known by its address is let in whatever it says: panels can't be told
 * to leave AUTH off.
 */
export function judgeSignIn(
  rules: Rules,
  secrets: Secrets,
  from: Client & { readonly isSecure: boolean },
  credentials: Credentials,
): SignIn {
  const bound = deviceAt(rules, from)
  const named = rules.byLogin.get(comparable(credentials.username.trim()))
  const judged = named ? judgeNamed(rules, secrets, from, named, credentials) : unknownLogin
  if (judged.kind === 'in') return afterSignIn(judged, from.isSecure)
  if (bound && bound.password === undefined && bound.enabled) {
    const note = `no password is set for ${bound.name}: its sign-in is taken as it is`
    return afterSignIn({ kind: 'in', device: bound, note }, from.isSecure)
  }
  return judged
}

/** One reply for all of them: which it is would help who guesses. */
const wrong = (why: string, trouble: SignInTrouble): SignIn => ({
  kind: 'refused',
  reply: replies.wrongCredentials,
  why,
  trouble,
  isGuess: true,
})

const unknownLogin = wrong('no device has this user name', {
  kind: 'unknown-login',
  closest: undefined,
})

function judgeNamed(
  rules: Rules,
  secrets: Secrets,
  client: Client,
  device: DeviceSetup,
  credentials: Credentials,
): SignIn {
  const { name } = device
  if (!isAtHome(rules, device, client)) {
    return wrong(`${name} may not sign in from this address`, notAtHome(rules, device, client))
  }
  if (credentials.mechanism === 'CRAM-MD5' && !device.auth.includes('CRAM-MD5')) {
    const trouble = { kind: 'mechanism', device: name, mechanism: 'CRAM-MD5' } as const
    return wrong(`CRAM-MD5 is not listed for ${name}`, trouble)
  }
  if (device.password === undefined) {
    return wrong(`${name} has no password`, { kind: 'no-password', device: name })
  }
  const refused = checkPassword(device, secrets.open(device.password), credentials)
  if (refused) return refused
  if (!device.enabled) return wrong(`${name} is switched off`, { kind: 'switched-off', device: name })
  return { kind: 'in', device, note: undefined }
}

/** With `addresses`, a device is only there; without, on any trusted network. Its hardware address has to agree on either. */
export function isAtHome(rules: Rules, device: DeviceSetup, { address, hardware }: Client): boolean {
  const bound = rules.byAddress.find((entry) => entry.device === device)
  return (bound?.networks ?? rules.trusted).has(address) && isItsHardware(device, hardware)
}

function notAtHome(rules: Rules, device: DeviceSetup, { address, hardware }: Client): SignInTrouble {
  const bound = rules.byAddress.find((entry) => entry.device === device)
  return (bound?.networks ?? rules.trusted).has(address)
    ? { kind: 'other-hardware', hardware: otherHardware(device, hardware) }
    : { kind: 'not-here', device: device.name, isBound: bound !== undefined }
}

function checkPassword(
  device: DeviceSetup,
  opened: OpenedSecret,
  credentials: Credentials,
): SignIn | undefined {
  switch (opened.kind) {
    case 'open':
      return credentials.isPassword(opened.value)
        ? undefined
        : wrong(`wrong password for ${device.name}`, {
            kind: 'wrong-password',
            device: device.name,
            slip: undefined,
          })
    case 'locked':
      return unavailable('the vault is locked')
    case 'absent':
      return unavailable(`the password of ${device.name} is missing in the vault`)
    case 'unreadable':
      return unavailable(`the password of ${device.name}: ${opened.detail}`)
  }
}

const unavailable = (why: string): SignIn => ({
  kind: 'refused',
  reply: replies.temporaryAuthFailure,
  why,
  trouble: { kind: 'vault', detail: why },
  isGuess: false,
})

function afterSignIn(signIn: Extract<SignIn, { kind: 'in' }>, isSecure: boolean): SignIn {
  if (!signIn.device.requireTls || isSecure) return signIn
  const { name } = signIn.device
  const trouble = { kind: 'needs-encryption', device: name } as const
  const why = `${name} has to use encryption`
  return { kind: 'refused', reply: replies.encryptionRequired, why, trouble, isGuess: false }
}

export type Submitter =
  | { readonly kind: 'device'; readonly device: DeviceSetup }
  | { readonly kind: 'refused'; readonly reply: Reply }

/**
 * Who submits, asked at MAIL with the rules of that moment. `signedInAs` is a device's name. A device with a password
 * has to sign in, also at its own address; one without is known by its address.
 */
export function submitterOf(
  rules: Rules,
  client: Client,
  isSecure: boolean,
  signedInAs: string | undefined,
): Submitter {
  const device = signedInAs === undefined ? deviceAt(rules, client) : rules.byName.get(signedInAs)
  if (!device) return { kind: 'refused', reply: strangerReply(rules) }
  if (!device.enabled) return { kind: 'refused', reply: replies.deviceDisabled }
  if (device.requireTls && !isSecure) return { kind: 'refused', reply: replies.encryptionFirst }
  if (signedInAs === undefined && device.password !== undefined) {
    return { kind: 'refused', reply: replies.signInFirst }
  }
  return { kind: 'device', device }
}

/** Where no device has a password, signing in helps nobody: its address is what is missing. */
const strangerReply = ({ setup }: Rules): Reply =>
  setup.devices.some(({ password }) => password !== undefined) ? replies.signInFirst : replies.relayingDenied
