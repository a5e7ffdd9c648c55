import { decodeRaw } from './charset.ts'
import { decodeWords } from './words.ts'

/** One field as it stands in the header. */
export interface HeaderField {
  /** As written; empty for a line that is no field (an mbox `From ` line). */
  readonly name: string
  /** The whole field with its line ends, untouched. */
  readonly octets: Uint8Array
  /** Where the value begins in `octets`: behind the colon. */
  readonly valueStart: number
}

const lf = 10
const cr = 13
const space = 32
const tab = 9
const colon = 58

/** Octets as text, one character each; no copy of them is made before. */
export function latin1(octets: Uint8Array, start: number, end: number): string {
  const buffer =
    octets instanceof Buffer ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.length)
  return buffer.toString('latin1', start, end)
}

/** Longest field name taken seriously; a line without a colon until there is text. */
const maxNameLength = 1000

/** Where the colon of a field line is (RFC 5322 section 2.2; blanks before it are obsolete but seen), else -1. */
export function colonOf(octets: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + maxNameLength)
  let at = start
  while (at < limit && isNameOctet(octets[at] ?? 0)) at++
  if (at === start) return -1
  while (at < limit && isBlank(octets[at] ?? 0)) at++
  return at < limit && octets[at] === colon ? at : -1
}

const isNameOctet = (octet: number): boolean => octet > 32 && octet < 127 && octet !== colon
export const isBlank = (octet: number): boolean => octet === space || octet === tab

/** A line in `octets`: its text is [start, textEnd), the next one starts at `next`. */
export interface Line {
  readonly start: number
  readonly textEnd: number
  readonly next: number
}

/**
 * The line that starts at `start`, ended by CRLF, LF or CR. Undefined while its end is not there: without `isComplete`
 * a CR in the last place may still be half of a CRLF.
 */
export function lineAt(octets: Uint8Array, start: number, isComplete: boolean): Line | undefined {
  let at = start
  while (at < octets.length && octets[at] !== lf && octets[at] !== cr) at++
  if (octets[at] === lf) return { start, textEnd: at, next: at + 1 }
  if (octets[at] === cr && octets[at + 1] === lf) return { start, textEnd: at, next: at + 2 }
  if (at + 1 < octets.length) return { start, textEnd: at, next: at + 1 }
  return isComplete ? { start, textEnd: at, next: octets.length } : undefined
}

/**
 * Splits a header into fields; a fold belongs to its field, so does a continuation line of blanks only
 * (`blank-fold`, MimeKit#278). The blank line at the end is no field. Every octet before it is in exactly one field.
 */
export function splitHeader(header: Uint8Array): HeaderField[] {
  const fields: HeaderField[] = []
  let start = 0
  while (start < header.length) {
    const first = lineAt(header, start, true)
    if (first === undefined || first.textEnd === start) break
    const end = fieldEnd(header, first.next)
    fields.push(fieldOf(header.subarray(start, end)))
    start = end
  }
  return fields
}

function fieldEnd(header: Uint8Array, start: number): number {
  let end = start
  while (end < header.length && isBlank(header[end] ?? 0)) {
    end = lineAt(header, end, true)?.next ?? header.length
  }
  return end
}

function fieldOf(octets: Uint8Array): HeaderField {
  const at = colonOf(octets, 0, octets.length)
  if (at < 0) return { name: '', octets, valueStart: 0 }
  const name = latin1(octets, 0, at).trimEnd()
  return { name, octets, valueStart: at + 1 }
}

/** A field from name and value; the value may hold folds (CRLF and a blank), nothing else that ends a line. */
export function makeField(name: string, value: string): HeaderField {
  if (/\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n/.test(value)) throw new RangeError(`line end in the value of ${name}`)
  return { name, octets: Buffer.from(`${name}: ${value}\r\n`), valueStart: name.length + 1 }
}

/** The header's octets again, with the blank line that ends it. */
export function joinHeader(fields: readonly HeaderField[]): Uint8Array {
  return Buffer.concat([...fields.map((field) => field.octets), Buffer.from('\r\n')])
}

const sameName = (field: HeaderField, name: string): boolean =>
  field.name === name ||
  (field.name.length === name.length && field.name.toLowerCase() === name.toLowerCase())

export const findField = (fields: readonly HeaderField[], name: string): HeaderField | undefined =>
  fields.find((field) => sameName(field, name))

export const removeFields = (fields: readonly HeaderField[], name: string): HeaderField[] =>
  fields.filter((field) => !sameName(field, name))

/** Puts a field where the first of its name stood and drops the others; at the end if there was none. */
export function replaceField(fields: readonly HeaderField[], replacement: HeaderField): HeaderField[] {
  const at = fields.findIndex((field) => sameName(field, replacement.name))
  if (at < 0) return [...fields, replacement]
  const others = (field: HeaderField): boolean => !sameName(field, replacement.name)
  return [...fields.slice(0, at).filter(others), replacement, ...fields.slice(at).filter(others)]
}

/** The value without folds and outer blanks, one character per octet: it holds neither CR nor LF. */
export function rawValue(field: HeaderField): string {
  const text = latin1(field.octets, field.valueStart, field.octets.length)
  return text.replace(/[\r\n]+/g, '').trim()
}

/** The value as text: raw 8-bit read (UTF-8, else `fallback`), encoded words still encoded. */
export const textValue = (field: HeaderField, fallback?: string): string =>
  decodeRaw(rawValue(field), fallback)

/** The value of an unstructured field for people: encoded words decoded, on one line. Empty if there is no such field. */
export function readableValue(fields: readonly HeaderField[], name: string, fallback?: string): string {
  const field = findField(fields, name)
  return field === undefined ? '' : decodeWords(textValue(field, fallback))
}
