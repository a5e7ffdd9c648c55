import type { ApplyResult, Remark } from '../src/core/operations.ts'
import { type Answer, ask, get } from './box.ts'

/** Values of the setup document as they are written there. */
type Value = string | number | boolean | readonly string[]
export type Table = Readonly<Record<string, Value | Readonly<Record<string, Value>> | undefined>>

/** What became of a change: `fields` says what is wrong with which key, '' what is wrong with none alone. */
export type Change =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly sentence: string; readonly fields: ReadonlyMap<string, string> }

/** Adds a way out behind the others. */
export const addUpstream = (row: Table): Promise<Change> =>
  change((text) => `${text}\n${blockOf('[[upstream]]', 'upstream', row)}\n`)

/** Sets keys of `[gateway]`; an empty text takes one away. */
export const setGateway = (keys: Readonly<Record<string, string>>): Promise<Change> =>
  change((text) => withGateway(text, keys))

/** Takes the line with which the script for Microsoft ends. */
export const takeAnswer = (line: string): Promise<Change> => change(() => line)

async function change(edit: (text: string) => string): Promise<Change> {
  const before = await get<{ readonly text: string }>('/setup')
  if (before.kind === 'failed') return failed(before.sentence)
  return changeOf(await ask<ApplyResult>('POST', '/setup', { body: { text: edit(before.value.text) } }))
}

function changeOf(answer: Answer<ApplyResult>): Change {
  if (answer.kind === 'done') return { kind: 'done' }
  const remarks = remarksOf(answer.body)
  if (remarks.length === 0) return failed(answer.sentence)
  const fields = new Map(remarks.map((remark) => [fieldOf(remark), remark.sentence]))
  return { kind: 'failed', sentence: remarks.map(lineOf).join('\n'), fields }
}

const failed = (sentence: string): Change => ({ kind: 'failed', sentence, fields: new Map() })
const lineOf = ({ place, sentence }: Remark): string => `${place}: ${sentence}`

/** The key at the end of `upstream 2 "acs": credential.key`. */
const fieldOf = ({ place }: Remark): string => /: ([a-z_.]+)[^:]*$/.exec(place)?.[1]?.replace(/\.$/, '') ?? ''

function remarksOf(body: unknown): readonly Remark[] {
  if (typeof body !== 'object' || body === null || !('remarks' in body)) return []
  return Array.isArray(body.remarks)
    ? body.remarks.filter(({ severity }: Remark) => severity === 'error')
    : []
}

/** The keys of a table, each on a line of its own, as the box prints them. */
function blockOf(header: string, path: string, row: Table): string {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined && value !== '')
  const own = entries.flatMap(([key, value]) => (isTable(value) ? [] : [lineFor(key, value)]))
  const inner = entries.flatMap(([key, value]) =>
    isTable(value) ? [blockOf(`[${path}.${key}]`, `${path}.${key}`, value)] : [],
  )
  return [header, ...own, ...inner].join('\n')
}

/** TOML takes JSON's texts, numbers, flags and lists as they are. */
const lineFor = (key: string, value: unknown): string => `${key} = ${JSON.stringify(value)}`

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withGateway(text: string, keys: Readonly<Record<string, string>>): string {
  const [before = '', after] = text.split(/^\[gateway\]$/m)
  const [own = '', ...others] = (after ?? '').split(/\n(?=\[)/)
  const kept = own.split('\n').filter((line) => !(line.split(' = ')[0] ?? '').match(keyPattern(keys)))
  const set = Object.entries(keys).flatMap(([key, value]) => (value === '' ? [] : [lineFor(key, value)]))
  const block = ['[gateway]', ...set, ...kept.filter((line) => line !== '')].join('\n')
  if (after === undefined) return `${text}\n${block}\n`
  return [`${before}${block}`, ...others].join('\n\n')
}

const keyPattern = (keys: object): RegExp => new RegExp(`^(?:${Object.keys(keys).join('|')})$`)
