import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minute } from '../core/time.ts'
import { graphOutcome, isTokenRefused, tooLargeFor } from './graph-outcome.ts'
import { type GraphReply, graphReplyOf } from './graph-reply.ts'
import { outcomeWords } from './outcome-words.fixture.ts'

const sending = { operationId: '7d9a1c7e-0000-4000-8000-000000000000', size: 1000, recipients: 1 }

const error = (code: string, message = `said ${code}`): string => JSON.stringify({ error: { code, message } })

function reply(status: number, body = '', headers: Record<string, string> = {}): GraphReply {
  return graphReplyOf(status, headers, body, 0)
}

interface Row {
  readonly says: string
  readonly reply: GraphReply
  readonly becomes: string
  readonly sending?: Partial<typeof sending>
}

const after17 = { 'retry-after': '17' }

const rows: readonly Row[] = [
  {
    says: 'too many requests',
    reply: reply(429, error('TooManyRequests'), after17),
    becomes: 'throttled 17000',
  },
  {
    says: 'more than four at once for a mailbox',
    reply: reply(429, error('ApplicationThrottled', 'Application is over its MailboxConcurrency limit.')),
    becomes: `throttled ${minute}`,
  },
  {
    says: 'no role, or a mailbox out of scope',
    reply: reply(403, error('ErrorAccessDenied', 'Access is denied. Check credentials and try again.')),
    becomes: 'paused sender mailbox-access-denied',
  },
  {
    says: 'an application access policy',
    reply: reply(403, error('ErrorAccessDenied', 'Access to OData is disabled.')),
    becomes: 'paused sender mailbox-access-denied',
  },
  {
    says: 'no consent for the role',
    reply: reply(403, error('Authorization_RequestDenied')),
    becomes: 'paused sender mailbox-access-denied',
  },
  {
    says: 'a From of another mailbox',
    reply: reply(403, error('ErrorSendAsDenied')),
    becomes: 'paused sender send-as-denied',
  },
  {
    says: 'a mailbox that Microsoft blocked',
    reply: reply(403, error('ErrorMessageSubmissionBlocked')),
    becomes: 'paused sender sending-banned',
  },
  {
    says: 'a suspended account',
    reply: reply(403, error('ErrorAccountSuspend')),
    becomes: 'paused sender sending-banned',
  },
  {
    says: 'a tenant that is to be removed',
    reply: reply(403, error('ErrorOrganizationAccessBlocked')),
    becomes: 'paused upstream sending-banned',
  },
  {
    says: 'no such user, by Exchange',
    reply: reply(404, error('ErrorInvalidUser', "The requested user 'x@contoso.com' is invalid.")),
    becomes: 'paused sender mailbox-unknown',
  },
  {
    says: 'no such user, by Entra',
    reply: reply(404, error('Request_ResourceNotFound')),
    becomes: 'paused sender mailbox-unknown',
  },
  {
    says: 'no such resource',
    reply: reply(404, error('ResourceNotFound')),
    becomes: 'paused sender mailbox-unknown',
  },
  {
    says: 'a user without a mailbox',
    reply: reply(404, error('ErrorNonExistentMailbox')),
    becomes: 'paused sender mailbox-unknown',
  },
  ...['MailboxNotEnabledForRESTAPI', 'ErrorMailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI'].map(
    (code): Row => ({
      says: `a mailbox that is not online (${code})`,
      reply: reply(404, error(code)),
      becomes: 'paused sender mailbox-not-online',
    }),
  ),
  {
    says: 'a user without a licence',
    reply: reply(403, error('ErrorInvalidLicense')),
    becomes: 'paused sender mailbox-not-online',
  },
  {
    says: 'a tenant without Exchange, as 401',
    reply: reply(401, error('OrganizationFromTenantGuidNotFound')),
    becomes: 'paused upstream tenant-without-exchange',
  },
  {
    says: 'a full mailbox',
    reply: reply(507, error('ErrorQuotaExceeded')),
    becomes: 'paused sender mailbox-full',
  },
  ...['ErrorSubmissionQuotaExceeded', 'ErrorExceededMessageLimit', 'ErrorExceededMaxRecipientLimit'].map(
    (code): Row => ({
      says: `a mailbox that sent too much (${code})`,
      reply: reply(400, error(code)),
      becomes: 'paused sender daily-recipient-limit',
    }),
  ),
  {
    says: 'too large, by status',
    reply: reply(413, '<html></html>'),
    becomes: 'permanent message too-large 5.3.4 elsewhere',
  },
  {
    says: 'too large, by its text in a 400',
    reply: reply(400, error('BadRequest', 'The maximum request length supported is 4MB.')),
    becomes: 'permanent message too-large 5.3.4 elsewhere',
  },
  ...['ErrorMessageSizeExceeded', 'RequestBodyTooLarge'].map(
    (code): Row => ({
      says: `too large, by code (${code})`,
      reply: reply(400, error(code)),
      becomes: 'permanent message too-large 5.3.4 elsewhere',
    }),
  ),
  {
    says: '200 for a mail of a size that is known for it',
    reply: reply(200, '{}'),
    becomes: 'permanent message too-large 5.3.4 elsewhere',
    sending: { size: 2_240_000 },
  },
  { says: '200 for a small mail', reply: reply(200, '<html></html>'), becomes: 'indeterminate' },
  { says: '201', reply: reply(201), becomes: 'indeterminate' },
  { says: '204', reply: reply(204), becomes: 'indeterminate' },
  ...[
    'ErrorMimeContentInvalidBase64String',
    'ErrorMimeContentInvalid',
    'ErrorMimeContentConversionFailed',
  ].map(
    (code): Row => ({
      says: `a message that it cannot read (${code})`,
      reply: reply(400, error(code)),
      becomes: `permanent message ${code} 5.6.0 elsewhere`,
    }),
  ),
  {
    says: 'the only recipient is none',
    reply: reply(400, error('ErrorInvalidRecipients')),
    becomes: 'permanent recipient ErrorInvalidRecipients 5.1.3 elsewhere',
  },
  {
    says: 'one of several recipients is none',
    reply: reply(400, error('ErrorInvalidRecipients')),
    becomes: 'permanent message ErrorInvalidRecipients 5.1.3 elsewhere',
    sending: { recipients: 3 },
  },
  {
    says: 'a 400 that nobody knows: it may be our settings',
    reply: reply(400, error('BadRequest', 'Resource not found for the segment.')),
    becomes: 'transient BadRequest',
  },
  { says: '404 by a proxy', reply: reply(404, '<html></html>'), becomes: 'transient http-404' },
  { says: '403 by a proxy', reply: reply(403, '<html></html>'), becomes: 'transient http-403' },
  { says: 'a redirect', reply: reply(307), becomes: 'transient http-307' },
  { says: '408', reply: reply(408), becomes: 'transient unreachable-http-408' },
  {
    says: 'an error of its own',
    reply: reply(500, error('ErrorInternalServerError')),
    becomes: 'transient ErrorInternalServerError',
  },
  {
    says: 'a mailbox on its way to another server',
    reply: reply(500, error('ErrorMailboxMoveInProgress')),
    becomes: 'transient ErrorMailboxMoveInProgress',
  },
  {
    says: 'busy',
    reply: reply(503, error('ErrorServerBusy'), after17),
    becomes: 'transient unreachable-http-503 after 17000',
  },
  { says: '502: a gateway lost the reply', reply: reply(502, '<html></html>'), becomes: 'indeterminate' },
  {
    says: '504: a gateway lost the reply',
    reply: reply(504, error('UnknownError')),
    becomes: 'indeterminate',
  },
]

describe('what Graph says', () => {
  for (const { says, reply: given, becomes, sending: change } of rows) {
    it(`${says}: ${becomes}`, () =>
      assert.equal(outcomeWords(graphOutcome(given, { ...sending, ...change })), becomes))
  }

  it('pauses with a sentence and a remedy for each', () => {
    for (const { reply: given, becomes } of rows.filter((row) => row.becomes.startsWith('paused'))) {
      const outcome = graphOutcome(given, sending)
      assert.ok(outcome.kind === 'paused', becomes)
      assert.match(outcome.pause.reason, /^[A-Z].*\. \(/)
      assert.match(outcome.pause.remedy, /\.$/)
    }
  })

  it('asks for another token after any 401 but that of a tenant without Exchange', () => {
    assert.ok(isTokenRefused(reply(401, error('InvalidAuthenticationToken'))))
    assert.ok(isTokenRefused(reply(401)))
    assert.ok(!isTokenRefused(reply(401, error('OrganizationFromTenantGuidNotFound'))))
    assert.ok(!isTokenRefused(reply(403, error('InvalidAuthenticationToken'))))
  })
})

describe("Graph's claims challenge", () => {
  const challenged = (claims: string): string | undefined =>
    reply(401, '', { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${claims}"` })
      .claims

  it('is read with and without padding', () => {
    const json = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    const encoded = Buffer.from(json).toString('base64')
    assert.equal(challenged(encoded), json)
    assert.equal(challenged(encoded.replace(/=+$/, '')), json)
  })

  it('is none where it says nothing that can be read, or where nothing was challenged', () => {
    assert.equal(challenged('bm90aGluZw=='), undefined)
    assert.equal(
      reply(401, '', { 'www-authenticate': 'Bearer error="invalid_token", claims="e30="' }).claims,
      undefined,
    )
    assert.equal(reply(401).claims, undefined)
  })
})

it('says both sizes where a mail is too large', () => {
  const outcome = tooLargeFor(3_100_000, 3_000_000)
  assert.ok(outcome.kind === 'permanent')
  assert.equal(outcome.detail, 'The mail has 3.1 MB; this way out takes 3.0 MB.')
})
