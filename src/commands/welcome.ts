import type { ListenerView } from '../core/operations.ts'
import type { ExampleDevice, ReadyFacts } from './gateway-module.ts'

export interface Welcome {
  readonly facts: ReadyFacts
  /** The example device's card; empty where there is none. */
  readonly card: readonly string[]
  /** Undefined once the box is claimed. */
  readonly claimCode: string | undefined
}

/** What a person sees who has just started a gateway in the foreground. */
export function welcomeLines({ facts, card, claimCode }: Welcome): readonly string[] {
  const mail = facts.example && curlLine(facts.example, facts.listeners)
  return [
    ...(card.length === 0 ? [] : ['', 'Type this into a printer:', '', ...card.map((line) => `  ${line}`)]),
    ...(facts.console === '' ? [] : ['', `The console: ${facts.console}`]),
    ...(claimCode === undefined ? [] : [`Its claim code: ${claimCode}`]),
    ...(mail === undefined ? [] : ['', 'Send a first mail from another terminal:', '', mail]),
    '',
    'Then look at `./inkpost queue --all` and `./inkpost status`. Ctrl-C ends the gateway.',
    '',
  ]
}

type Place = Pick<ListenerView, 'name' | 'address' | 'port'>

/**
 * A command that needs no file and no input: curl makes the MIME of `-F` itself, so that it works from any folder.
 * Undefined where no listener speaks SMTP in clear.
 */
export function curlLine(example: ExampleDevice, listeners: readonly Place[]): string | undefined {
  const place = listeners.find((listener) => listener.name === 'submission') ?? listeners[0]
  if (!place) return undefined
  const from = example.sender ?? 'printer@example.com'
  const to = 'anna@example.com'
  return [
    'curl -sS',
    `smtp://${reachable(place.address)}:${place.port}`,
    `--user ${quoted(`${example.username}:${example.password}`)}`,
    `--mail-from ${quoted(from)}`,
    `--mail-rcpt ${to}`,
    "-H 'Subject: Hello from inkpost'",
    `-H ${quoted(`From: ${from}`)}`,
    `-H 'To: ${to}'`,
    "-F '=It works.'",
  ].join(' ')
}

/** A listener on every address is reached by loopback. */
function reachable(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return address.includes(':') ? `[${address}]` : address
}

/** One word for a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
