import type { DeviceView } from '../core/operations.ts'
import type { ExampleDevice, ReadyFacts, ReadyListener } from './gateway-module.ts'

export interface Welcome {
  readonly facts: ReadyFacts
  /** The example device's card; empty where there is none. */
  readonly card: readonly string[]
  /** Undefined once the box is claimed. */
  readonly claimCode: string | undefined
  readonly devices: readonly Pick<DeviceView, 'name' | 'enabled'>[]
}

/** What a person sees who has just started a gateway in the foreground. */
export function welcomeLines({ facts, card, claimCode, devices }: Welcome): readonly string[] {
  const mail = facts.example && curlLine(facts.example, facts.listeners)
  return [
    ...(card.length === 0 ? [] : ['', 'Type this into a printer:', '', ...card.map((line) => `  ${line}`)]),
    ...(facts.console === '' ? [] : ['', `The console: ${facts.console}`]),
    ...(claimCode === undefined ? [] : [`Its claim code: ${claimCode}`]),
    ...(mail === undefined
      ? ['', ...ownDeviceLines(devices)]
      : ['', 'Send a first mail from another terminal:', '', mail]),
    '',
    'Then look at `./inkpost queue --all` and `./inkpost status`. Ctrl-C ends the gateway.',
    '',
  ]
}

/** Without the example device: passwords of real ones are shown when somebody asks, not at every start. */
function ownDeviceLines(devices: Welcome['devices']): readonly string[] {
  const device = devices.find(({ enabled }) => enabled)
  if (!device)
    return ['No device may send yet: `./inkpost device add NAME` makes one and prints what to type into it.']
  const name = quoted(device.name)
  return [
    `What to type into a printer: \`./inkpost device card ${name}\`.`,
    `A first mail the whole way: \`./inkpost send-test --device ${name} --to ADDRESS\`.`,
  ]
}

/**
 * A command that needs no file and no input: curl makes the MIME of `-F` itself, so that it works from any folder.
 * Undefined where no listener speaks SMTP.
 */
export function curlLine(example: ExampleDevice, listeners: readonly ReadyListener[]): string | undefined {
  const place = placeForCurl(listeners)
  if (!place) return undefined
  const from = example.sender ?? 'printer@example.com'
  const to = 'anna@example.com'
  return [
    // The box's certificate is its own.
    place.security === 'implicit' ? 'curl -sS --insecure' : 'curl -sS',
    `${place.security === 'implicit' ? 'smtps' : 'smtp'}://${reachable(place.address)}:${place.port}`,
    `--user ${quoted(`${example.username}:${example.password}`)}`,
    `--mail-from ${quoted(from)}`,
    `--mail-rcpt ${to}`,
    "-H 'Subject: Hello from inkpost'",
    `-H ${quoted(`From: ${from}`)}`,
    `-H 'To: ${to}'`,
    "-F '=It works.'",
  ].join(' ')
}

/** The one for submission where there is one; in clear rather than behind a certificate that curl does not know. */
function placeForCurl(listeners: readonly ReadyListener[]): ReadyListener | undefined {
  const smtp = listeners.filter(({ protocol }) => protocol === 'smtp')
  const clear = smtp.filter(({ security }) => security !== 'implicit')
  return clear.find(({ name }) => name === 'submission') ?? clear[0] ?? smtp[0]
}

/** A listener on every address is reached by loopback. */
function reachable(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return address.includes(':') ? `[${address}]` : address
}

/** One word for a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
