import { createHash } from 'node:crypto'
import { awaitsAdoption } from '../core/learning.ts'
import type { CollectedAs, NewMessage, Priority } from '../core/message.ts'
import { reviewMs } from '../core/step-delivery.ts'
import { envelopeHash } from './envelope-hash.ts'
import { numberOf } from './message-number.ts'

export const priorityRanks: Readonly<Record<Priority, number>> = { alarm: 0, normal: 1, bulk: 2 }

/** Columns of a message, in the order of its row. */
export const messageColumns = [
  'id',
  'kind',
  'priority',
  'device',
  'session',
  'about',
  'sender',
  'subject',
  'header_message_id',
  'reverse_path',
  'body_type',
  'smtputf8',
  'dsn_ret',
  'dsn_envid',
  'route',
  'size',
  'route_facts',
  'part_index',
  'content_sha256',
  'envelope_sha256',
  'is_identifiable',
  'accepted_wall',
  'accepted_monotonic',
  'boot_id',
  'clock_believable',
  'recipient_count',
  'partial_key',
  'partial_number',
  'partial_total',
] as const

type Cell = string | number | null

/** What a fragment is held against before it is taken. */
export interface CollectedRow {
  readonly key: string
  readonly device: string | null
  readonly envelope: string
  readonly number: number
  readonly content: string
  readonly octets: number
  readonly mostOctets: number
  readonly at: number
}

/**
 * A message as SQLite takes it, made in the thread that received it: a flat list of cells passes to the writer in a
 * third of the time of the message itself.
 */
export interface PublicationRows {
  readonly number: number
  /** By `messageColumns`. */
  readonly message: readonly Cell[]
  /** For each recipient, from the second column on: number, priority, address, said, notify, orcpt, then its start. */
  readonly deliveries: readonly (readonly Cell[])[]
  readonly collected: CollectedRow | undefined
}

/** `size`: octets of the content. */
export function publicationRows(message: NewMessage, size: number): PublicationRows {
  const start = startOf(message)
  const rank = priorityRanks[message.priority]
  return {
    number: numberOf(message.id),
    message: cellsOf(message, size),
    deliveries: message.envelope.recipients.map(({ address, said, notify, orcpt }, index) => [
      index + 1,
      rank,
      address,
      said ?? null,
      notify ?? null,
      orcpt ?? null,
      ...start,
    ]),
    collected: collectedRow(message, size),
  }
}

function cellsOf(message: NewMessage, size: number): readonly Cell[] {
  const { envelope } = message
  const row: Readonly<Record<(typeof messageColumns)[number], Cell | undefined>> = {
    id: numberOf(message.id),
    kind: message.kind,
    priority: priorityRanks[message.priority],
    device: message.device,
    session: message.session,
    about: message.about === undefined ? undefined : numberOf(message.about),
    sender: message.from,
    subject: message.subject,
    header_message_id: message.headerMessageId,
    reverse_path: envelope.reversePath,
    body_type: envelope.bodyType,
    smtputf8: envelope.smtputf8 ? 1 : 0,
    dsn_ret: envelope.dsn.ret,
    dsn_envid: envelope.dsn.envid,
    route: message.route === undefined ? undefined : JSON.stringify(message.route),
    size,
    route_facts: JSON.stringify(message.facts),
    part_index: JSON.stringify(message.index),
    content_sha256: message.contentSha256,
    envelope_sha256: envelopeHash(envelope),
    is_identifiable: message.isIdentifiable ? 1 : 0,
    accepted_wall: message.acceptedWall,
    accepted_monotonic: message.acceptedMonotonic,
    boot_id: message.bootId,
    clock_believable: message.clockBelievable ? 1 : 0,
    recipient_count: envelope.recipients.length,
    partial_key: message.collected && keyOf(message.collected),
    partial_number: message.collected?.fragment.number,
    partial_total: message.collected?.fragment.total ?? message.joinedFrom,
  }
  return messageColumns.map((column) => row[column] ?? null)
}

function collectedRow(message: NewMessage, octets: number): CollectedRow | undefined {
  const { collected } = message
  return (
    collected && {
      key: keyOf(collected),
      device: message.device ?? null,
      envelope: envelopeHash(message.envelope),
      number: collected.fragment.number,
      content: message.contentSha256,
      octets,
      mostOctets: collected.mostOctets,
      at: message.acceptedWall,
    }
  )
}

/** Devices put addresses into the id: those are nobody's to read here. */
const keyOf = ({ fragment }: CollectedAs): string => createHash('sha256').update(fragment.id).digest('hex')

/** State, due time, code, reason, what it waits for, and since when its lifetime counts. */
function startOf({
  acceptedWall,
  notBefore,
  parked,
  isUnadopted,
  collected,
  held,
}: NewMessage): readonly Cell[] {
  // No time makes it due. What counts since then is how long it is held.
  if (isUnadopted === true)
    return ['held', null, awaitsAdoption, 'its device is not adopted yet', null, acceptedWall]
  if (held) return ['held', null, held.code, held.reason, null, null]
  // What counts since then is how long its set waits.
  if (collected)
    return ['collecting', null, 'collecting', 'waits for the other fragments', null, acceptedWall]
  if (parked) {
    const { waitingFor, code, reason } = parked
    return ['deferred', acceptedWall + reviewMs, code, reason, waitingFor, null]
  }
  const dueAt = Math.max(acceptedWall, notBefore ?? acceptedWall)
  if (dueAt > acceptedWall)
    return ['deferred', dueAt, 'paced', 'its device is above its own rate', null, acceptedWall]
  return ['queued', dueAt, 'queued', 'waiting for its first attempt', null, acceptedWall]
}
