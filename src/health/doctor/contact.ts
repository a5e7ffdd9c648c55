import type { NameAnswer } from '../../core/diagnosis.ts'
import type { WallMs } from '../../core/time.ts'
import type { Destination } from './destinations.ts'

/** The certificate that a place showed, and what this box thinks of it. */
export interface TlsSight {
  /** `TLSv1.3` */
  readonly protocol: string
  /** Common name, or the first name in the certificate. */
  readonly subject: string
  readonly names: readonly string[]
  readonly issuer: string
  readonly validTo: WallMs | undefined
  /** Empty where it is trusted for this host; else OpenSSL's or Node's verdict (`CERT_HAS_EXPIRED`). */
  readonly error: string
}

/** How far the conversation with a place went. */
export type ContactEnd =
  | { readonly kind: 'unresolved' }
  | { readonly kind: 'refused' }
  /** No answer to the attempt to connect. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unreachable'; readonly code: string }
  /** `status` 0: what it said is no HTTP. */
  | { readonly kind: 'proxy-refused'; readonly status: number; readonly said: string }
  /** Connected, and nothing was said in time. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'closed'; readonly code: string }
  /** What answers speaks another protocol: a portal, most often. */
  | { readonly kind: 'foreign'; readonly said: string }
  /** An SMTP server that does not want us (RFC 5321 section 3.1). */
  | { readonly kind: 'turned-away'; readonly said: string }
  /** `isMasked`: something on the way overwrote the word in the EHLO reply. */
  | { readonly kind: 'no-starttls'; readonly isMasked: boolean }
  | { readonly kind: 'tls-failed'; readonly detail: string }
  | { readonly kind: 'ca-unreadable'; readonly detail: string }
  | { readonly kind: 'reached' }

/** Everything that was seen of one place. */
export interface Contact {
  readonly destination: Destination
  /** Of the name that was dialled: the proxy's where there is one. */
  readonly names: NameAnswer<string>
  readonly end: ContactEnd
  readonly proxy: string
  readonly banner: string
  /** The last EHLO reply, line by line. */
  readonly ehlo: readonly string[]
  readonly tls: TlsSight | undefined
  /** The clock of the place, and ours when it was read. */
  readonly date: { readonly theirs: WallMs; readonly ours: WallMs } | undefined
}

/** Whether a TCP connection came about. */
export function isConnected({ end }: Contact): boolean {
  switch (end.kind) {
    case 'unresolved':
    case 'refused':
    case 'dropped':
    case 'unreachable':
    case 'ca-unreadable':
    case 'proxy-refused':
      return false
    default:
      return true
  }
}

/** The name that had to be looked up: the place's own, or that of the proxy before it. */
export const dialledHost = ({ destination, proxy }: Contact): string =>
  proxy === '' ? destination.host : new URL(`http://${proxy}`).hostname

/** Whether the place can be worked with: it answers and is who it should be. */
export const isUsable = ({ end, tls }: Contact): boolean =>
  end.kind === 'reached' && (tls === undefined || tls.error === '')

/** The public address of this site, as Exchange tells it (`HOST Hello [203.0.113.7]`). */
export function publicAddressIn({ ehlo }: Pick<Contact, 'ehlo'>): string | undefined {
  return /\bHello \[(?:IPv6:)?([0-9a-fA-F:.]+)\]/i.exec(ehlo[0] ?? '')?.[1]
}
