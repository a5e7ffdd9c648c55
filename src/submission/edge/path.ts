/** What stands in MAIL FROM or RCPT TO: the path without angle brackets and the parameters behind it. */
export interface AddressCommand {
  /** Empty for the null reverse-path. Not checked: devices put their names here. */
  readonly path: string
  /** Names in upper case; `true` for a parameter without value. Values as said. */
  readonly parameters: Readonly<Record<string, string | true>>
}

const commandForm = /^(MAIL\s+FROM|RCPT\s+TO)\s*:\s*(.*)$/i
/** A quoted local part may hold a `>` (RFC 5321 section 4.1.2). */
const bracketed = /^<((?:"(?:[^"\\]|\\.)*"|[^">])*)>\s*(.*)$/
/** RFC 5321 appendix C: a source route is accepted and ignored. */
const sourceRoute = /^@[^\s,:@]+(?:,@[^\s,:@]+)*:/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused: they split replies and headers.
const unsafe = /[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]/

/** Reads `MAIL FROM:<path> parameters` (RFC 5321 section 4.1.1.2, 4.1.1.3). Undefined if it is none. */
export function readAddressCommand(verb: 'MAIL FROM' | 'RCPT TO', line: string): AddressCommand | undefined {
  const command = commandForm.exec(line)
  if (command?.[1]?.toUpperCase().replace(/\s+/, ' ') !== verb) return undefined
  const path = bracketed.exec(command[2] ?? '')
  if (!path || unsafe.test(line)) return undefined
  return {
    path: (path[1] ?? '').trim().replace(sourceRoute, ''),
    parameters: readParameters(path[2] ?? ''),
  }
}

/** The first of two equal names counts. */
function readParameters(text: string): Record<string, string | true> {
  const found: Record<string, string | true> = {}
  for (const word of text.split(/\s+/)) {
    const [name = '', ...value] = word.split('=')
    const key = name.toUpperCase()
    if (key !== '' && !Object.hasOwn(found, key)) found[key] = value.join('=') || true
  }
  return found
}
