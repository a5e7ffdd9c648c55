const mask = '****'

/** Commands whose arguments hold no secret (RFC 5321 section 4.1.1, RFC 3030, RFC 3207). */
const openVerbs: ReadonlySet<string> = new Set([
  'EHLO',
  'HELO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'NOOP',
  'QUIT',
  'STARTTLS',
  'HELP',
  'VRFY',
  'EXPN',
])

/** Verbs of SMTP, POP3, IMAP and HTTP that tell who speaks the wrong protocol; what follows them may be a password. */
const knownVerbs: ReadonlySet<string> = new Set([
  ...openVerbs,
  ...['AUTH', 'ETRN', 'SEND', 'SOML', 'SAML', 'TURN', 'XCLIENT', 'XFORWARD', 'LHLO'],
  ...['USER', 'PASS', 'APOP', 'CAPA', 'STLS', 'STAT', 'LIST', 'RETR', 'DELE', 'UIDL', 'TOP'],
  ...['LOGIN', 'AUTHENTICATE', 'LOGOUT', 'CAPABILITY'],
  ...['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'PATCH', 'TRACE', 'PRI'],
])

/** A sign-in in the wrong place: its word alone, or joined to the mechanism, and something behind it. */
const signIn =
  /(?<![\w.@-])x?auth(?:enticate|entication|orization|[-_.]?(?:plain|login|cram-md5|ntlm|xoauth2))?(?![\w.@-]).*\w/i
/** The author and the service named auth have mail addresses too. */
const path = /<[^<>\s=]*>/
const verbForm = /^[A-Za-z]{1,12}$/

/**
 * A line of a device as it may be kept: whole where its verb is known to carry no secret, else its verb alone. What is
 * no verb at all may be a password that came at the wrong moment.
 */
export function withoutSecret(line: string): string {
  const [first = ''] = line.trim().split(/\s/, 1)
  const verb = verbForm.test(first) ? first.toUpperCase() : ''
  if (!knownVerbs.has(verb)) return line.trim() === '' ? line : mask
  if (openVerbs.has(verb) && !signIn.test(line.replace(path, '<>'))) return line
  return line.trim() === first ? first : `${first} ${mask}`
}

/** A name of EHLO or HELO as it may be kept and written into mail; empty where it holds a sign-in. */
export const nameWithoutSecret = (name: string): string => (/auth[\s=]/i.test(name) ? '' : name)
