import type { RowChange } from '../core/setup-operations.ts'
import type { Asked } from './router.ts'

/** A request that the API can't take: answered with the sentence. */
export class BadRequest extends Error {
  readonly status: 400 | 413

  constructor(message: string, options: ErrorOptions & { readonly status?: 400 | 413 } = {}) {
    super(message, options)
    this.status = options.status ?? 400
  }
}

/**
 * Octets. Small: before anybody signed in, 200 connections may send so much at the same time. A setup document of a
 * thousand devices is a tenth of the large one.
 */
export const usualBody = 64_000
export const largestBody = 4_000_000

/** The fields of a JSON body. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  static parse(text: string): Fields {
    try {
      const value: unknown = JSON.parse(text)
      if (isRecord(value)) return new Fields(value)
    } catch (cause) {
      throw new BadRequest('the body is not JSON', { cause })
    }
    throw new BadRequest('the body has to be a JSON object')
  }

  text(name: string): string {
    const value = this.#values[name]
    if (typeof value === 'string') return value
    throw new BadRequest(`"${name}" has to be a text`)
  }

  optionalText(name: string): string | undefined {
    return this.#values[name] === undefined ? undefined : this.text(name)
  }

  number(name: string): number {
    const value = this.#values[name]
    if (typeof value === 'number') return value
    throw new BadRequest(`"${name}" has to be a number`)
  }

  optionalNumber(name: string): number | undefined {
    return this.#values[name] === undefined ? undefined : this.number(name)
  }

  fields(name: string): Fields {
    return new Fields(this.table(name))
  }

  optionalFields(name: string): Fields | undefined {
    return this.#values[name] === undefined ? undefined : this.fields(name)
  }

  /** Any object: whoever takes it checks what is in it. */
  table(name: string): RowChange {
    const value = this.#values[name]
    if (isRow(value)) return value
    throw new BadRequest(`"${name}" has to be an object`)
  }

  /** False where it is absent. */
  flag(name: string): boolean {
    const value = this.#values[name] ?? false
    if (typeof value === 'boolean') return value
    throw new BadRequest(`"${name}" has to be true or false`)
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name] ?? []
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw new BadRequest(`"${name}" has to be a list of texts`)
  }

  records(name: string): readonly Readonly<Record<string, unknown>>[] {
    const value = this.#values[name] ?? []
    if (Array.isArray(value) && value.every(isRecord)) return value
    throw new BadRequest(`"${name}" has to be a list of objects`)
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name)
    const choice = choices.find((each) => each === value)
    if (choice !== undefined) return choice
    throw new BadRequest(`"${name}" has to be one of ${choices.join(', ')}`)
  }
}

/** `most`: octets of the body. */
export async function readFields({ body }: Pick<Asked, 'body'>, most: number = usualBody): Promise<Fields> {
  return Fields.parse(await readText(body, most))
}

/** The body while it is not too long; the rest of a longer one is not kept. */
export async function readText(body: Asked['body'], most: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > most) throw new BadRequest(`this takes at most ${inWords(most)}`, { status: 413 })
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

const inWords = (octets: number): string => (octets < 1e6 ? `${octets / 1e3} kB` : `${octets / 1e6} MB`)
/** Parsed from JSON: nothing else can be in it. */
const isRow = (value: unknown): value is RowChange => isRecord(value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `?limit=`: 1 to 10000. */
export function readLimit({ query }: Asked, otherwise: number): number {
  const text = query.get('limit') ?? String(otherwise)
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > 10_000) throw new BadRequest('limit has to be a number from 1 to 10000')
  return limit
}

/** A whole number of the query, such as an id or a revision; undefined: it is not there. */
export function readNumber({ query }: Pick<Asked, 'query'>, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new BadRequest(`${name} has to be a number`)
  return Number(text)
}

/** Who asks at the control socket, for the audit: percent-encoded in a header. */
export function whoOf({ headers }: Asked): string {
  try {
    return decodeURIComponent(String(headers['inkpost-who'] ?? '')) || 'control socket'
  } catch (cause) {
    throw new BadRequest('Inkpost-Who is not percent-encoded', { cause })
  }
}
