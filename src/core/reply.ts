import type { VerdictCode } from './verdict.ts'

/** An SMTP reply (RFC 5321 section 4.2) with the enhanced status (RFC 3463) as part of the text. */
export interface Reply {
  readonly code: number
  readonly status: string
  /** At most about 40 characters: printers cut it there. */
  readonly text: string
  /** What the text ends in, and the session's verdict where nothing more telling is known. */
  readonly verdict?: VerdictCode
}

/** A refusal that ends in its code: printers put the reply on their error sheet. */
type Refusal = Reply & { readonly verdict: VerdictCode }

const reply = (code: number, status: string, text: string, verdict: VerdictCode): Refusal => ({
  code,
  status,
  text: `${text} ${verdict}`,
  verdict,
})

/** Every refusal a device may see (contract section 6), in one place. Our own trouble is always 4xx. */
export const replies = {
  signInFirst: reply(530, '5.7.0', 'Sign in first', 'A4'),
  wrongCredentials: reply(535, '5.7.8', 'User name or password is wrong', 'A0'),
  temporaryAuthFailure: reply(454, '4.7.0', 'Sign-in not possible now', 'A8'),
  encryptionRequired: reply(538, '5.7.11', 'Encryption required to sign in', 'T8'),
  encryptionFirst: reply(530, '5.7.0', 'Turn on encryption for this device', 'T8'),
  mechanismUnknown: reply(504, '5.5.4', 'Use AUTH LOGIN or PLAIN', 'A3'),
  unknownNetwork: reply(554, '5.7.1', 'Your network is not allowed here', 'N5'),
  tooManyConnections: reply(421, '4.7.0', 'Too many connections, try later', 'N6'),
  tooManyCommands: reply(421, '4.7.0', 'Too many commands without a mail', 'N7'),
  tooManyGuesses: reply(421, '4.7.0', 'Too many wrong passwords, try later', 'A9'),
  shuttingDown: reply(421, '4.3.2', 'Restarting, try again', 'K4'),
  relayingDenied: reply(554, '5.7.1', 'Relaying denied', 'A4'),
  recipientNotAllowed: reply(550, '5.7.1', 'Recipient not allowed', 'R1'),
  senderNotAllowed: reply(550, '5.7.1', 'Sender not allowed', 'S1'),
  deviceDisabled: reply(550, '5.7.1', 'This device is switched off', 'A6'),
  badSender: reply(501, '5.1.7', 'Sender address not understood', 'S1'),
  badRecipient: reply(501, '5.1.3', 'Recipient address not understood', 'R1'),
  needsDomain: reply(550, '5.1.3', 'Recipient needs a domain', 'R2'),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients', 'R3'),
  tooLarge: reply(552, '5.3.4', 'Message too large', 'Z1'),
  tooLargeForEveryWay: reply(552, '5.3.4', 'Too large for every way out', 'Z2'),
  noWayOut: reply(554, '5.6.1', 'No way out takes this kind of mail', 'W1'),
  diskFull: reply(452, '4.3.1', 'Disk full, try later', 'K1'),
  spoolTrouble: reply(451, '4.3.0', 'Could not be stored, try later', 'K2'),
  noStorage: reply(421, '4.3.0', 'Nothing can be stored, try later', 'K2'),
  noMemory: reply(452, '4.3.1', 'Busy, try later', 'K3'),
  tooMuchHeld: reply(452, '4.3.1', 'Too much mail of new devices waits', 'K5'),
  tooManySets: reply(452, '4.3.1', 'Too many unfinished scans wait', 'K6'),
  aboveOwnRate: reply(451, '4.7.1', "Far above this device's rate", 'Q1'),
  timeout: reply(421, '4.4.2', 'Timed out', 'N4'),
  tooManyErrors: reply(421, '4.7.0', 'Too many errors', 'N3'),
} as const

/** `552 5.3.4 Message too large` without the code, as the library takes it. */
export const replyText = (r: Reply): string => `${r.status} ${r.text}`
