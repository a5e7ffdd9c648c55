import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../core/outcome.ts'
import { hour, minute } from '../core/time.ts'
import {
  askReplyOutcome,
  isDenial,
  isSkew,
  operationOutcome,
  sendReplyOutcome,
  sendTroubleOutcome,
} from './acs-outcome.ts'
import type { AcsReply } from './acs-reply.ts'

const operationId = '7d9a1c7e-0000-4000-8000-000000000000'

const reply = (status: number, code = '', change: Partial<AcsReply> = {}): AcsReply => ({
  status,
  code,
  message: `said ${code}`,
  target: '',
  retryAfterMs: undefined,
  date: undefined,
  ...change,
})

/** The outcome in a few words: kind, and what tells it from others of its kind. */
function summary(outcome: Outcome | { readonly kind: 'ask-first'; readonly unknown: Outcome }): string {
  switch (outcome.kind) {
    case 'transient':
      return `transient ${outcome.code}`
    case 'permanent':
      return `permanent ${outcome.scope} ${outcome.status}${outcome.elsewhere ? ' elsewhere' : ''}`
    case 'paused':
      return `paused ${outcome.scope} ${outcome.pause.code}`
    case 'throttled':
      return `throttled ${outcome.afterMs}`
    case 'ask-first':
      return `ask first, else ${summary(outcome.unknown)}`
    default:
      return outcome.kind
  }
}

const skewed = {
  message:
    'The time difference between the originating client and the server is greater than the allowed margin of 5 minutes.',
}

it('a 400 for a mail that can go in another form says so, also after the service was asked', () => {
  const facts = { operationId, recipients: 2, hasOtherForm: true }
  const said = sendReplyOutcome(reply(400, 'BadRequest'), { ...facts, isRepeat: false })
  assert.equal(said.kind === 'permanent' && said.hasOtherForm, true)
  const asked = sendReplyOutcome(reply(400, 'BadRequest'), { ...facts, isRepeat: true })
  assert.deepEqual(asked.kind === 'ask-first' && asked.unknown, said)
})

const sends: readonly (readonly [string, AcsReply, string, string?])[] = [
  ['429 with Retry-After', reply(429, 'TooManyRequests', { retryAfterMs: 17_000 }), 'throttled 17000'],
  ['429 without one', reply(429), `throttled ${minute}`],
  ['QuotaExceeded under any status', reply(403, 'QuotaExceeded'), `throttled ${minute}`],
  ['408', reply(408), 'transient unreachable-http-408'],
  ['500', reply(500, 'InternalServerError'), 'transient InternalServerError'],
  ['503', reply(503), 'transient unreachable-http-503'],
  ['502', reply(502), 'indeterminate'],
  ['504', reply(504), 'indeterminate'],
  ['401 for a wrong clock', reply(401, 'Unauthorized', skewed), 'transient clock-skew'],
  ['401 Denied', reply(401, 'Denied'), 'transient denied'],
  ['403', reply(403, 'Forbidden'), 'transient denied'],
  ['DomainNotLinked as 404', reply(404, 'DomainNotLinked'), 'paused sender domain-not-linked'],
  ['DomainNotLinked as 403', reply(403, 'DomainNotLinked'), 'paused sender domain-not-linked'],
  ['InvalidSenderUserName', reply(400, 'InvalidSenderUserName'), 'paused sender sender-unknown'],
  ['413', reply(413), 'permanent message 5.3.4 elsewhere'],
  ['RequestBodyTooLarge as 400', reply(400, 'RequestBodyTooLarge'), 'permanent message 5.3.4 elsewhere'],
  [
    'another 400',
    reply(400, 'BadRequest'),
    'permanent message 5.6.0 elsewhere',
    'ask first, else permanent message 5.6.0 elsewhere',
  ],
  ['409', reply(409, 'Conflict'), 'ask first, else indeterminate', 'ask first, else indeterminate'],
  ['an unknown status', reply(418), 'transient http-418'],
  ['a redirect', reply(307), 'transient http-307'],
  ["200, which is no answer of the service's", reply(200), 'indeterminate'],
]

describe('outcome of a send that was answered (microsoft.md 6.1)', () => {
  for (const [name, answer, first, repeated = first] of sends) {
    it(name, () => {
      assert.equal(
        summary(
          sendReplyOutcome(answer, { operationId, isRepeat: false, recipients: 1, hasOtherForm: false }),
        ),
        first,
      )
      assert.equal(
        summary(
          sendReplyOutcome(answer, { operationId, isRepeat: true, recipients: 1, hasOtherForm: false }),
        ),
        repeated,
      )
    })
  }

  it('keeps a 400 to several recipients here, where smaller groups will tell whose fault it is', () => {
    const outcome = sendReplyOutcome(reply(400, 'BadRequest'), {
      operationId,
      isRepeat: false,
      recipients: 2,
      hasOtherForm: false,
    })
    assert.equal(summary(outcome), 'permanent message 5.6.0')
  })

  it('passes Retry-After of a 503 on', () => {
    const outcome = sendReplyOutcome(reply(503, '', { retryAfterMs: hour }), {
      operationId,
      isRepeat: false,
      recipients: 1,
      hasOtherForm: false,
    })
    assert.ok(outcome.kind === 'transient' && outcome.afterMs === hour)
  })
})

describe('refusals of the credential', () => {
  it('are told from those of the clock and of the sender', () => {
    assert.equal(isDenial(reply(401, 'Denied')), true)
    assert.equal(isDenial(reply(403)), true)
    assert.equal(isDenial(reply(401, '', skewed)), false)
    assert.equal(isSkew(reply(401, '', skewed)), true)
    assert.equal(isDenial(reply(403, 'DomainNotLinked')), false)
    assert.equal(isDenial(reply(400)), false)
  })
})

const reset = { code: 'ECONNRESET', message: 'socket hang up' }

const troubles: readonly (readonly [string, { code: string; message: string }, boolean, string])[] = [
  ['a reset before the last octet', reset, false, 'transient unreachable-econnreset'],
  ['a reset after it', reset, true, 'indeterminate'],
  [
    'a refused connection, though the small body was handed over',
    { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    true,
    'transient unreachable-econnrefused',
  ],
  [
    'an unknown host',
    { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND' },
    true,
    'transient unreachable-enotfound',
  ],
  [
    'a connect that timed out',
    { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT 1.2.3.4:443' },
    true,
    'transient unreachable-etimedout',
  ],
  [
    'a time-out after the last octet',
    { code: 'ETIMEDOUT', message: 'no end within 60 s' },
    true,
    'indeterminate',
  ],
  [
    'a reset within the TLS handshake',
    {
      code: 'ECONNRESET',
      message: 'Client network socket disconnected before secure TLS connection was established',
    },
    true,
    'transient unreachable-econnreset',
  ],
  [
    'a certificate for another name',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: "Hostname/IP does not match certificate's altnames" },
    true,
    'paused upstream certificate-not-trusted',
  ],
  [
    'an unknown authority',
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed' },
    true,
    'paused upstream certificate-not-trusted',
  ],
]

describe('outcome of a send whose connection failed', () => {
  for (const [name, trouble, isBodySent, expected] of troubles) {
    it(name, () => assert.equal(summary(sendTroubleOutcome(trouble, isBodySent, operationId)), expected))
  }
})

const failed = (code: string) => ({ status: 'Failed', error: { code, message: 'why' } })

const operations: readonly (readonly [
  string,
  { status: string; error?: { code: string; message: string } },
  string,
])[] = [
  ['NotStarted', { status: 'NotStarted' }, 'accepted'],
  ['Running', { status: 'Running' }, 'accepted'],
  ['Succeeded', { status: 'Succeeded' }, 'confirmed'],
  ['everybody suppressed', failed('EmailDroppedAllRecipientsSuppressed'), 'permanent recipient 5.1.1'],
  ['failed inside the service', failed('InternalError'), 'transient operation-failed-internally'],
  ['failed otherwise', failed('AttachmentRejected'), 'permanent message 5.6.0 elsewhere'],
  ['canceled', { status: 'Canceled' }, 'permanent message 5.6.0 elsewhere'],
  ["a portal's page", { status: '' }, 'transient unreadable'],
]

describe('outcome of a status query', () => {
  for (const [name, result, expected] of operations) {
    it(name, () => assert.equal(summary(operationOutcome(operationId, result)), expected))
  }

  for (const [status, code, expected] of [
    [404, 'NotFound', 'transient not-found'],
    [429, '', `throttled ${minute}`],
    [401, 'Denied', 'transient denied'],
    [502, '', 'transient http-502'],
    [400, 'BadRequest', 'transient BadRequest'],
    [500, '', 'transient http-500'],
  ] as const) {
    it(`answered ${status}`, () => assert.equal(summary(askReplyOutcome(reply(status, code))), expected))
  }
})
