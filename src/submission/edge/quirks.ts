/** A way in which devices say a command that SMTP says otherwise. Told to people in docs/devices.md. */
export interface CommandQuirk {
  readonly name: string
  /** An example of what the device says. */
  readonly says: string
  /** The same in SMTP (RFC 5321 section 4.1.1). */
  readonly means: string
  readonly who: string
  /** Where it was seen. */
  readonly source: string
  /** The command in SMTP's words; the line itself where it is another matter. Linear in its length, whatever it holds. */
  readonly repair: (line: string) => string
}

/** Names that devices leave out are not made up: this one says so. */
const noName = 'unknown'
const longestName = 255

const greeting = /^(HELO|EHLO)(?:\s+(.*))?$/is
const addressed = /^(MAIL|RCPT)\s+(FROM|TO)\s*:\s*(.*)$/is
const canonical = /^(MAIL FROM|RCPT TO):(.*)$/is
const namedPath = /^(?:"(?:[^"\\]|\\.)*"\s*|[^<"]+)(<[^<>]*>.*)$/s
const bracketedPath = /^<(?:"(?:[^"\\]|\\.)*"|[^"<>])*>/
const unquotedPath = /^<([^"<>]*)>(.*)$/s
const parameterForm = /^(?:[a-z0-9][a-z0-9-]*=\S*|SMTPUTF8|REQUIRETLS)$/i

/** What may stand behind the path (RFC 1870, 6152, 6531, 3461, 4954, 8689). */
const knownParameters = {
  MAIL: /^(?:SIZE=\d{1,20}|BODY=(?:7BIT|8BITMIME)|SMTPUTF8|RET=(?:FULL|HDRS)|ENVID=\S+|AUTH=\S+|REQUIRETLS)$/i,
  RCPT: /^(?:NOTIFY=\S+|ORCPT=\S+)$/i,
} as const

/** In the order in which they are looked for: each finds what those before it left. */
export const commandQuirks: readonly CommandQuirk[] = [
  {
    name: 'outer-blanks',
    says: 'QUIT  ',
    means: 'QUIT',
    who: 'many',
    source: 'RFC 5321 section 4.1.1',
    repair: (line) => line.trim(),
  },
  {
    name: 'helo-empty',
    says: 'HELO',
    means: 'HELO unknown',
    who: 'a UPS; Danfoss drives',
    source: 'OpenSMTPD#1054, simple.mailserver#5',
    repair: (line) => mended(greeting, line, ([, verb, name]) => (name ? line : `${verb} ${noName}`)),
  },
  {
    name: 'helo-odd',
    says: 'EHLO Front desk scanner',
    means: 'EHLO Front_desk_scanner',
    who: 'devices that give the name from their panel',
    source: 'roundcubemail#6408, james-project#3164, mox#55',
    repair: (line) => mended(greeting, line, ([, verb, name = '']) => `${verb} ${asOneWord(name)}`),
  },
  {
    name: 'mail-space',
    says: 'MAIL FROM: <scanner@contoso.com>',
    means: 'MAIL FROM:<scanner@contoso.com>',
    who: 'scanners',
    source: 'mox#101, KumoMTA PR#559',
    repair: (line) => mended(addressed, line, ([, verb, word, rest]) => `${verb} ${word}:${rest}`),
  },
  {
    name: 'mail-display-name',
    says: 'MAIL FROM:"Front desk" <scanner@contoso.com>',
    means: 'MAIL FROM:<scanner@contoso.com>',
    who: 'devices that put their From field there',
    source: 'nodemailer/smtp-server#120',
    repair: (line) => path(line, (verb, rest) => `${verb}:${namedPath.exec(rest)?.[1] ?? rest}`),
  },
  {
    name: 'mail-no-brackets',
    says: 'MAIL FROM:scanner@contoso.com',
    means: 'MAIL FROM:<scanner@contoso.com>',
    who: 'LSI MegaRAID',
    source: 'SmtpServer#219, SMTP2Graph#24, nodemailer/smtp-server#120',
    repair: (line) => path(line, (verb, rest) => bracketed(verb, rest) ?? line),
  },
  {
    name: 'mail-dot',
    says: 'MAIL FROM:<local.@contoso.com>',
    means: 'MAIL FROM:<local@contoso.com>',
    who: 'HPE iLO Gen9, Gen10',
    source: 'nodemailer/smtp-server#259',
    repair: (line) => path(line, withoutDots),
  },
  {
    name: 'mail-params',
    says: 'MAIL FROM:<scanner@contoso.com> X-JOB=7 SIZE=',
    means: 'MAIL FROM:<scanner@contoso.com>',
    who: 'scanners',
    source: 'murphysean/smtp#3',
    repair: (line) => path(line, withKnownParameters),
  },
]

/** Commands that come where SMTP has another one first: the machine hears that one, its reply is not said. */
export interface OrderQuirk extends Omit<CommandQuirk, 'repair'> {
  readonly isMet: (verb: string, dialogue: Dialogue) => boolean
  readonly before: string
}

/** Where the dialogue stands. */
export interface Dialogue {
  /** EHLO or HELO was said. */
  readonly hasGreeted: boolean
  /** MAIL was taken, and what it began is not over. */
  readonly hasSender: boolean
}

export const orderQuirks: readonly OrderQuirk[] = [
  {
    name: 'no-helo',
    says: 'MAIL FROM:<scanner@contoso.com> as the first command',
    means: 'HELO unknown, then MAIL FROM:<scanner@contoso.com>',
    who: 'microcontrollers, scripts; devices that do not greet again behind STARTTLS',
    source: 'smtp-server 3.21.6 refuses it',
    isMet: (verb, { hasGreeted }) => !hasGreeted && (verb === 'MAIL' || verb === 'AUTH'),
    before: `HELO ${noName}`,
  },
  {
    name: 'mail-again',
    says: 'MAIL FROM:<scanner@contoso.com> behind a MAIL that led to nothing',
    means: 'RSET, then MAIL FROM:<scanner@contoso.com>',
    who: 'devices that begin anew after a refused recipient',
    source: 'smtp-server 3.21.6 refuses it',
    isMet: (verb, { hasSender }) => hasSender && verb === 'MAIL',
    before: 'RSET',
  },
]

/** The line by what the pattern finds in it; the line itself where it finds nothing. */
function mended(pattern: RegExp, line: string, mend: (found: RegExpExecArray) => string): string {
  const found = pattern.exec(line)
  return found ? mend(found) : line
}

/** Likewise for what stands behind the colon of MAIL FROM and RCPT TO. */
const path = (line: string, mend: (verb: string, rest: string) => string): string =>
  mended(canonical, line, ([, verb = '', rest = '']) => mend(verb, rest))

/** A name of one word without control characters, as the library wants it. */
const asOneWord = (name: string): string => name.replace(/[\s\p{Cc}]+/gu, '_').slice(0, longestName)

/** Both brackets around a path that has one or none; undefined where it cannot be said what the path is. */
function bracketed(verb: string, rest: string): string | undefined {
  if (bracketedPath.test(rest)) return undefined
  const words = rest.split(/\s+/)
  let parameters = words.length
  while (parameters > 1 && parameterForm.test(words[parameters - 1] ?? '')) parameters--
  const said = words.slice(0, parameters).join(' ')
  const address = said.slice(said.startsWith('<') ? 1 : 0, said.endsWith('>') ? -1 : undefined).trim()
  const path = `<${address}>`
  if (bracketedPath.exec(path)?.[0] !== path || (address === '' && isRecipient(verb))) return undefined
  return [`${verb}:${path}`, ...words.slice(parameters)].join(' ')
}

/**
 * A dot behind the domain means the same without it. One behind the local part is no address (RFC 5321 section 4.1.2): a
 * sender loses it, a recipient keeps it, since some providers gave such addresses to people.
 */
function withoutDots(verb: string, rest: string): string {
  const [, said = '', behind = ''] = unquotedPath.exec(rest) ?? []
  const at = said.lastIndexOf('@')
  if (at < 0) return `${verb}:${rest}`
  const local = isRecipient(verb) ? said.slice(0, at) : withoutEndDots(said.slice(0, at))
  return `${verb}:<${local}@${withoutEndDots(said.slice(at + 1))}>${behind}`
}

function withoutEndDots(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === '.') end--
  return text.slice(0, end)
}

function withKnownParameters(verb: string, rest: string): string {
  const said = bracketedPath.exec(rest)?.[0]
  if (said === undefined) return `${verb}:${rest}`
  const known = knownParameters[isRecipient(verb) ? 'RCPT' : 'MAIL']
  const behind = rest.slice(said.length)
  const words = behind.split(/\s+/).filter((word) => word !== '')
  const kept = words.filter((word) => known.test(word))
  return kept.length === words.length ? `${verb}:${rest}` : [`${verb}:${said}`, ...kept].join(' ')
}

const isRecipient = (verb: string): boolean => verb.toUpperCase() === 'RCPT TO'
