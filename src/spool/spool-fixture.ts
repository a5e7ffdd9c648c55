import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseAddress } from '../core/address.ts'
import type { Content, OctetRange } from '../core/content.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { DeliveryChange, PartKey, PartStart, Publication, Settlement, Spool } from '../core/spool.ts'
import { monotonicMs, type WallMs, wallMs } from '../core/time.ts'
import { openSpool, type SpoolOptions } from './open-spool.ts'

// What the tests of this room share: a spool in a folder of its own, and mail to put into it.

export const noon = wallMs(Date.UTC(2026, 10, 1, 12))
export const later = (ms: number): WallMs => wallMs(noon + ms)

export interface TestSpool extends AsyncDisposable {
  readonly spool: Spool
  readonly file: string
  /** Closes it and opens it again, as a new process would. */
  reopen(options?: Partial<SpoolOptions>): Promise<Spool>
}

export async function testSpool(options: Partial<SpoolOptions> = {}): Promise<TestSpool> {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  const file = join(folder, 'spool.db')
  let spool = await opened({ file, reserveOctets: 0, ...options })
  return {
    get spool() {
      return spool
    },
    file,
    async reopen(changed = options) {
      await spool[Symbol.asyncDispose]()
      spool = await opened({ file, reserveOctets: 0, ...changed })
      return spool
    },
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

export async function opened(options: SpoolOptions): Promise<Spool> {
  const opening = await openSpool(options)
  return opening.kind === 'open' ? opening.spool : assert.fail(`${opening.kind}: ${opening.detail}`)
}

export const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)

/** Octets that differ from place to place and from seed to seed. */
export function octetsOf(size: number, seed = 1): Uint8Array {
  const octets = new Uint8Array(size)
  let state = seed >>> 0 || 1
  for (let at = 0; at < size; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    octets[at] = state
  }
  return octets
}

export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

export function newMessage(id: MessageId, size: number, with_: Partial<NewMessage> = {}): NewMessage {
  return {
    id,
    kind: 'mail',
    priority: 'normal',
    device: 'scanner',
    from: address('scanner@contoso.com'),
    subject: 'Scan',
    headerMessageId: `${id}@branch-07`,
    envelope: {
      reversePath: address('scanner@contoso.com'),
      recipients: [{ address: address('anna@contoso.com') }],
      bodyType: '8BITMIME',
      smtputf8: false,
      dsn: {},
    },
    route: undefined,
    facts: { size, acsSize: size * 2, fidelity: [] },
    index: {
      headerEnd: 10,
      parts: [],
      isCut: false,
      has8bit: false,
      hasBareLineEnds: false,
      longestLine: 78,
    },
    contentSha256: 'f'.repeat(64),
    isIdentifiable: true,
    session: 'S1',
    acceptedWall: noon,
    acceptedMonotonic: monotonicMs(5),
    bootId: 'boot',
    clockBelievable: true,
    ...with_,
  }
}

export const recipientsOf = (...addresses: readonly string[]): Partial<NewMessage> => ({
  envelope: {
    reversePath: address('scanner@contoso.com'),
    recipients: addresses.map((text) => ({ address: address(text) })),
    bodyType: '8BITMIME',
    smtputf8: false,
    dsn: {},
  },
})

export async function publishing(
  spool: Spool,
  octets: Uint8Array,
  with_: Partial<NewMessage> = {},
): Promise<{ readonly id: MessageId; readonly publication: Publication }> {
  const id = await spool.takeId()
  const reception = spool.receive(id)
  for (let at = 0; at < octets.length; at += 50_000) await reception.write(octets.subarray(at, at + 50_000))
  return { id, publication: await reception.publish(newMessage(id, octets.length, with_)) }
}

export async function published(
  spool: Spool,
  octets: Uint8Array = octetsOf(100),
  with_: Partial<NewMessage> = {},
): Promise<MessageId> {
  const { id, publication } = await publishing(spool, octets, with_)
  assert.deepEqual(publication, { kind: 'stored' })
  return id
}

export async function readAll(content: Content | undefined, range?: OctetRange): Promise<Uint8Array> {
  assert.ok(content, 'the content is there')
  const pieces: Uint8Array[] = []
  for await (const piece of content.read(range)) {
    assert.ok(piece.length <= 65536, 'a piece is at most 64 KiB')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

export const partKey = (message: MessageId, number = 1, generation = 1): PartKey => ({
  message,
  upstream: 'acs',
  number,
  generation,
})

export function changeTo(
  message: MessageId,
  recipient: number,
  state: DeliveryState,
  with_: Partial<DeliveryChange> = {},
): DeliveryChange {
  return {
    message,
    recipient,
    state,
    dueAt: undefined,
    waitingFor: undefined,
    code: state,
    reason: `now ${state}`,
    status: undefined,
    attempts: 1,
    lifetime: { countedMs: 0, since: noon },
    upstream: 'acs',
    refusedBy: [],
    ...with_,
  }
}

export function startOf(key: PartKey, recipients: readonly number[] = [1]): PartStart {
  return {
    part: {
      ...key,
      operationId: `op-${key.message}-${key.number}-${key.generation}`,
      bodySha256: 'abc',
      recipients,
      startedAt: noon,
    },
    changes: recipients.map((recipient) => changeTo(key.message, recipient, 'sending')),
    use: { upstream: 'acs', what: 'send', at: noon, messages: 1, recipients: recipients.length, external: 0 },
  }
}

export function settlementOf(
  part: PartKey | undefined,
  changes: readonly DeliveryChange[],
  with_: Partial<Settlement> = {},
): Settlement {
  return {
    part,
    partState: 'accepted',
    nextAskAt: undefined,
    asked: false,
    changes,
    attempt: {
      at: noon,
      upstream: 'acs',
      number: 1,
      outcome: 'accepted',
      detail: 'taken over',
      tookMs: 120,
    },
    reports: [],
    ...with_,
  }
}

/** Sends a message's first recipient the whole way to `accepted`. */
export async function delivered(spool: Spool, id: MessageId): Promise<void> {
  assert.equal(await spool.start(startOf(partKey(id))), true)
  await spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'accepted')]))
}
