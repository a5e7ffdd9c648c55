import { decodeRaw, decodeText } from './charset.ts'
import { decodeWords, oneLine } from './words.ts'

/** A value with parameters (RFC 2045 section 5.1), one character per octet. */
export interface StructuredValue {
  /** What stands before the first `;`, comments removed, in lower case; empty if a parameter stands there. */
  readonly value: string
  /** Names in lower case; RFC 2231 continuations joined. */
  readonly parameters: ReadonlyMap<string, RawParameter>
}

/** The octets of a parameter's value, and the charset that RFC 2231 section 4 gave them, if it did. */
export interface RawParameter {
  readonly raw: string
  readonly charset: string | undefined
}

const maxParameters = 100

/**
 * Reads `type/subtype; name=value; …` as tolerantly as its writers need: no blank needed anywhere (`no-space`), values
 * with blanks and without quotes, a missing semicolon behind a quote, raw octets, RFC 2231. `raw` is unfolded.
 */
export function parseStructured(raw: string): StructuredValue {
  const first = firstToken.exec(raw)
  const isParameter = first?.[2] !== undefined
  const value = isParameter ? '' : (first?.[1] ?? '').toLowerCase()
  return { value, parameters: joinSections(readPairs(isParameter ? raw : raw.slice(first?.[0].length))) }
}

/** `type / subtype` or one word; an `=` behind it makes it a parameter's name. A semicolon behind it may be missing. */
const firstToken = /^\s*([^\s=;"/]+(?:\s*\/\s*[^\s=;"/]+)?)(\s*=)?/

/** Comments stand behind a blank here: `scan(1).pdf` without quotes is a name. */
function withoutComment(text: string): string {
  const trimmed = text.trim()
  const open = trimmed.endsWith(')') ? trimmed.lastIndexOf('(') : -1
  const isComment = open === 0 || (open > 0 && /\s/.test(trimmed.charAt(open - 1)))
  return isComment ? trimmed.slice(0, open).trim() : trimmed
}

const separators = /[\s;]*/y
const pairStart = /([^\s=;"]+)\s*=\s*/y
const quotedString = /"((?:[^"\\]|\\.)*)(?:"|$)/sy
const plainValue = /[^;]*/y

function readPairs(text: string): [string, string][] {
  const pairs: [string, string][] = []
  let at = 0
  while (at < text.length && pairs.length < maxParameters) {
    at += matchAt(separators, text, at)?.[0].length ?? 0
    const start = matchAt(pairStart, text, at)
    if (start === undefined) {
      at = text.indexOf(';', at)
      if (at < 0) break
      continue
    }
    const valueAt = at + start[0].length
    const quote = matchAt(quotedString, text, valueAt)
    const plain = quote ?? matchAt(plainValue, text, valueAt)
    pairs.push([
      (start[1] ?? '').toLowerCase(),
      quote ? unescapeQuoted(quote[1] ?? '') : withoutComment(plain?.[0] ?? ''),
    ])
    at = valueAt + (plain?.[0].length ?? 0)
  }
  return pairs
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

/** Only a quote and a backslash are unescaped: `C:\scan\a.pdf` in quotes is a path that nobody escaped. */
const unescapeQuoted = (text: string): string => text.replace(/\\(["\\])/g, '$1')

interface Section {
  readonly number: number
  readonly isEncoded: boolean
  readonly value: string
}

const sectionName = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/

/** Joins `name*0`, `name*1*` … (RFC 2231 section 3); an extended form wins over a plain one. The first of a name counts. */
function joinSections(pairs: readonly [string, string][]): Map<string, RawParameter> {
  const parameters = new Map<string, RawParameter>()
  const sections = new Map<string, Section[]>()
  for (const [name, value] of pairs) {
    const match = sectionName.exec(name)
    if (match === null) {
      if (!parameters.has(name)) parameters.set(name, { raw: value, charset: undefined })
      continue
    }
    const base = match[1] ?? ''
    const section = {
      number: Number(match[2] ?? 0),
      isEncoded: match[2] === undefined || match[3] !== undefined,
      value,
    }
    sections.set(base, [...(sections.get(base) ?? []), section])
  }
  for (const [name, list] of sections) parameters.set(name, joined(list))
  return parameters
}

function joined(list: readonly Section[]): RawParameter {
  const ordered = list.toSorted((a, b) => a.number - b.number)
  const prefix = /^([^']*)'[^']*'/.exec(ordered[0]?.isEncoded ? ordered[0].value : '')
  const texts = ordered.map((section, index) => {
    const text = index === 0 && prefix ? section.value.slice(prefix[0].length) : section.value
    return section.isEncoded ? unescapePercent(text) : text
  })
  return { raw: texts.join(''), charset: prefix?.[1] || undefined }
}

const unescapePercent = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** A parameter as text on one line: by its charset, else raw 8-bit (UTF-8, else `fallback`) with encoded words decoded. */
export function decodeParameter(parameter: RawParameter, fallback?: string): string {
  if (parameter.charset !== undefined) {
    return oneLine(decodeText(Buffer.from(parameter.raw, 'latin1'), parameter.charset, fallback))
  }
  return decodeWords(decodeRaw(parameter.raw, fallback))
}
