// What a service decides beyond the protocol: accounts, senders, quotas, blocks. Each question is put when the protocol
// itself has no objection.
import type { SmtpPath } from './smtp-commands.ts'
import type { SmtpContent } from './smtp-content.ts'
import type { SmtpConnection } from './smtp-ledger.ts'

export interface SmtpEnvelope {
  readonly mailFrom: SmtpPath
  readonly recipients: readonly SmtpPath[]
}

/** Whole replies with 4xx or 5xx; `undefined` when there is no objection. */
export interface SmtpPolicy {
  readonly hello?: (connection: SmtpConnection, name: string) => string | undefined
  /** AUTH PLAIN and LOGIN; in place of `settings.accounts`. */
  readonly password?: (connection: SmtpConnection, user: string, password: string) => string | undefined
  /** XOAUTH2; in place of `settings.isTokenValid`. */
  readonly token?: (connection: SmtpConnection, user: string, token: string) => string | undefined
  readonly mail?: (connection: SmtpConnection, mailFrom: SmtpPath) => string | undefined
  /** `envelope` is without the recipient in question. */
  readonly recipient?: (
    connection: SmtpConnection,
    recipient: SmtpPath,
    envelope: SmtpEnvelope,
  ) => string | undefined
  /** After the final dot or `BDAT … LAST`, before the mail is stored. */
  readonly content?: (
    connection: SmtpConnection,
    content: SmtpContent,
    envelope: SmtpEnvelope,
  ) => Promise<string | undefined>
}
