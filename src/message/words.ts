import { decodeWords as decodeEncodedWords } from 'postal-mime'

/** Every control character, line ends included, and what is not a character at all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** Text that can stand on one line: an encoded word may decode to a line end, and that must not become one. */
export const oneLine = (text: string): string => text.toWellFormed().replace(controls, ' ').trim()

/** Nobody reads a longer value, and joining words costs their number squared. */
const maxDecoded = 20_000

/** Decodes encoded words (RFC 2047 section 6) in an unfolded value; on one line, cut at 20,000 characters. */
export const decodeWords = (value: string): string => oneLine(decodeEncodedWords(value.slice(0, maxDecoded)))

/** At most `length` characters (code points), never half of one. */
export const cutText = (text: string, length: number): string =>
  text.length <= length ? text : Array.from(text).slice(0, length).join('')

const printableAscii = /^[\t\x20-\x7e]*$/

export const isPrintableAscii = (text: string): boolean => printableAscii.test(text)

/** RFC 2047 section 2: an encoded word has at most 75 characters; `=?utf-8?B?` and `?=` take 12 of them: 45 octets. */
const octetsPerWord = 45

function pieces(text: string): string[] {
  const all: string[] = []
  let piece = ''
  let size = 0
  for (const character of text.toWellFormed()) {
    const octets = Buffer.byteLength(character)
    if (size + octets > octetsPerWord) {
      all.push(piece)
      piece = ''
      size = 0
    }
    piece += character
    size += octets
  }
  if (piece !== '') all.push(piece)
  return all
}

/**
 * Text as encoded words (RFC 2047), each whole in its characters, folded with CRLF SP. What decodes back is exactly the
 * text; use it only where `isPrintableAscii` says no, or where the text itself looks like an encoded word.
 */
export const encodeWords = (text: string): string =>
  pieces(text)
    .map((piece) => `=?utf-8?B?${Buffer.from(piece).toString('base64')}?=`)
    .join('\r\n ')

/** Unstructured text for a header: as it is if ASCII says the same, else in encoded words. */
export const unstructured = (text: string): string =>
  isPrintableAscii(text) && !text.includes('=?') ? text : encodeWords(text)

/** A display name for a mailbox (RFC 5322 section 3.2.5): atom text, a quoted string, or encoded words. */
export function phrase(name: string): string {
  const text = oneLine(name)
  if (!isPrintableAscii(text) || text.includes('=?')) return encodeWords(text)
  if (/^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/.test(text)) return text
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
