import { isAscii } from 'node:buffer'
import { decodeText, decodeUtf8 } from './charset.ts'
import { type HeaderField, makeField, rawValue } from './header.ts'
import { encodeWords, unstructured } from './words.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const notAscii = /[^\u0000-\u007f]/

/** Whether a field holds octets that nobody but the device's charset can explain: neither ASCII nor UTF-8. */
export const needsCharset = (field: HeaderField): boolean =>
  !isAscii(field.octets) && decodeUtf8(field.octets) === undefined

/**
 * The field with such octets read in `charset` and written as encoded words (RFC 2047); a text field as a whole, in the
 * others only the words or quoted strings that hold them, so that addresses and parameters stay what they are.
 */
export function encodeRawOctets(field: HeaderField, charset: string): HeaderField {
  const text = decodeText(Buffer.from(rawValue(field), 'latin1'), undefined, charset)
  const kind = text.length > maxStructured ? 'text' : kindOf(field.name)
  if (kind === 'text') return makeField(field.name, unstructured(text))
  return makeField(field.name, kind === 'parameters' ? encodeParameters(text) : encodePhrases(text))
}

/** Longer than any list of addresses that needs this; beyond it the value is taken as a text. */
const maxStructured = 10_000

function kindOf(name: string): 'text' | 'phrases' | 'parameters' {
  if (/^(?:from|sender|reply-to|to|cc|bcc|resent-.*|disposition-notification-to)$/i.test(name))
    return 'phrases'
  return /^content-(?:type|disposition)$/i.test(name) ? 'parameters' : 'text'
}

/** An encoded word stands in place of a quoted string or of words, never inside of quotes (RFC 2047 section 5). */
const encodePhrases = (text: string): string =>
  text.replace(/"((?:[^"\\]|\\.)*)"|[^<>,;:"]+/g, (all, quoted: string | undefined) => {
    if (!notAscii.test(all)) return all
    if (quoted !== undefined) return encodeWords(quoted.replace(/\\(.)/g, '$1'))
    return all.replace(/\S+(?:\s+\S+)*/, encodeWords)
  })

/** In parameters it has to stand in quotes, against the letter of RFC 2047, as every reader of file names expects it. */
const encodeParameters = (text: string): string =>
  text.replace(/"((?:[^"\\]|\\.)*)"|=\s*([^\s;"]+)/g, (all, quoted?: string, plain?: string) => {
    if (!notAscii.test(all)) return all
    const word = encodeWords((quoted ?? plain ?? '').replace(/\\(.)/g, '$1')).replaceAll('\r\n ', ' ')
    return quoted === undefined ? `="${word}"` : `"${word}"`
  })
