import { decodeRaw } from './charset.ts'
import { type HeaderField, rawValue } from './header.ts'
import { encodeWords, isPrintableAscii } from './words.ts'

/** RFC 5322 section 2.1.1: no line is longer. */
const maxLine = 998

/** What of a device's header may go along; `X-MS-…` would be orders to the service, `X-Original-…` are our notes. */
const mayPass = (name: string): boolean =>
  /^(?:references|in-reply-to|importance|auto-submitted)$/i.test(name) ||
  (/^x-[a-z0-9-]+$/i.test(name) && !/^x-(?:original|ms)-/i.test(name))

/**
 * The custom headers of a request: Message-ID and what may pass of the header, each name once, on one line, in ASCII.
 * What does not fit on a line or holds a control character stays behind.
 */
export function acsHeaders(fields: readonly HeaderField[], messageId: string): Record<string, string> {
  const headers = new Map<string, [name: string, value: string]>()
  headers.set('message-id', ['Message-ID', `<${messageId}>`])
  for (const field of fields) {
    const key = field.name.toLowerCase()
    if (!mayPass(field.name) || headers.has(key)) continue
    const value = asciiValue(field)
    const fits = value !== '' && field.name.length + 2 + value.length <= maxLine
    if (fits && isPrintableAscii(value)) headers.set(key, [field.name, value])
  }
  return Object.fromEntries(headers.values())
}

function asciiValue(field: HeaderField): string {
  const raw = rawValue(field)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  return /^[\u0000-\u007f]*$/.test(raw) ? raw : encodeWords(decodeRaw(raw)).replaceAll('\r\n ', ' ')
}
