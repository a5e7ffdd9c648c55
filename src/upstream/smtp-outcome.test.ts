import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../core/outcome.ts'
import { minute } from '../core/time.ts'
import { smtpMeaning, smtpMeanings, smtpOutcome } from './smtp-outcome.ts'
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
  ['token', '535 5.7.3 Authentication unsuccessful', 'paused upstream app-not-admitted'],
  [
    'token',
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'paused upstream smtp-auth-disabled',
  ],
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
  [
    'mail',
    '550 5.2.253 Sender throttled due to continuous daily quota exceeded errors',
    'paused upstream mailbox-blocked, no probing',
  ],
  [
    'mail',
    '550 5.2.254 Sender throttled due to continuous invalid recipients errors',
    'paused upstream mailbox-blocked, no probing',
  ],
  [
    'content',
    '550 5.7.1 Client does not have permissions to send as this sender',
    'paused sender send-as-denied',
  ],
  [
    'content',
    "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit for sending email to external recipients",
    'paused upstream daily-recipient-limit',
  ],
  [
    'content',
    "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit",
    'paused upstream daily-recipient-limit',
  ],
  ['content', '450 4.7.0 Try again later', 'transient smtp-450'],
  ['content', '550 5.7.502 Access denied, banned sender', 'paused upstream sending-banned'],
  ['mail', '550 5.7.700 Access denied', 'paused upstream sending-banned'],
  ['mail', '550 5.7.749 Access denied', 'paused upstream sending-banned'],
  ['mail', '550 5.7.699 Access denied', 'paused sender sender-refused'],
  ['rcpt', '550 5.6.7 Address needs SMTPUTF8', 'permanent message needs-smtputf8 elsewhere'],
  ['auth', '504 5.5.4 Unrecognized authentication type', 'paused upstream sign-in-refused'],
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
  ['rcpt', '550 5.7.606 Access denied, banned sending IP [1.2.3.4]', 'paused upstream address-blocked'],
  ['rcpt', '550 5.7.649 Access denied, banned sending IP [1.2.3.4]', 'paused upstream address-blocked'],
  ['rcpt', '550 5.7.511 Access denied, banned sender[1.2.3.4]', 'paused upstream address-blocked'],
  ['mail', '550 5.7.506 Access Denied, Bad HELO', 'paused upstream name-refused'],
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
  ['mail', '550 5.1.7 Invalid sender username.', 'paused sender sender-unknown'],

  // Of this box, said where the recipient is judged (public captures of bounces)
  [
    'rcpt',
    '550 5.7.1 Service unavailable, Client host [1.2.3.4] blocked using Spamhaus. (AS16012611)',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '550 5.7.606 Access denied, banned sending IP [1.2.3.4]. To request removal from this list please visit https://sender.office.com/ and follow the directions. (AS16012609)',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '550 5.7.511 Access denied, banned sender[1.2.3.4]. To request removal from this list please forward this message to delist@messaging.microsoft.com. AS(508)',
    'paused upstream address-blocked',
  ],
  [
    'mail',
    "550 5.7.1 Unfortunately, messages from [1.2.3.4] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
    'paused upstream address-blocked',
  ],
  [
    'mail',
    "550 SC-001 (BAY004-MC2F37) Unfortunately, messages from 1.2.3.4 weren't sent. Please contact your Internet service provider since part of their network is on our block list.",
    'paused upstream address-blocked',
  ],
  ['content', '554 5.7.1 Refused by block list (AS3150)', 'paused upstream address-blocked'],
  [
    'mail',
    '550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. (S8001)',
    'paused upstream name-refused',
  ],
  [
    'rcpt',
    '550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the recipient domain',
    'paused upstream connector-mismatch',
  ],
  [
    'content',
    '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is Suspend',
    'paused upstream sending-banned',
  ],
  [
    'rcpt',
    '550 5.7.23 The message was rejected because of Sender Policy Framework violation',
    'paused sender sender-refused',
  ],
  // Postfix
  [
    'rcpt',
    '554 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/1.2.3.4',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '554 5.7.1 <unknown[1.2.3.4]>: Client host rejected: Access denied',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '550 5.7.25 Client host rejected: cannot find your hostname, [1.2.3.4]',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname',
    'paused upstream name-refused',
  ],
  [
    'rcpt',
    '550 5.1.0 <scan@contoso.com>: Sender address rejected: User unknown',
    'paused sender sender-refused',
  ],
  [
    'rcpt',
    '553 5.7.1 <scan@contoso.com>: Sender address rejected: not owned by user box',
    'paused sender sender-refused',
  ],
  [
    'rcpt',
    '553 5.7.1 <scan@contoso.com>: Sender address rejected: not logged in',
    'paused upstream sign-in-required',
  ],
  [
    'rcpt',
    '554 5.7.1 Service unavailable; Sender address [scan@contoso.com] blocked using dbl.spamhaus.org',
    'paused sender sender-refused',
  ],
  ['rcpt', '454 4.7.1 <x@example.org>: Relay access denied', 'transient relaying-denied'],
  [
    'rcpt',
    '550 5.1.1 <sender@contoso.com>: Recipient address rejected: User unknown in virtual mailbox table',
    'permanent recipient unknown-recipient',
  ],
  [
    'rcpt',
    '550 5.1.1 <bob@contoso.com>: Recipient address rejected: User unknown in relay recipient table',
    'permanent recipient unknown-recipient',
  ],
  // What is said back is nobody's verdict.
  ['rcpt', '550 5.1.1 <bob@relay.contoso.com>... User unknown', 'permanent recipient unknown-recipient'],
  ['rcpt', '550 <bob@relay.contoso.com>: mailbox away', 'permanent recipient smtp-550'],
  ['mail', '550 5.7.1 <scan@relay.contoso.com>: sender not allowed', 'paused sender sender-refused'],
  // Sendmail
  [
    'mail',
    '553 5.1.8 <scan@printer.local>... Domain of sender address scan@printer.local does not exist',
    'paused sender sender-refused',
  ],
  ['mail', '550 5.1.8 Access denied, bad outbound sender', 'paused upstream sending-banned'],
  // Exim
  [
    'rcpt',
    '550 rejected because 1.2.3.4 is in a black list at zen.spamhaus.org',
    'paused upstream address-blocked',
  ],
  [
    'rcpt',
    '550 "JunkMail rejected - host.example [1.2.3.4]:4711 is in an RBL on rbl.example.com"',
    'paused upstream address-blocked',
  ],
  ['rcpt', '550 Sender verify failed', 'paused sender sender-refused'],
  ['rcpt', '550 relay not permitted', 'permanent recipient relaying-denied elsewhere'],
  // Sendmail, qmail, Google
  ['rcpt', '550 5.7.1 Rejected: 1.2.3.4 listed at bl.example.net', 'paused upstream address-blocked'],
  [
    'rcpt',
    '553 5.1.8 <scan@contoso.com>... Domain of sender address scan@contoso.com does not exist',
    'paused sender sender-refused',
  ],
  [
    'rcpt',
    '550 5.7.1 <x@example.org>... Relaying denied. Proper authentication required.',
    'permanent recipient relaying-denied elsewhere',
  ],
  [
    'rcpt',
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    'permanent recipient relaying-denied elsewhere',
  ],
  ['mail', '550 5.7.1 Invalid credentials for relay [1.2.3.4].', 'paused upstream relaying-denied'],
  [
    'content',
    "550 5.7.1 [1.2.3.4] The IP you're using to send mail is not authorized to send email directly to our servers.",
    'paused upstream address-blocked',
  ],
  ['rcpt', '554 5.7.1 rejected due to IP reputation', 'paused upstream address-blocked'],
  // no fault of ours: a link in the content, a list of recipients
  ['content', '554 5.7.1 Message contains a link that is blacklisted', 'permanent message smtp-554'],
  ['rcpt', '550 5.7.1 Recipient is on a suppression blacklist', 'permanent recipient smtp-550'],

  // RFC 5321 section 4.2.1: 4yz passes, whatever its status claims
  ['rcpt', '450 5.1.1 Try later', 'transient smtp-450'],
  ['rcpt', '450 5.4.1 Recipient address rejected', 'transient smtp-450'],
  ['content', '451 5.7.509 DMARC could not be looked up', 'transient smtp-451'],
  ['mail', '451 5.7.64 TenantAttribution', 'transient smtp-451'],
  ['rcpt', '450 4.7.1 Client host rejected: cannot find your reverse hostname', 'transient smtp-450'],
  // MAIL judges no recipient
  ['mail', '550 5.1.1 Sender unknown', 'paused sender sender-refused'],
  ['mail', '550 5.7.54 Unable to relay', 'paused upstream relaying-denied'],

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

/** Each pause: its reason and its remedy. */
const sentences: readonly (readonly [code: string, reason: RegExp, remedy: RegExp])[] = [
  ['smtp-auth-disabled', /switched off|blocked/, /Set-CASMailbox|sign in with an app/],
  ['sender-unknown', /does not exist as a MailFrom address/, /Add it in the portal/],
  ['sign-in-refused', /refuses our sign-in/, /user name and password/],
  ['app-not-admitted', /token.*does not take it/, /SMTP\.SendAsApp.*New-ServicePrincipal.*SMTP Username/],
  ['sign-in-required', /wants us to sign in/, /credential of an account/],
  ['send-as-denied', /may not send as this sender/, /Grant SendAs/],
  ['mailbox-blocked', /whole sending mailbox is throttled/, /wait some hours and resume by hand/],
  ['daily-recipient-limit', /daily recipient limit/, /24 hours have moved on/],
  ['mailbox-full', /Sent Items/, /Empty Sent Items/],
  ['connector-mismatch', /No inbound connector/, /Compare the connector/],
  ['direct-send-rejected', /rejects Direct Send/, /RejectDirectSend/],
  ['sending-banned', /banned/, /Restricted entities/],
  ['name-refused', /the name by which this box greets/, /hostname in \[gateway\]/],
  ['domain-not-linked', /not linked/, /Connect domain/],
  ['address-blocked', /takes nothing from the public address/, /ask there for removal/],
  ['relaying-denied', /does not pass mail on for us/, /allowed to relay/],
  ['starttls-missing', /does not offer STARTTLS/, /host and port/],
  ['sender-refused', /does not take mail from this sender/, /Choose a sender/],
]

/** Minutes before the next try; undefined: the retry schedule's own. */
const waits: readonly (readonly [said: string, minutes: number | undefined])[] = [
  ['432 4.3.2 Concurrent connections limit exceeded', 1],
  ['450 4.5.127 Excessive message rate from sender', 5],
  ['450 4.5.3 Too many recipients of one domain', 5],
  ['451 4.7.500 Server busy. (AS77712)', 30],
  ['451 4.7.500 Server busy', 15],
  ['452 4.5.3 Too many recipients', undefined],
  ['421 4.4.2 Connection dropped', undefined],
  ['451 4.7.0 Temporary server error', undefined],
]

describe('outcome of an SMTP reply', () => {
  for (const [stage, said, expected] of rows) {
    it(`${stage}: ${said.slice(0, 70)}`, () => assert.equal(words(outcomeOf(stage, said)), expected))
  }

  it('has a reply here for each meaning that the table knows', () => {
    const met = rows.flatMap(([stage, said]) => {
      const reply = parseReply(stage, said)
      return (reply && smtpMeaning(reply)) ?? []
    })
    assert.deepEqual([...new Set(met)].toSorted(), smtpMeanings.toSorted())
  })

  for (const [code, reason, remedy] of sentences) {
    it(`says of ${code} what it is and what helps`, () => {
      const outcomes = rows.map(([stage, said]) => outcomeOf(stage, said))
      const found = outcomes.filter((outcome) => outcome.kind === 'paused' && outcome.pause.code === code)
      assert.ok(found.length > 0)
      for (const outcome of found) {
        assert.ok(outcome.kind === 'paused')
        assert.match(outcome.pause.reason, reason)
        assert.match(outcome.pause.reason, / \(\d{3} .+\)$/, 'and what the server said')
        assert.match(outcome.pause.remedy, remedy)
      }
    })
  }

  it('has a sentence here for each pause', () => {
    const codes = rows.flatMap(([stage, said]) => {
      const outcome = outcomeOf(stage, said)
      return outcome.kind === 'paused' ? [outcome.pause.code] : []
    })
    assert.deepEqual([...new Set(codes)].toSorted(), sentences.map(([code]) => code).toSorted())
  })

  for (const [said, minutes] of waits) {
    it(`waits ${minutes ?? 'as the schedule says'} after ${said}`, () => {
      const outcome = outcomeOf('rcpt', said)
      assert.ok(outcome.kind === 'transient' || outcome.kind === 'throttled')
      assert.equal(outcome.afterMs, minutes === undefined ? undefined : minutes * minute)
    })
  }

  it('gives a bounce the status that was said, or 5.0.0', () => {
    const said = outcomeOf('rcpt', '550 5.1.1 User unknown')
    const silent = outcomeOf('rcpt', '550 gone')
    assert.ok(said.kind === 'permanent' && said.status === '5.1.1')
    assert.ok(silent.kind === 'permanent' && silent.status === '5.0.0')
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
