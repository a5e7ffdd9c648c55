import type { DeviceSetup, ListenerSetup } from '../core/setup.ts'
import { inGroups } from './mint.ts'

/** Where a device reaches the box. */
export interface CardPlace {
  readonly listeners: readonly ListenerSetup[]
  /** Of the box: `branch-07`. */
  readonly name: string
  /** What it answers to in the local network (`branch-07.local`); undefined: to no name. */
  readonly localName: string | undefined
  /** The box's addresses, the one for this device first. */
  readonly addresses: readonly string[]
}

/** What to type at the device's panel, line by line. `password` undefined: known by its address alone, or not to be shown. */
export function card(device: DeviceSetup, password: string | undefined, place: CardPlace): readonly string[] {
  const login = device.username ?? device.alsoKnownAs[0]
  const ports = place.listeners.filter(({ protocol }) => protocol === 'smtp').map(portLine)
  const rows: readonly (readonly [string, string])[] = [
    ['SMTP server', serverOf(place)],
    ...(place.localName === undefined || place.localName === serverOf(place)
      ? []
      : [['or by name', place.localName] as const]),
    ...ports.map((port, index) => [index === 0 ? 'Port' : 'or', port] as const),
    ...signIn(login, device.password === undefined ? undefined : (password ?? '(as set)')),
    ...(device.password === undefined ? [] : popBeforeSmtp(place.listeners)),
    ...(device.sender === undefined ? [] : [['Sender address', device.sender] as const]),
    ['Test', `send a mail to test@${place.name}.local`],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return [device.name, ...rows.map(([what, value]) => `  ${what.padEnd(width)}  ${value}`)]
}

/** Its name is all that is left to say of a box without an address. */
export const serverOf = ({ addresses, localName, name }: CardPlace): string =>
  addresses[0] ?? localName ?? `${name}.local`

const signIn = (
  login: string | undefined,
  password: string | undefined,
): readonly (readonly [string, string])[] =>
  login === undefined || password === undefined
    ? [['Sign-in', 'none: the box knows this device by its address']]
    : [
        ['Sign-in', 'on (SMTP authentication)'],
        ['User name', login],
        ['Password', shown(password)],
      ]

/** Only where such a listener was set up: a panel that can sign in by SMTP should. */
const popBeforeSmtp = (listeners: readonly ListenerSetup[]): readonly (readonly [string, string])[] =>
  listeners
    .filter(({ protocol }) => protocol === 'pop3')
    .slice(0, 1)
    .map(({ port }) => ['POP3 port', `${port}, if the panel asks for POP before SMTP`])

/** Minted passwords are read in groups of four; the blanks are not typed. */
const shown = (password: string): string =>
  /^(?:[a-z0-9]{4}){2,4}$/.test(password) ? `${inGroups(password)}  (without the blanks)` : password

function portLine({ port, security }: ListenerSetup): string {
  // Any free one: nobody knows it before the listener is open.
  const number = port === 0 ? 'chosen at start,' : port
  switch (security) {
    case 'implicit':
      return `${number} with SSL/TLS on`
    case 'starttls':
      return `${number} with STARTTLS, or without encryption`
    case 'plain':
      return `${number} without encryption`
  }
}
