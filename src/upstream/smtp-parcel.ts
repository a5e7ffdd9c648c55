import type { OctetRange } from '../core/content.ts'
import type { WallMs } from '../core/time.ts'
import type { Consignment } from '../core/upstream.ts'
import { dateHeader } from '../message/missing-date.ts'
import { rewriteHeader } from '../message/rewrite-sender.ts'
import { dataOctets, dataSha256 } from '../message/wire.ts'
import { build } from '../platform/build.ts'

/** A message as DATA carries it: header rewritten, lines ended by CRLF, dots not yet stuffed. */
export interface SmtpParcel {
  readonly size: number
  /** Hexadecimal, of all octets. */
  readonly sha256: string
  readonly has8bit: boolean
  /** The header as it goes out, as it was rewritten. */
  readonly header: Uint8Array
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

export type SmtpPack = (consignment: Consignment, signal: AbortSignal) => Promise<SmtpParcel>

/** What a restart by another clock left uncorrected is no time: no Date is better than one of 1970. */
const isKnown = (at: WallMs): boolean => at >= build.date

/** Rewrites the header and passes over the octets once, for size and hash. */
export async function packSmtp(consignment: Consignment, signal: AbortSignal): Promise<SmtpParcel> {
  return parcelUnder(await outgoingHeader(consignment, signal), consignment, signal)
}

/** The header as the way out shall see it. */
export async function outgoingHeader(consignment: Consignment, signal: AbortSignal): Promise<Uint8Array> {
  const { content, rewrite, acceptedWall } = consignment
  const spooled = await readAll(content.read(headerRange(consignment), signal))
  const rewritten = rewriteHeader(spooled, rewrite)
  return isKnown(acceptedWall) ? dateHeader(rewritten, acceptedWall) : rewritten
}

/** The content under `header`, passed over once. */
export async function parcelUnder(
  header: Uint8Array,
  { content, index }: Consignment,
  signal: AbortSignal,
): Promise<SmtpParcel> {
  const { size, sha256 } = await dataSha256(content, header, index.headerEnd, signal)
  return {
    size,
    sha256,
    has8bit: index.has8bit || header.some((octet) => octet > 127),
    header,
    read: (reading) => dataOctets(content, header, index.headerEnd, reading),
  }
}

const headerRange = ({ index }: Consignment): OctetRange => ({ start: 0, end: index.headerEnd })

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
