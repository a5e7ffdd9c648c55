// Command lines and the paths and parameters of MAIL and RCPT (RFC 5321 section 4.1), read strictly.

export interface SmtpPath {
  /** Empty for the null reverse-path. */
  readonly address: string
  /** Names in upper case; `true` for one without a value. Values stay as they were sent (xtext is not decoded). */
  readonly parameters: Readonly<Record<string, string | true>>
}

export interface CommandLine {
  /** Upper case. */
  readonly verb: string
  /** What follows the first space. */
  readonly argument: string
}

export function parseCommand(line: string): CommandLine {
  const space = line.indexOf(' ')
  if (space === -1) return { verb: line.toUpperCase(), argument: '' }
  return { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1) }
}

// No space is allowed between the colon and the path; source routes are not taken.
const pathSyntax = /^(FROM|TO):<([^<>\s]*)>((?: [^ ]+)*)$/i
const parameterSyntax = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^ =]+))?$/
const mailboxSyntax = /^[^@\s]+@[^@\s]+$/

function parseParameters(text: string): Record<string, string | true> | undefined {
  const parameters: Record<string, string | true> = {}
  for (const word of text.split(' ').filter((one) => one !== '')) {
    const [, name, value] = parameterSyntax.exec(word) ?? []
    if (name === undefined || name.toUpperCase() in parameters) return undefined
    parameters[name.toUpperCase()] = value ?? true
  }
  return parameters
}

/** `undefined` when the argument is no `FROM:<path>` or `TO:<path>` with well-formed parameters. */
export function parsePath(keyword: 'FROM' | 'TO', argument: string): SmtpPath | undefined {
  const [, word, address, rest] = pathSyntax.exec(argument) ?? []
  if (word?.toUpperCase() !== keyword || address === undefined || rest === undefined) return undefined
  const mayBeEmpty = keyword === 'FROM'
  if (!(address === '' && mayBeEmpty) && !mailboxSyntax.test(address)) return undefined
  const parameters = parseParameters(rest)
  return parameters === undefined ? undefined : { address, parameters }
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole 7-bit range is meant
  return /^[\x00-\x7f]*$/.test(text)
}
