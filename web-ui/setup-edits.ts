import type { EditTrouble } from '../src/core/edits.ts'
import type { ApplyResult, Remark } from '../src/core/operations.ts'
import type { RowChange } from '../src/core/setup-operations.ts'
import { type Answer, ask } from './box.ts'

/** What became of a change: `fields` says what is wrong with which key, '' what is wrong with none alone. */
export type Change =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly sentence: string; readonly fields: ReadonlyMap<string, string> }

/** Adds a way out behind the others. */
export const addUpstream = async (row: RowChange): Promise<Change> =>
  changeOf(await ask('POST', '/upstreams', { body: { row } }))

/** Sets keys of `[gateway]`. */
export const setGateway = async (change: RowChange): Promise<Change> =>
  changeOf(await ask('PUT', '/settings/gateway', { body: { change } }))

/** Puts `[network]` on trial. */
export const tryNetwork = async (network: RowChange): Promise<Change> =>
  changeOf(await ask('POST', '/network/try', { body: { network } }))

/** Takes the line with which the script for Microsoft ends. */
export async function takeAnswer(text: string): Promise<Change> {
  const answer = await ask<ApplyResult>('POST', '/setup', { body: { text } })
  if (answer.kind === 'done') return { kind: 'done' }
  const errors = remarksOf(answer.body).filter(({ severity }) => severity === 'error')
  const sentence = errors.map((remark) => `${remark.place}: ${remark.sentence}`).join('\n')
  return { kind: 'failed', sentence: sentence || answer.sentence, fields: new Map() }
}

function changeOf(answer: Answer<unknown>): Change {
  if (answer.kind === 'done') return { kind: 'done' }
  const trouble = troubleOf(answer.body)
  const fields = trouble?.why === 'invalid' ? trouble.fields : []
  return {
    kind: 'failed',
    sentence: answer.sentence,
    fields: new Map(fields.map(({ field, sentence }) => [field, sentence])),
  }
}

/** What came with a refusal has the shape that the box's own types give it. */
function troubleOf(body: unknown): EditTrouble | undefined {
  if (typeof body !== 'object' || body === null || !('trouble' in body)) return undefined
  return body.trouble as EditTrouble
}

function remarksOf(body: unknown): readonly Remark[] {
  if (typeof body !== 'object' || body === null || !('remarks' in body)) return []
  return Array.isArray(body.remarks) ? body.remarks : []
}
