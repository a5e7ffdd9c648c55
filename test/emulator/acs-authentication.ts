// Who is calling ACS: an HMAC made with a resource access key, or an Entra bearer token
// (https://learn.microsoft.com/rest/api/communication/authentication).
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { TokenClaims } from './access-token.ts'
import type { AzureSettings } from './azure-settings.ts'
import { type Answer, acsError } from './http-answer.ts'
import type { Authentication } from './mail-ledger.ts'

const allowedSkewMs = 300_000
const signedHeaders = 'x-ms-date;host;x-ms-content-sha256'
const hmacSyntax = /^HMAC-SHA256 SignedHeaders=([^&]*)&Signature=([A-Za-z0-9+/]+={0,2})$/
const audience = /^https:\/\/communication\.azure\.com\/?$/

export interface SignedRequest {
  readonly method: string
  /** As in the request line, query included. */
  readonly pathAndQuery: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type AuthenticationVerdict =
  | { readonly kind: 'known'; readonly authentication: Authentication }
  | { readonly kind: 'refused'; readonly answer: Answer }

export interface AuthenticationContext {
  readonly settings: AzureSettings
  readToken(token: string): TokenClaims | undefined
}

function refused(answer: Answer): AuthenticationVerdict {
  return { kind: 'refused', answer }
}

const denied = acsError(401, 'Denied', 'Denied by the resource provider.')

const skewed = acsError(
  401,
  'Unauthorized',
  'The time difference between the originating client and the server is greater than the allowed margin of 5 minutes.',
)

function unauthorized(description: string): Answer {
  const challenge = `Bearer error="invalid_token", error_description="${description}"`
  return acsError(401, 'Unauthorized', description, { 'www-authenticate': challenge })
}

/** RFC 1123 in UTC, exactly as it was signed; `undefined` for any other form. */
function parseDate(text: string): number | undefined {
  const at = Date.parse(text)
  return Number.isNaN(at) || new Date(at).toUTCString() !== text ? undefined : at
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

function checkSignature(
  request: SignedRequest,
  credentials: string,
  settings: AzureSettings,
): AuthenticationVerdict {
  const [, names, signature] = hmacSyntax.exec(credentials) ?? []
  const date = headerText(request.headers, 'x-ms-date')
  const signedAt = parseDate(date)
  if (names !== signedHeaders || signedAt === undefined) return refused(denied)
  if (Math.abs(settings.now() - signedAt) > allowedSkewMs) return refused(skewed)
  const bodyHash = createHash('sha256').update(request.body).digest('base64')
  if (headerText(request.headers, 'x-ms-content-sha256') !== bodyHash) return refused(denied)
  const host = headerText(request.headers, 'host')
  const stringToSign = `${request.method}\n${request.pathAndQuery}\n${date};${host};${bodyHash}`
  const key = settings.accessKeys.findIndex(
    (one) =>
      createHmac('sha256', Buffer.from(one, 'base64')).update(stringToSign).digest('base64') === signature,
  )
  return key === -1 ? refused(denied) : { kind: 'known', authentication: { kind: 'access-key', key } }
}

function checkBearer(token: string, context: AuthenticationContext): AuthenticationVerdict {
  const { settings } = context
  const claims = context.readToken(token)
  if (claims === undefined) return refused(unauthorized('The token is not valid.'))
  if (!audience.test(claims.aud)) return refused(unauthorized('The audience of the token is invalid.'))
  if (claims.exp * 1000 <= settings.now()) return refused(unauthorized('The token is expired.'))
  const app = settings.apps.find((one) => one.tenant === claims.tid && one.clientId === claims.appid)
  if (app?.role !== 'contributor') {
    return refused(
      settings.roleRefusalStatus === 401
        ? denied
        : acsError(403, 'Forbidden', 'Access is denied: the app lacks the role on this resource.'),
    )
  }
  const by = claims.appidacr === '1' ? 'secret' : 'certificate'
  return { kind: 'known', authentication: { kind: 'bearer', clientId: claims.appid, by } }
}

export function authenticate(request: SignedRequest, context: AuthenticationContext): AuthenticationVerdict {
  const credentials = headerText(request.headers, 'authorization')
  if (credentials.startsWith('HMAC-SHA256 ')) return checkSignature(request, credentials, context.settings)
  if (credentials.startsWith('Bearer ')) return checkBearer(credentials.slice('Bearer '.length), context)
  return refused(denied)
}
