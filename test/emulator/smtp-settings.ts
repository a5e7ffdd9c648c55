// Everything about the emulated SMTP upstream that a test may set, before the start or while it runs.
import type { SmtpPolicy } from './smtp-policy.ts'
import { createSmtpScript, type SmtpScript } from './smtp-script.ts'
import { plainTexts, type SmtpTexts } from './smtp-texts.ts'

export type AuthMechanism = 'PLAIN' | 'LOGIN' | 'XOAUTH2'

/** What EHLO says; a client that uses more than was said is refused. */
export interface SmtpCapabilities {
  /** Octets; 0 says SIZE without a limit, `undefined` does not say SIZE. */
  readonly size: number | undefined
  readonly isEightBitMime: boolean
  readonly isSmtpUtf8: boolean
  readonly isPipelining: boolean
  readonly isDsn: boolean
  readonly isEnhancedStatusCodes: boolean
  /** RFC 3030; default: not offered. */
  readonly isChunking?: boolean
  readonly isBinaryMime?: boolean
  readonly auth: readonly AuthMechanism[]
}

export interface SmtpAccount {
  readonly username: string
  readonly password: string
}

export interface ConnectionLimit {
  /** Connections open at once; those beyond it are refused. */
  readonly connections: number
  /** `CONNECT` refuses instead of the banner and hangs up; the others at that command. */
  readonly at: 'CONNECT' | 'AUTH' | 'MAIL' | 'CONTENT'
  readonly reply: string
}

export interface SmtpSettings {
  /** Milliseconds since the epoch. */
  now: () => number
  hostname: string
  /** Where connections seem to come from, for a client behind NAT; `undefined`: their own address. */
  clientAddress: string | undefined
  texts: SmtpTexts
  policy: SmtpPolicy
  capabilities: SmtpCapabilities
  /** MAIL without AUTH is 530. */
  isAuthRequired: boolean
  /** MAIL before STARTTLS is refused. */
  isTlsRequired: boolean
  /** Offers and takes AUTH before STARTTLS. */
  isAuthInClear: boolean
  accounts: readonly SmtpAccount[]
  /** For XOAUTH2. */
  isTokenValid: (username: string, token: string) => boolean
  /** The JSON of the 334 that answers a refused token; `undefined`: the refusal comes at once. */
  tokenChallenge: string | undefined
  authRefusal: string
  /** Of a token; a policy's reply goes before it. */
  tokenRefusal: string
  /** RCPTs per message; more are 452 4.5.3. */
  maxRecipients: number
  connectionLimit: ConnectionLimit | undefined
  readonly script: SmtpScript
}

export const allCapabilities: SmtpCapabilities = {
  size: 35_000_000,
  isEightBitMime: true,
  isSmtpUtf8: true,
  isPipelining: true,
  isDsn: true,
  isEnhancedStatusCodes: true,
  auth: ['PLAIN', 'LOGIN', 'XOAUTH2'],
}

export function defaultSmtpSettings(): SmtpSettings {
  return {
    now: Date.now,
    hostname: 'upstream.test',
    clientAddress: undefined,
    texts: plainTexts,
    policy: {},
    capabilities: allCapabilities,
    isAuthRequired: false,
    isTlsRequired: false,
    isAuthInClear: false,
    accounts: [],
    isTokenValid: () => false,
    tokenChallenge: '{"status":"401","schemes":"bearer","scope":"https://outlook.office365.com/"}',
    authRefusal: '535 5.7.8 Authentication credentials invalid',
    tokenRefusal: '535 5.7.3 Authentication unsuccessful',
    maxRecipients: 100,
    connectionLimit: undefined,
    script: createSmtpScript(),
  }
}

/** The lines of the EHLO reply after the greeting. */
export function capabilityLines(
  capabilities: SmtpCapabilities,
  mayStartTls: boolean,
  mayAuth: boolean,
): string[] {
  const { size, auth } = capabilities
  return [
    ...(size === undefined ? [] : [size === 0 ? 'SIZE' : `SIZE ${size}`]),
    ...(capabilities.isPipelining ? ['PIPELINING'] : []),
    ...(capabilities.isDsn ? ['DSN'] : []),
    ...(capabilities.isEnhancedStatusCodes ? ['ENHANCEDSTATUSCODES'] : []),
    ...(mayStartTls ? ['STARTTLS'] : []),
    ...(mayAuth && auth.length > 0 ? [`AUTH ${auth.join(' ')}`] : []),
    ...(capabilities.isEightBitMime ? ['8BITMIME'] : []),
    ...(capabilities.isBinaryMime === true ? ['BINARYMIME'] : []),
    ...(capabilities.isChunking === true ? ['CHUNKING'] : []),
    ...(capabilities.isSmtpUtf8 ? ['SMTPUTF8'] : []),
  ]
}

/** Whether EHLO announced the parameter for MAIL (`FROM`) or RCPT (`TO`). */
export function isAnnounced(
  capabilities: SmtpCapabilities,
  keyword: 'FROM' | 'TO',
  parameter: string,
): boolean {
  switch (parameter) {
    case 'SIZE':
      return keyword === 'FROM' && capabilities.size !== undefined
    case 'BODY':
      return keyword === 'FROM' && capabilities.isEightBitMime
    case 'SMTPUTF8':
      return keyword === 'FROM' && capabilities.isSmtpUtf8
    case 'RET':
    case 'ENVID':
      return keyword === 'FROM' && capabilities.isDsn
    case 'AUTH':
      return keyword === 'FROM' && capabilities.auth.length > 0
    case 'NOTIFY':
    case 'ORCPT':
      return keyword === 'TO' && capabilities.isDsn
    default:
      return false
  }
}
