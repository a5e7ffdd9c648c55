const hasStatus = /^[245]\.\d{1,3}\.\d{1,3} /

/** RFC 3463 statuses and texts short enough for a printer's display, by the library's reply and its context. */
const byContext: Readonly<Record<string, string>> = {
  '250 MAIL_FROM_OK': '2.1.0 Ok',
  '250 RCPT_TO_OK': '2.1.5 Ok',
  '501 SENDER_SYNTAX_ERROR': '5.1.7 Sender address not understood S1',
  '501 MAILBOX_SYNTAX_ERROR': '5.1.3 Recipient address not understood R1',
}

const byCode: Readonly<Record<number, string>> = {
  214: '2.0.0 See RFC 5321',
  221: '2.0.0 Bye',
  235: '2.7.0 Authentication successful',
  250: '2.0.0 Ok',
  252: '2.5.2 Send some mail, I will try',
  421: '4.3.2 Closing',
  500: '5.5.2 Command not understood',
  501: '5.5.4 Bad parameter',
  502: '5.5.1 Command not offered',
  503: '5.5.1 Wrong order of commands',
  504: '5.5.4 Use AUTH LOGIN or PLAIN A3',
}

export const signInNotUnderstood = '5.5.2 Sign-in not understood N3'

/** Texts of the library that say more than its code does. */
const byText: readonly (readonly [RegExp, string])[] = [
  [/nested MAIL/, '5.5.1 MAIL was given already'],
  [/need MAIL/, '5.5.1 MAIL first'],
  [/send HELO\/EHLO first/, '5.5.1 EHLO first'],
  [/identity changes/, '5.5.1 Signed in already'],
  [/Authentication aborted/, '5.7.0 Sign-in cancelled'],
  [/invalid userdata|missing username/, signInNotUnderstood],
  [/syntax: (?:EHLO|HELO)/i, '5.5.4 A name is missing'],
  [/HTTP requests/, '4.7.0 This is no web server N3'],
]

/**
 * The text behind the code with its enhanced status (RFC 2034). Our own texts carry theirs; the library's are replaced:
 * the statuses that it derives from the code alone are wrong, its texts long.
 */
export function withStatus(code: number, text: string, context: string | false | undefined): string {
  if (hasStatus.test(text) || code < 200 || (code >= 300 && code < 400)) return text
  const known = byContext[`${code} ${context || ''}`]
  if (known !== undefined) return known
  const said = byText.find(([pattern]) => pattern.test(text))
  return said?.[1] ?? byCode[code] ?? `${Math.floor(code / 100)}.0.0 ${text}`
}
