/** An SMTP reply (RFC 5321 section 4.2) with the enhanced status (RFC 3463) as part of the text. */
export interface Reply {
  readonly code: number
  readonly status: string
  /** At most about 40 characters: printers cut it there. */
  readonly text: string
}

const reply = (code: number, status: string, text: string): Reply => ({ code, status, text })

/** Every refusal a device may see (contract section 6), in one place. Our own trouble is always 4xx. */
export const replies = {
  signInFirst: reply(530, '5.7.0', 'Sign in first'),
  wrongCredentials: reply(535, '5.7.8', 'User name or password is wrong'),
  temporaryAuthFailure: reply(454, '4.7.0', 'Sign-in not possible now'),
  encryptionRequired: reply(538, '5.7.11', 'Encryption required to sign in'),
  encryptionFirst: reply(530, '5.7.0', 'Turn on encryption for this device'),
  mechanismUnknown: reply(504, '5.5.4', 'Use AUTH LOGIN or PLAIN'),
  unknownNetwork: reply(554, '5.7.1', 'Your network is not allowed here'),
  tooManyConnections: reply(421, '4.7.0', 'Too many connections, try later'),
  tooManyGuesses: reply(421, '4.7.0', 'Too many wrong passwords, try later'),
  shuttingDown: reply(421, '4.3.2', 'Restarting, try again'),
  relayingDenied: reply(554, '5.7.1', 'Relaying denied'),
  recipientNotAllowed: reply(550, '5.7.1', 'Recipient not allowed'),
  senderNotAllowed: reply(550, '5.7.1', 'Sender not allowed'),
  deviceDisabled: reply(550, '5.7.1', 'This device is switched off'),
  badSender: reply(501, '5.1.7', 'Sender address not understood'),
  badRecipient: reply(501, '5.1.3', 'Recipient address not understood'),
  needsDomain: reply(550, '5.1.3', 'Recipient needs a domain'),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients'),
  tooLarge: reply(552, '5.3.4', 'Message too large'),
  tooLargeForEveryWay: reply(552, '5.3.4', 'Too large for every way out'),
  noWayOut: reply(554, '5.6.1', 'No way out takes this kind of mail'),
  diskFull: reply(452, '4.3.1', 'Disk full, try later'),
  spoolTrouble: reply(451, '4.3.0', 'Could not be stored, try later'),
  noMemory: reply(452, '4.3.1', 'Busy, try later'),
  tooMuchHeld: reply(452, '4.3.1', 'Too much mail of new devices waits'),
  aboveOwnRate: reply(451, '4.7.1', "Far above this device's rate"),
  timeout: reply(421, '4.4.2', 'Timed out'),
  notUnderstood: reply(500, '5.5.2', 'Command not understood'),
} as const

/** `552 5.3.4 Message too large` without the code, as the library takes it. */
export const replyText = (r: Reply): string => `${r.status} ${r.text}`
