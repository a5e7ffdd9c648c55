import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../core/outcome.ts'
import { minute } from '../core/time.ts'
import { smtpOutcome } from './smtp-outcome.ts'
import { parseReply, type SmtpStage } from './smtp-reply.ts'

function words(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'transient':
      return `transient ${outcome.code}`
    case 'permanent':
      return `permanent ${outcome.scope} ${outcome.code}${outcome.elsewhere ? ' elsewhere' : ''}`
    case 'paused':
      return `paused ${outcome.scope} ${outcome.pause.code}${outcome.pause.mayProbe ? '' : ', no probing'}`
    default:
      return outcome.kind
  }
}

function outcomeOf(stage: SmtpStage, said: string): Outcome {
  const reply = parseReply(stage, said)
  assert.ok(reply, said)
  return smtpOutcome(reply)
}

const rows: readonly (readonly [SmtpStage, string, string])[] = [
  // microsoft.md 6.3, row by row
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'paused upstream smtp-auth-disabled',
  ],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
    'paused upstream smtp-auth-disabled',
  ],
  [
    'auth',
    "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.",
    'paused upstream smtp-auth-disabled',
  ],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.',
    'paused upstream sign-in-refused',
  ],
  ['auth', '535 5.7.3 Authentication unsuccessful', 'paused upstream sign-in-refused'],
  ['mail', '530 5.7.57 Client not authenticated to send mail.', 'paused upstream sign-in-required'],
  [
    'content',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'paused sender send-as-denied',
  ],
  [
    'content',
    '554 5.2.252 SendAsDenied; scan@contoso.com not allowed to send as boss@contoso.com',
    'paused sender send-as-denied',
  ],
  [
    'content',
    '554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied',
    'paused sender send-as-denied',
  ],
  [
    'content',
    '550 5.2.251 Sender throttled due to continuous hard bounces errors',
    'paused upstream mailbox-blocked, no probing',
  ],
  [
    'mail',
    '550 5.2.252 Sender throttled due to continuous send as denied errors',
    'paused upstream mailbox-blocked, no probing',
  ],
  [
    'mail',
    '550 5.2.255 Sender throttled due to continuous quota exceeded errors',
    'paused upstream mailbox-blocked, no probing',
  ],
  ['mail', '432 4.3.2 Concurrent connections limit exceeded', 'transient too-many-connections'],
  [
    'content',
    '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded',
    'transient too-many-connections',
  ],
  ['mail', '421 4.4.2 Connection dropped', 'transient smtp-421'],
  ['greeting', '421 4.7.0 Try again later', 'transient unreachable-smtp-421'],
  ['mail', '451 4.7.0 Temporary server error. Please try again later', 'transient smtp-451'],
  ['content', '450 4.5.127 Message rejected. Excessive message rate from sender', 'throttled'],
  ['rcpt', '450 4.5.3 Too many recipients of one domain', 'throttled'],
  ['rcpt', '452 4.5.3 Too many recipients', 'transient too-many-recipients'],
  [
    'rcpt',
    '451 4.7.500 Server busy. Please try again later from [1.2.3.4]. (AS77712)',
    'transient grey-listed',
  ],
  [
    'rcpt',
    '451 4.7.650 The mail server has been temporarily rate limited (S3150)',
    'transient back-pressure',
  ],
  ['rcpt', '451 4.7.899 Server busy. (AS843)', 'transient grey-listed'],
  [
    'content',
    '550 5.1.90 Your message cannot be sent because you have reached your daily limit for message recipients',
    'paused upstream daily-recipient-limit',
  ],
  [
    'content',
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    'paused upstream daily-recipient-limit',
  ],
  [
    'content',
    '554 5.2.2 SubmissionQuotaExceeded; recipients per day',
    'paused upstream daily-recipient-limit',
  ],
  ['content', '554 5.2.2 mailbox full; STOREDRV.Submission', 'paused upstream mailbox-full'],
  ['rcpt', '552 5.2.2 The mailbox of this recipient is full', 'permanent recipient smtp-552'],
  [
    'rcpt',
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
    'permanent recipient external-recipient elsewhere',
  ],
  ['rcpt', '550 5.7.64 TenantAttribution; Relay Access Denied', 'paused upstream connector-mismatch'],
  [
    'mail',
    '550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization',
    'paused upstream direct-send-rejected',
  ],
  ['content', '550 5.7.705 Access denied, tenant has exceeded threshold', 'paused upstream sending-banned'],
  [
    'content',
    '550 5.7.708 Access denied, traffic not accepted from this IP',
    'paused upstream sending-banned',
  ],
  [
    'content',
    '550 5.7.750 Client blocked from sending from unregistered domains',
    'paused upstream sending-banned',
  ],
  ['content', '550 5.1.8 Access denied, bad outbound sender', 'paused upstream sending-banned'],
  ['content', '550 5.7.501 Access denied, spam abuse detected', 'paused upstream sending-banned'],
  ['content', '550 5.7.503 Access denied, banned sender', 'paused upstream sending-banned'],
  ['rcpt', '550 5.7.606 Access denied, banned sending IP [1.2.3.4]', 'paused upstream sending-banned'],
  ['rcpt', '550 5.7.649 Access denied, banned sending IP [1.2.3.4]', 'paused upstream sending-banned'],
  ['rcpt', '550 5.7.511 Access denied, banned sender[1.2.3.4]', 'paused upstream sending-banned'],
  ['mail', '550 5.7.506 Access Denied, Bad HELO', 'permanent message formatting'],
  [
    'content',
    '550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant',
    'permanent message formatting',
  ],
  ['content', '550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal', 'permanent message formatting'],
  [
    'content',
    '550 5.7.509 Access denied, sending domain does not pass DMARC',
    'permanent message formatting',
  ],
  ['rcpt', '550 5.1.1 User unknown', 'permanent recipient unknown-recipient'],
  ['rcpt', '550 5.1.10 RESOLVER.ADR.RecipientNotFound', 'permanent recipient unknown-recipient'],
  ['rcpt', '550 5.4.1 Recipient address rejected: Access denied', 'permanent recipient unknown-recipient'],
  ['mail', '550 5.1.7 The specified sender domain has not been linked', 'paused sender domain-not-linked'],

  // ordinary servers
  ['auth', '535 Incorrect authentication data', 'paused upstream sign-in-refused'],
  ['auth', '534 5.7.9 Application-specific password required', 'paused upstream sign-in-refused'],
  ['auth', '454 4.7.0 Temporary authentication failure', 'transient smtp-454'],
  ['mail', '530 Authentication required', 'paused upstream sign-in-required'],
  ['starttls', '502 5.5.1 STARTTLS not offered', 'paused upstream starttls-missing'],
  ['starttls', '454 4.7.0 TLS not available due to temporary reason', 'transient smtp-454'],
  ['mail', '552 5.3.4 Message size exceeds fixed limit', 'permanent message too-large elsewhere'],
  ['content', '552 Message too large', 'permanent message too-large elsewhere'],
  ['rcpt', '554 5.7.1 <x@example.org>: Relay access denied', 'permanent recipient relaying-denied elsewhere'],
  ['mail', '553 5.7.1 Sender address rejected: not owned by user', 'paused sender sender-refused'],
  ['rcpt', '550 No such person at this address', 'permanent recipient smtp-550'],
  ['content', '554 5.7.1 Message contains a virus', 'permanent message smtp-554'],
  ['content', '451 4.3.0 Local error in processing', 'transient smtp-451'],
  ['greeting', '554 No SMTP service here', 'transient unreachable-smtp-554'],
  ['mail', '503 5.5.1 Bad sequence', 'transient smtp-503'],
]

describe('outcome of an SMTP reply', () => {
  for (const [stage, said, expected] of rows) {
    it(`${stage}: ${said.slice(0, 70)}`, () => assert.equal(words(outcomeOf(stage, said)), expected))
  }

  it('gives a bounce the status that was said, or 5.0.0', () => {
    const said = outcomeOf('rcpt', '550 5.1.1 User unknown')
    const silent = outcomeOf('rcpt', '550 gone')
    assert.ok(said.kind === 'permanent' && said.status === '5.1.1')
    assert.ok(silent.kind === 'permanent' && silent.status === '5.0.0')
  })

  it('waits a quarter to half an hour where Exchange is under pressure', () => {
    const pressed = outcomeOf('rcpt', '451 4.7.500 Server busy')
    assert.ok(pressed.kind === 'transient' && pressed.afterMs === 15 * minute)
  })
})

describe('SMTP reply', () => {
  it('is read over several lines', () => {
    assert.deepEqual(parseReply('rcpt', '550-5.1.1 The account\n550-5.1.1 does not\n550 5.1.1 exist'), {
      stage: 'rcpt',
      code: 550,
      status: '5.1.1',
      text: 'The account does not exist',
    })
  })

  it('may have no text and no status', () => {
    assert.deepEqual(parseReply('data', '451'), { stage: 'data', code: 451, status: '', text: '' })
  })

  it('takes no version number for a status', () => {
    assert.equal(parseReply('mail', '550 5.7.1beta refused')?.status, '')
  })

  it('is none without a code', () => {
    assert.equal(parseReply('greeting', 'HTTP/1.1 400 Bad Request'), undefined)
  })
})
