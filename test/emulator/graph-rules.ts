// What Graph does with one sendMail (learn.microsoft.com/graph/api/user-sendmail): who calls, from which mailbox, and what
// becomes of the message.
import type { IncomingHttpHeaders } from 'node:http'
import type { TokenClaims } from './access-token.ts'
import {
  accepted,
  accessDenied,
  claimsChallenge,
  invalidBase64,
  invalidRecipient,
  mailboxFull,
  noRecipients,
  noSegment,
  notOnline,
  sendAsDenied,
  submissionBlocked,
  tokenEmpty,
  tokenExpired,
  tokenMalformed,
  unknownUser,
  wrongAudience,
} from './graph-answers.ts'
import { decodeStrictly, type ReadMessage, readMessage, sha256 } from './graph-message.ts'
import type { GraphMailbox, GraphSettings } from './graph-settings.ts'
import { type Answer, jsonAnswer } from './http-answer.ts'

const sendMailPath = /^\/v1\.0\/users\/([^/]+)\/sendMail$/

export interface GraphRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** A message that was taken. Exchange has no other list of recipients than the header's. */
export interface GraphMail extends ReadMessage {
  readonly mailbox: string
  readonly clientId: string
  readonly by: 'secret' | 'certificate'
  /** To, Cc and Bcc, lower case. */
  readonly recipients: readonly string[]
  readonly mime: Buffer
  readonly mimeSha256: string
  readonly requestBytes: number
  /** The MIME form cannot say no. */
  readonly isInSentItems: true
}

export interface Caller {
  readonly claims: TokenClaims
  readonly mailbox: GraphMailbox
}

export interface GraphRulesContext {
  readonly settings: GraphSettings
  readToken(token: string): TokenClaims | undefined
  store(mail: GraphMail): void
}

/** The mailbox that a path names, decoded. */
export function mailboxOf(path: string): string | undefined {
  const name = sendMailPath.exec(path)?.[1]
  return name === undefined ? undefined : decodeURIComponent(name).toLowerCase()
}

/** Who calls, and for which mailbox; everything that is decided before the body is looked at. */
export function admit(request: GraphRequest, context: GraphRulesContext): Caller | Answer {
  const user = mailboxOf(request.path)
  if (request.method !== 'POST' || user === undefined) return noSegment
  const claims = authenticate(request.headers.authorization ?? '', context)
  if ('status' in claims) return claims
  if (!isGranted(claims, user, context.settings)) return accessDenied
  const mailbox = context.settings.mailboxes.find((one) => one.userPrincipalName.toLowerCase() === user)
  if (mailbox === undefined) return unknownUser(user)
  return mailbox.state === 'on-premises' ? notOnline : { claims, mailbox }
}

function authenticate(
  authorization: string,
  { settings, readToken }: GraphRulesContext,
): TokenClaims | Answer {
  const [, token] = /^Bearer (.+)$/.exec(authorization) ?? []
  if (token === undefined) return tokenEmpty
  const claims = readToken(token)
  if (claims === undefined) return tokenMalformed
  if (claims.aud !== settings.audience) return wrongAudience
  if (claims.exp * 1000 <= settings.now()) return tokenExpired
  return claims.iat < settings.tokensNotBefore ? claimsChallenge(settings.tokensNotBefore) : claims
}

function isGranted({ tid, appid }: TokenClaims, user: string, { grants }: GraphSettings): boolean {
  const grant = grants.find(({ tenant, clientId }) => tenant === tid && clientId === appid)
  if (!grant?.roles.includes('Mail.Send')) return false
  return grant.mailboxes === undefined || grant.mailboxes.some((one) => one.toLowerCase() === user)
}

export async function submit(
  { claims, mailbox }: Caller,
  body: Buffer,
  contentType: string,
  context: GraphRulesContext,
): Promise<Answer> {
  if (!/^text\/plain(?:\s*;|$)/i.test(contentType)) return jsonAnswer(415, {})
  const mime = decodeStrictly(body)
  if (mime === undefined) return invalidBase64
  const message = await readMessage(mime)
  const recipients = [...message.to, ...message.cc, ...message.bcc].map((one) => one.toLowerCase())
  const refusal = refuse(message, recipients, mailbox, context.settings)
  if (refusal) return refusal
  context.store({
    ...message,
    mailbox: mailbox.userPrincipalName,
    clientId: claims.appid,
    by: claims.appidacr === '1' ? 'secret' : 'certificate',
    recipients,
    mime,
    mimeSha256: sha256(mime),
    requestBytes: body.length,
    isInSentItems: true,
  })
  return accepted(context.settings.retryAfterOn202)
}

function refuse(
  message: ReadMessage,
  recipients: readonly string[],
  { userPrincipalName, sendAs = [], state }: GraphMailbox,
  { invalidRecipients }: GraphSettings,
): Answer | undefined {
  if (state === 'full') return mailboxFull
  if (state === 'blocked') return submissionBlocked
  const own = [userPrincipalName, ...sendAs].map((one) => one.toLowerCase())
  if (message.from.some((one) => !own.includes(one.toLowerCase()))) return sendAsDenied
  if (recipients.length === 0) return noRecipients
  return recipients.some((one) => invalidRecipients.includes(one)) ? invalidRecipient : undefined
}
