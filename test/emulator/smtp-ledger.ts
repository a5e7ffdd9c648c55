// What the SMTP upstream saw: mails it took responsibility for, and every connection.
import type { SmtpPath } from './smtp-commands.ts'
import type { SmtpContent } from './smtp-content.ts'
import type { AuthMechanism } from './smtp-settings.ts'

export interface SmtpTls {
  /** As Node names it: `TLSv1.2`, `TLSv1.3`. */
  readonly version: string
  readonly cipher: string
  /** SNI; `undefined` if the client sent none. */
  readonly servername: string | undefined
  readonly clientCertificate: ClientCertificate | undefined
}

export interface ClientCertificate {
  readonly commonName: string
  /** DNS names among the subject's alternative names. */
  readonly names: readonly string[]
  readonly fingerprint256: string
  /** Whether its chain leads to the authority that the upstream was told to trust, and it is in its time. */
  readonly isTrusted: boolean
}

/** A message whose final dot was answered by 2xx, or stored by a scripted fault. */
export interface SmtpMail extends SmtpContent {
  readonly connectionId: number
  /** Milliseconds since the epoch, upstream's clock. */
  readonly at: number
  readonly mailFrom: SmtpPath
  /** Only those answered 2xx. */
  readonly recipients: readonly SmtpPath[]
  readonly size: number
  readonly transfer: 'DATA' | 'BDAT'
  readonly tls: SmtpTls | undefined
  readonly user: string | undefined
}

export interface SmtpConnection {
  /** From 1, in order of arrival. */
  readonly id: number
  readonly at: number
  /** As the upstream sees it. */
  readonly clientAddress: string
  /** Counted when it was opened. */
  readonly isOverLimit: boolean
  isOpen: boolean
  /** EHLO or HELO name. */
  greeting: string | undefined
  tls: SmtpTls | undefined
  /** Why a handshake failed (OpenSSL's or Node's code). */
  tlsError: string | undefined
  user: string | undefined
  mechanism: AuthMechanism | undefined
  /** Command verbs as they came, for counting. */
  readonly verbs: string[]
  /** `C: …` and `S: …`; credentials masked, content left out. */
  readonly transcript: string[]
  /** Where the client broke a rule of SMTP, whether or not it was refused for it. */
  readonly violations: string[]
  mailsStored: number
}

export function newConnection(
  opening: Pick<SmtpConnection, 'id' | 'at' | 'clientAddress' | 'isOverLimit'>,
): SmtpConnection {
  return {
    ...opening,
    isOpen: true,
    greeting: undefined,
    tls: undefined,
    tlsError: undefined,
    user: undefined,
    mechanism: undefined,
    verbs: [],
    transcript: [],
    violations: [],
    mailsStored: 0,
  }
}
