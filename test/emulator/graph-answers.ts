// Microsoft Graph's errors, with the codes and texts of its documentation and of captured replies.
import { randomUUID } from 'node:crypto'
import { type Answer, jsonAnswer } from './http-answer.ts'

/** learn.microsoft.com/graph/errors */
export function graphError(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  const requestId = randomUUID()
  const innerError = { date: '2026-11-28T23:00:00', 'request-id': requestId, 'client-request-id': requestId }
  return {
    ...jsonAnswer(status, { error: { code, message, innerError } }, { 'request-id': requestId, ...headers }),
    code,
  }
}

export const accepted = (retryAfter: number | undefined): Answer => ({
  status: 202,
  headers: {
    'request-id': randomUUID(),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  },
  body: '',
})

const unauthorized = (message: string): Answer =>
  graphError(401, 'InvalidAuthenticationToken', message, {
    'www-authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
  })

export const tokenEmpty = unauthorized('Access token is empty.')
export const tokenMalformed = unauthorized('CompactToken parsing failed with error code: 80049217')
export const tokenExpired = unauthorized('Lifetime validation failed, the token is expired.')
export const wrongAudience = unauthorized('Access token validation failure. Invalid audience.')

/** learn.microsoft.com/entra/identity-platform/claims-challenge */
export function claimsChallenge(notBefore: number): Answer {
  const claims = { access_token: { nbf: { essential: true, value: String(notBefore) } } }
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64')
  return graphError(
    401,
    'InvalidAuthenticationToken',
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp',
    { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${encoded}"` },
  )
}

export const accessDenied = graphError(
  403,
  'ErrorAccessDenied',
  'Access is denied. Check credentials and try again.',
)
export const sendAsDenied = graphError(
  403,
  'ErrorSendAsDenied',
  'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.',
)
export const submissionBlocked = graphError(
  403,
  'ErrorMessageSubmissionBlocked',
  'Cannot send mail. Follow the instructions in your Inbox to verify your account., WASCL UserAction verdict is not None. Actual verdict is RefuseQuota.',
)
export const unknownUser = (user: string): Answer =>
  graphError(404, 'ErrorInvalidUser', `The requested user '${user}' is invalid.`)
export const notOnline = graphError(
  404,
  'MailboxNotEnabledForRESTAPI',
  'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
)
export const mailboxFull = graphError(
  507,
  'ErrorQuotaExceeded',
  'The process failed to get the correct properties., The mailbox is over its quota.',
)
export const tooLarge = graphError(413, 'BadRequest', 'The maximum request length supported is 4MB.')
export const invalidBase64 = graphError(
  400,
  'ErrorMimeContentInvalidBase64String',
  'Invalid base64 string for MIME content.',
)
export const noRecipients = graphError(
  400,
  'ErrorInvalidRecipients',
  "At least one recipient is not valid., A message can't be sent because it contains no recipients.",
)
export const invalidRecipient = graphError(
  400,
  'ErrorInvalidRecipients',
  'At least one recipient is not valid.',
)
export const noSegment = graphError(400, 'BadRequest', 'Resource not found for the segment.')
export const overConcurrency = (seconds: number | undefined): Answer =>
  graphError(
    429,
    'ApplicationThrottled',
    'Application is over its MailboxConcurrency limit.',
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  )
