import type { OctetRange } from './content.ts'

export type TransferEncoding = '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | 'uuencode'

/** One MIME entity of a content (RFC 2045, 2046), by its place; no octet of it is held. */
export interface MimePart {
  /** `1`, `2`, `2.1` … as IMAP numbers parts (RFC 3501 section 6.4.5); the top entity of a multipart is `0`. */
  readonly number: string
  readonly parent: string | undefined
  /** `type/subtype` in lower case. */
  readonly type: string
  /** charset, name, method, start …: decoded (RFC 2231, RFC 2047), names in lower case. */
  readonly parameters: Readonly<Record<string, string>>
  readonly encoding: TransferEncoding
  readonly disposition: 'inline' | 'attachment' | undefined
  /** Decoded and cleaned of paths and control characters; undefined if the part names none. */
  readonly fileName: string | undefined
  /** Without angle brackets. */
  readonly contentId: string | undefined
  readonly header: OctetRange
  readonly body: OctetRange
  /** Octets after removing the transfer encoding, exactly. Zero for a multipart. */
  readonly decodedSize: number
  /**
   * The body is base64 that can be passed on as it stands once CR, LF and blanks are taken out: padding only at the
   * end, length a multiple of four, no other character.
   */
  readonly isPlainBase64: boolean
}

/** Where everything is in a content. Made while the octets stream by, kept with the message. */
export interface PartIndex {
  readonly headerEnd: number
  readonly parts: readonly MimePart[]
  /** The scanner met a limit (depth, number of parts, header size) and treats the rest as the body of the last part. */
  readonly isCut: boolean
  readonly has8bit: boolean
  readonly hasBareLineEnds: boolean
  readonly longestLine: number
}
