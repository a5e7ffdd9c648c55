import type { ApplyResult, Remark } from '../src/core/operations.ts'
import type { RowChange } from '../src/core/setup-operations.ts'
import { type Answer, ask } from './box.ts'

/** Adds a way out behind the others. */
export const addUpstream = (row: RowChange): Promise<Answer<unknown>> =>
  ask('POST', '/upstreams', { body: { row } })

/** Sets keys of `[gateway]`. */
export const setGateway = (change: RowChange): Promise<Answer<unknown>> =>
  ask('PUT', '/settings/gateway', { body: { change } })

/** Puts `[network]` on trial. */
export const tryNetwork = (network: RowChange): Promise<Answer<unknown>> =>
  ask('POST', '/network/try', { body: { network } })

/** Takes the line with which the script for Microsoft ends. */
export async function takeAnswer(text: string): Promise<Answer<ApplyResult>> {
  const answer = await ask<ApplyResult>('POST', '/setup', { body: { text } })
  if (answer.kind === 'done') return answer
  const errors = remarksOf(answer.body).filter(({ severity }) => severity === 'error')
  const sentence = errors.map((remark) => `${remark.place}: ${remark.sentence}`).join('\n')
  return { ...answer, sentence: sentence || answer.sentence }
}

function remarksOf(body: unknown): readonly Remark[] {
  if (typeof body !== 'object' || body === null || !('remarks' in body)) return []
  return Array.isArray(body.remarks) ? body.remarks : []
}
