// What the driver tests send, and the rest of the house as the drivers see it. No test of its own.
import { randomUUID } from 'node:crypto'
import type { Address } from '../core/address.ts'
import { parseAddress } from '../core/address.ts'
import { contentOf } from '../core/content.ts'
import type { LogFields, LogLevel } from '../core/log.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { OpenedSecret, SecretName } from '../core/secret.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import type { ClientIdentity, Consignment, OutboxEntry } from '../core/upstream.ts'
import { PartScanner } from '../message/part-scanner.ts'
import { systemClock } from '../platform/clock.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import { TokenSource } from './token-source.ts'
import type { UpstreamParts } from './upstream-parts.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Error(`no address: ${text}`)
  return parsed
}

export interface ExampleHouse extends UpstreamParts, Disposable {
  /** By name, in the clear: a test may change them while it runs. */
  readonly secrets: { open(name: SecretName): OpenedSecret } & Map<string, string>
  readonly kept: OutboxEntry[]
  readonly lines: string[]
}

const noIdentity: ClientIdentity = {
  open: () => ({ kind: 'unavailable', detail: 'none made' }),
  others: () => [],
}

export function exampleHouse(change: Partial<UpstreamParts> & { timeoutMs?: number } = {}): ExampleHouse {
  const secrets = Object.assign(new Map<string, string>(), {
    open: (name: SecretName): OpenedSecret => {
      const value = secrets.get(name)
      return value === undefined ? { kind: 'absent' } : { kind: 'open', value }
    },
  })
  const { timeoutMs = 15_000, ...given } = change
  const clock = given.clock ?? systemClock(wallMs(0))
  const identity = given.identity ?? noIdentity
  const tokens = new TokenSource({ clock, secrets, identity, proxy: '', timeoutMs })
  const kept: OutboxEntry[] = []
  const lines: string[] = []
  return {
    gateway: { hostname: 'branch-07.contoso.com', proxy: '' },
    log: {
      write: (level: LogLevel, event: string, fields?: LogFields) =>
        void lines.push(JSON.stringify({ level, event, ...fields })),
    },
    memory: new MemoryBudget(48_000_000),
    tokens,
    outbox: { keep: async (entry) => void kept.push(entry) },
    ...given,
    clock,
    identity,
    secrets,
    kept,
    lines,
    [Symbol.dispose]: () => tokens[Symbol.dispose](),
  }
}

export function exampleSetup(change: Partial<UpstreamSetup>): UpstreamSetup {
  return {
    name: 'out',
    kind: 'acs-email',
    enabled: true,
    endpoint: '',
    authority: '',
    host: '',
    port: 0,
    security: 'starttls',
    username: '',
    senders: [],
    sender: undefined,
    quota: {},
    connections: 2,
    maxMessageSize: undefined,
    acceptedDomains: [],
    licences: 0,
    price: undefined,
    caFile: '',
    reportsQueue: '',
    credential: { kind: 'none' },
    ...change,
  }
}

/** A small mail to `recipients`, with `text` as its octets. */
export function exampleConsignment(change: Partial<Consignment> = {}): Consignment {
  const octets = Buffer.from('From: <scanner@contoso.com>\r\nSubject: Scan\r\n\r\nHere it is.\r\n')
  const recipients = change.recipients ?? [{ number: 1, address: address('anna@contoso.com') }]
  return {
    message: messageIdOf(7),
    part: 1,
    parts: 1,
    generation: 1,
    operationId: randomUUID(),
    envelope: {
      reversePath: address('scanner@contoso.com'),
      recipients,
      bodyType: '7BIT',
      smtputf8: false,
      dsn: {},
    },
    recipients,
    headerMessageId: '1@branch-07.contoso.com',
    subject: 'Scan',
    rewrite: { sender: undefined, senderName: '', keepOriginalInReplyTo: false, subjectPrefix: '' },
    content: contentOf(octets),
    index: {
      headerEnd: octets.indexOf('\r\n\r\n') + 4,
      parts: [],
      isCut: false,
      has8bit: false,
      hasBareLineEnds: false,
      longestLine: 40,
    },
    acceptedWall: wallMs(Date.UTC(2026, 10, 21)),
    isRepeat: false,
    isRefusedAsItIs: false,
    ...change,
  }
}

/** A mail as the spool gives it back: its octets in pieces, with its part index. */
export function mailConsignment(octets: Uint8Array, change: Partial<Consignment> = {}): Consignment {
  const scanner = new PartScanner()
  scanner.feed(octets)
  return exampleConsignment({ content: contentOf(octets), index: scanner.finish(), ...change })
}

/** A scan as a printer sends it: one text, files in base64 with names that may be anything. */
export function scanMail(files: readonly { readonly name: string; readonly octets: Uint8Array }[]): Buffer {
  const head = [
    'From: Front desk <scan1@printer.local>',
    'To: =?utf-8?B?w4RubmE=?= <anna@contoso.com>',
    'Subject: =?utf-8?B?U2NhbiBmw7xyIFNpZQ==?=',
    'Message-ID: <1@branch-07.contoso.com>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Grüße vom Gerät \u{1f5a8}',
  ]
  const parts = files.flatMap(({ name, octets }) => [
    '--b',
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`,
    '',
    Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n'),
  ])
  return Buffer.from([...head, ...parts, '--b--', ''].join('\r\n'))
}
