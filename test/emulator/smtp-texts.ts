// How an upstream words its replies. The codes are RFC 5321's; services differ in the rest.

/** Whole replies, as in scripts: code, text, lines separated by \n. */
export interface SmtpTexts {
  readonly banner: (hostname: string, nowMs: number) => string
  /** First line of the EHLO reply, without its code. */
  readonly hello: (hostname: string, clientAddress: string) => string
  readonly tlsReady: string
  readonly authenticated: string
  readonly sender: string
  readonly recipient: string
  readonly startContent: string
  readonly chunk: (octets: number) => string
  readonly queued: (id: string, hostname: string, octets: number) => string
  readonly reset: string
  readonly noop: string
  readonly bye: string
  readonly unknownCommand: string
  readonly helloFirst: string
  readonly nestedMail: string
  readonly needMail: string
  readonly needRecipient: string
  readonly authRequired: string
  /** AUTH before STARTTLS. */
  readonly authInClear: string
  /** MAIL before STARTTLS where TLS is demanded. */
  readonly tlsRequired: string
  readonly unknownMechanism: string
  readonly undecodable: string
  /** An XOAUTH2 response that is no `user=…^Aauth=Bearer …^A^A`. */
  readonly undecodableToken: string
  readonly tooLarge: string
  readonly tooManyRecipients: string
  readonly bareLineFeed: string
}

export const plainTexts: SmtpTexts = {
  banner: (hostname) => `220 ${hostname} ESMTP`,
  hello: (hostname) => hostname,
  tlsReady: '220 2.0.0 Ready to start TLS',
  authenticated: '235 2.7.0 Authentication successful',
  sender: '250 2.1.0 Sender ok',
  recipient: '250 2.1.5 Recipient ok',
  startContent: '354 End data with <CR><LF>.<CR><LF>',
  chunk: (octets) => `250 2.0.0 ${octets} octets received`,
  queued: (id) => `250 2.0.0 Ok: queued as ${id}`,
  reset: '250 2.0.0 Ok',
  noop: '250 2.0.0 Ok',
  bye: '221 2.0.0 Bye',
  unknownCommand: '500 5.5.1 Command unrecognized',
  helloFirst: '503 5.5.1 EHLO first',
  nestedMail: '503 5.5.1 Nested MAIL command',
  needMail: '503 5.5.1 MAIL first',
  needRecipient: '554 5.5.1 No valid recipients',
  authRequired: '530 5.7.0 Authentication required',
  authInClear: '538 5.7.11 Encryption required',
  tlsRequired: '530 5.7.0 Must issue a STARTTLS command first',
  unknownMechanism: '504 5.5.4 Unrecognized authentication type',
  undecodable: '501 5.5.2 Cannot decode the response',
  undecodableToken: '501 5.5.2 Cannot decode the response',
  tooLarge: '552 5.3.4 Message size exceeds fixed limit',
  tooManyRecipients: '452 4.5.3 Too many recipients',
  bareLineFeed: '550 5.6.11 Bare line feeds are not allowed',
}
