import type { UpstreamKind } from '../core/setup.ts'
import { mailboxConnections } from '../core/upstream-kinds.ts'
import { acsScope } from './acs-credential.ts'

export type SmtpUpstreamKind = Exclude<UpstreamKind, 'outbox' | 'acs-email' | 'graph'>

/** SASL mechanisms that take a password, as EHLO names them. */
export type PasswordMechanism = 'PLAIN' | 'LOGIN' | 'CRAM-MD5'

/** What a kind of SMTP way out is by itself; docs/upstreams.md says the same to administrators. */
export interface SmtpKind {
  /** The first of these that the server offers is used. Empty: no password is taken. */
  readonly passwordMechanisms: readonly PasswordMechanism[]
  /** What a token must be for; empty: no token is taken. */
  readonly scope: string
  /** A client certificate is shown in the TLS handshake instead of a sign-in. */
  readonly showsCertificate: boolean
  readonly recipientsPerPart: number
  /** Connections at once that the service allows, whatever the setup says. */
  readonly mostConnections: number
  /** A sender outside `accepted_domains` is refused before connecting: unless a certificate stands for the organisation. */
  readonly needsOwnSender: boolean
}

const exchangeScope = 'https://outlook.office365.com/.default'

const ordinary: SmtpKind = {
  passwordMechanisms: [],
  scope: '',
  showsCertificate: false,
  recipientsPerPart: 100,
  mostConnections: Number.POSITIVE_INFINITY,
  needsOwnSender: false,
}

export const smtpKinds: Readonly<Record<SmtpUpstreamKind, SmtpKind>> = {
  smarthost: { ...ordinary, passwordMechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5'], scope: exchangeScope },
  // AUTH PLAIN is not understood there (QuantumNous/new-api#598).
  'acs-smtp': { ...ordinary, passwordMechanisms: ['LOGIN'], scope: acsScope, recipientsPerPart: 50 },
  'exchange-smtp': {
    ...ordinary,
    passwordMechanisms: ['LOGIN'],
    scope: exchangeScope,
    mostConnections: mailboxConnections,
  },
  'exchange-hve': {
    ...ordinary,
    passwordMechanisms: ['LOGIN'],
    scope: exchangeScope,
    recipientsPerPart: 50,
  },
  'exchange-direct': { ...ordinary, needsOwnSender: true },
  'exchange-connector': { ...ordinary, showsCertificate: true, needsOwnSender: true },
}
