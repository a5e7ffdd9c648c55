import type { Outcome } from '../core/outcome.ts'
import { minute } from '../core/time.ts'
import { ourFaults } from './smtp-blame.ts'
import type { SmtpReply, SmtpStage } from './smtp-reply.ts'
import { passes, pauses, pausesSender, refuses, type SmtpRow, throttles } from './smtp-row.ts'

/** Where a recipient is judged: before, nobody has heard of it. */
const judging: readonly SmtpStage[] = ['rcpt', 'data', 'content']

/**
 * Replies of Exchange Online, ACS and ordinary servers (microsoft.md 6.3; RFC 5321, 3463, 4954). The enhanced status
 * comes first, the text decides where one status has two meanings. Only a verdict on this message or recipient may be
 * permanent; what is ours (smtp-blame.ts) is looked for before such verdicts.
 */
const rows: readonly SmtpRow[] = [
  {
    about: 'the same 5.2.x means quota of recipients or a full mailbox: the text tells',
    status: /^5\.2\.[02]$/,
    text: /SubmissionQuotaExceeded/i,
    outcome: pauses('daily-recipient-limit'),
  },
  { about: 'recipients per day', status: /^5\.1\.90$/, outcome: pauses('daily-recipient-limit') },
  {
    about: 'external recipients of the whole tenant per day (TERRL)',
    status: /^5\.7\.23[23]$/,
    outcome: pauses('daily-recipient-limit'),
  },
  {
    about: 'From not permitted; 5.2.252 has two meanings',
    status: /^5\.(2\.(252|0)|7\.1)$/,
    text: /SendAsDenied|not allowed to send as|permissions? to send as/i,
    outcome: pausesSender('send-as-denied'),
  },
  {
    about: 'no permission to send as this sender',
    status: /^5\.7\.60$/,
    outcome: pausesSender('send-as-denied'),
  },
  { about: 'the whole mailbox is throttled', status: /^5\.2\.25[1-5]$/, outcome: pauses('mailbox-blocked') },
  {
    about: 'copies in Sent Items fill the sending mailbox; told at RCPT it is the recipient’s that is full',
    status: /^5\.2\.2$/,
    code: [554],
    stage: ['data', 'content', 'mail'],
    outcome: pauses('mailbox-full'),
  },
  {
    about: 'SMTP AUTH disabled, basic authentication disabled, security defaults',
    status: /^5\.7\.139$/,
    text: /disabled|blocked|security defaults/i,
    outcome: pauses('smtp-auth-disabled'),
  },
  {
    about: 'a token that Entra gave and the service does not take: no right, no mailbox, not its app',
    code: [535],
    stage: ['token'],
    outcome: pauses('app-not-admitted'),
  },
  {
    about: 'criteria not met, wrong password',
    status: /^5\.7\.(139|3)$/,
    code: [535],
    outcome: pauses('sign-in-refused'),
  },
  { about: 'client not authenticated', status: /^5\.7\.57$/, outcome: pauses('sign-in-required') },
  { about: 'authentication required (RFC 4954 section 6)', code: [530], outcome: pauses('sign-in-required') },
  { about: 'credentials or mechanism refused', code: [534, 535, 538], outcome: pauses('sign-in-refused') },
  {
    about: 'STARTTLS unknown or not now',
    code: [500, 501, 502, 503, 504, 554],
    stage: ['starttls'],
    outcome: pauses('starttls-missing'),
  },
  {
    about: 'a final no to AUTH',
    code: [500, 501, 502, 503, 504, 550, 554],
    stage: ['auth', 'token'],
    outcome: pauses('sign-in-refused'),
  },

  {
    about: 'too many connections',
    status: /^4\.3\.2$/,
    code: [432],
    outcome: passes('too-many-connections', minute),
  },
  {
    about: 'recipients of one transaction (RFC 5321 section 4.5.3.1.8): the rest goes next',
    status: /^4\.5\.3$/,
    code: [452],
    stage: ['rcpt'],
    outcome: passes('too-many-recipients'),
  },
  {
    about: 'rate, or over 200 recipients of one domain',
    status: /^4\.5\.(127|3)$/,
    outcome: throttles(5 * minute),
  },
  {
    about: 'address grey-listed',
    status: /^4\.7\.([56]\d\d|8[5-9]\d)$/,
    text: /\bAS\(?\d+/,
    outcome: passes('grey-listed', 30 * minute),
  },
  {
    about: 'back-pressure',
    status: /^4\.7\.([56]\d\d|8[5-9]\d)$/,
    outcome: passes('back-pressure', 15 * minute),
  },
  {
    about: 'dropped or busy',
    code: [421, 451],
    status: /^4\.(4\.2|7\.0)$/,
    outcome: (reply) => passing(reply),
  },

  {
    about: 'external recipient on an internal service',
    status: /^5\.7\.54$/,
    stage: judging,
    outcome: refuses('recipient', 'external-recipient', true),
  },
  ...ourFaults,
  {
    about: 'tenant or account banned',
    status: /^5\.(7\.(7[0-4]\d|750|50[1-3])|1\.8)$/,
    outcome: pauses('sending-banned'),
  },
  {
    about: 'ACS: domain not linked',
    status: /^5\.1\.7$/,
    text: /not been linked/i,
    outcome: pausesSender('domain-not-linked'),
  },
  {
    about: 'ACS: no such MailFrom address',
    status: /^5\.1\.7$/,
    text: /invalid sender user ?name/i,
    outcome: pausesSender('sender-unknown'),
  },
  {
    about: 'no valid From, bare LF, DMARC: the device’s formatting',
    status: /^5\.(7\.(512|509)|6\.11)$/,
    outcome: refuses('message', 'formatting'),
  },
  {
    about: 'unknown recipient',
    status: /^5\.(1\.1|1\.10|4\.1)$/,
    stage: judging,
    outcome: refuses('recipient', 'unknown-recipient'),
  },
  {
    about: 'too large (RFC 1870)',
    status: /^5\.(3\.4|2\.3)$/,
    outcome: refuses('message', 'too-large', true),
  },
  {
    about: 'too large without a status',
    code: [552],
    text: /size|large/i,
    outcome: refuses('message', 'too-large', true),
  },
  {
    about: 'letters beyond ASCII in an address (RFC 6531 section 3.5)',
    status: /^5\.6\.7$/,
    outcome: refuses('message', 'needs-smtputf8', true),
  },
]

/** What the rows are about, each once. */
export const smtpMeanings: readonly string[] = rows.map(({ about }) => about)

/** The meaning that a reply has by itself; undefined where only its place in the dialogue counts. */
export const smtpMeaning = (reply: SmtpReply): string | undefined => rowOf(reply)?.about

const rowOf = (reply: SmtpReply): SmtpRow | undefined => rows.find((candidate) => matches(candidate, reply))

/** What a reply that is no success means for the recipients it is about. */
export function smtpOutcome(reply: SmtpReply): Outcome {
  const row = rowOf(reply)
  if (reply.code >= 500) return row?.outcome(reply) ?? ordinaryRefusal(reply)
  const outcome = row?.outcome(reply) ?? passing(reply)
  // RFC 5321 section 4.2.1: what 4yz says passes, whatever class its enhanced status claims.
  return outcome.kind === 'permanent' || outcome.kind === 'paused' ? passing(reply) : outcome
}

/** A server that says no to the very greeting is as good as down; delivery counts `unreachable-…`. */
function passing(reply: SmtpReply): Outcome {
  const isDown = reply.stage === 'greeting' || reply.stage === 'ehlo'
  return passes(`${isDown ? 'unreachable-' : ''}smtp-${reply.code}`)(reply)
}

/** What a server says, and not what it says back: an address may hold any word. */
const withoutPaths = (text: string): string => text.replace(/<[^>]*>/g, '<>')

function matches(row: SmtpRow, reply: SmtpReply): boolean {
  return (
    (row.code?.includes(reply.code) ?? true) &&
    (row.status?.test(reply.status) ?? true) &&
    (row.text?.test(withoutPaths(reply.text)) ?? true) &&
    (row.stage?.includes(reply.stage) ?? true)
  )
}

/** A 5xx of no row: RCPT judges the recipient, content the message, MAIL the sender; anything before is the server's trouble. */
function ordinaryRefusal(reply: SmtpReply): Outcome {
  if (reply.code === 503) return passes('smtp-503')(reply)
  switch (reply.stage) {
    case 'rcpt':
      return refuses('recipient', `smtp-${reply.code}`)(reply)
    case 'data':
    case 'content':
      return refuses('message', `smtp-${reply.code}`)(reply)
    case 'mail':
      return pausesSender('sender-refused')(reply)
    case 'greeting':
    case 'ehlo':
    case 'starttls':
    case 'auth':
    case 'token':
      return passing(reply)
  }
}
