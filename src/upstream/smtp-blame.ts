import type { SmtpStage } from './smtp-reply.ts'
import { passes, pauses, pausesSender, refuses, type SmtpRow } from './smtp-row.ts'

/** Servers delay what they have against a client or a sender to the first RCPT (Postfix smtpd_delay_reject) or beyond. */
const delayed: readonly SmtpStage[] = ['greeting', 'ehlo', 'mail', 'rcpt', 'data']
const anywhere: readonly SmtpStage[] = [...delayed, 'content']

const namesOurAddress =
  /client (host )?\S+ blocked|client host rejected|banned send(ing IP|er ?\[)|messages from \S+ weren't sent|\bA?S31[45]0\b|IP reputation|IP you're using/i
/** Said of the content these are about links in it, said of a recipient about its own lists. */
const namesList =
  /^(?!.*recipient).*(spamhaus|bl(ock|ack) ?list|\brbl\b|dnsbl|reputation|\blisted at\b|not allowed to connect|access to submit messages)/i

/**
 * Replies about this box: its address, its name, its right to relay, its sender. They come where the recipient is judged
 * and are no verdict on it: they pause what is wrong, and never bounce (promise 3).
 */
export const ourFaults: readonly SmtpRow[] = [
  { about: 'RejectDirectSend is on', status: /^5\.7\.68$/, outcome: pauses('direct-send-rejected') },
  {
    about: 'connector, IP or certificate mismatch',
    status: /^5\.7\.64$/,
    outcome: pauses('connector-mismatch'),
  },
  {
    about: 'the same, of a partner connector',
    text: /Tenant(Inbound)?Attribution/i,
    stage: anywhere,
    outcome: pauses('connector-mismatch'),
  },
  {
    about: 'the account sends spam, Exchange says',
    text: /OutboundSpam|\bWASCL\b/i,
    stage: anywhere,
    outcome: pauses('sending-banned'),
  },
  {
    about: 'our name in EHLO: the setting of the box, no fault of a mail',
    status: /^5\.7\.506$/,
    outcome: pauses('name-refused'),
  },
  {
    about: 'our name in EHLO, told by the text alone',
    text: /\bhelo\b.*\b(rejected|blocked|listed)/i,
    stage: delayed,
    outcome: pauses('name-refused'),
  },
  {
    about: 'our sender, with no sign-in to judge it by',
    text: /sender address rejected: not logged in/i,
    stage: delayed,
    outcome: pauses('sign-in-required'),
  },
  {
    about: 'our sender, whenever it is told',
    text: /\bsender (address |domain )?(\S+ )?(rejected|refused|denied|blocked using)|\bsender (address )?verif(y|ication) failed|domain of sender address/i,
    stage: ['mail', 'rcpt', 'data'],
    outcome: pausesSender('sender-refused'),
  },
  {
    about: 'SPF of our sender does not name our address (RFC 7372 section 3.2)',
    status: /^5\.7\.23$/,
    outcome: pausesSender('sender-refused'),
  },
  {
    about: 'Exchange bans our address',
    status: /^5\.7\.(60[6-9]|6[1-4]\d|511)$/,
    outcome: pauses('address-blocked'),
  },
  {
    about: 'our address has no name in DNS (RFC 7372 section 3.3)',
    status: /^5\.7\.25$/,
    outcome: pauses('address-blocked'),
  },
  {
    about: 'our address is refused',
    text: namesOurAddress,
    stage: anywhere,
    outcome: pauses('address-blocked'),
  },
  {
    about: 'our address is on a list',
    text: namesList,
    stage: delayed,
    outcome: pauses('address-blocked'),
  },
  {
    about: 'the server relays for nobody of our address or sign-in',
    stage: ['mail'],
    text: /relay/i,
    code: [550, 551, 553, 554],
    outcome: pauses('relaying-denied'),
  },
  {
    about: 'the server does not relay for us to this recipient: RelayRight tells whose fault it is',
    // An unknown recipient of a domain that it does relay for is told with that word too (Postfix, "relay recipient table").
    status: /^(?!5\.1\.(1|10)$|5\.2\.|5\.4\.1$)/,
    stage: ['rcpt'],
    text: /relay|rcpthosts/i,
    code: [550, 551, 553, 554],
    outcome: refuses('recipient', 'relaying-denied', true),
  },
  {
    about: 'the same for now, as Postfix says it by default (defer_unauth_destination)',
    stage: ['rcpt'],
    text: /relay access denied/i,
    code: [450, 451, 454],
    outcome: passes('relaying-denied'),
  },
]
