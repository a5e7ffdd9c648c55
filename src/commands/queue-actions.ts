import type { QueueAction } from '../core/spool.ts'
import { type Call, onBox, show } from './call.ts'
import { countOf } from './plain-text.ts'
import { span } from './times.ts'
import { done, failed, refusedBy, type Verdict, wrong } from './verdict.ts'

type Action = Exclude<QueueAction, 'drop'>

const past: Readonly<Record<Action, string>> = {
  retry: 'due now',
  hold: 'held',
  release: 'released',
}

/** `retry`, `hold`, `release` for `ID` or `ID/3`; `--all` for those that the contract gives it. */
export async function actOnQueue(
  call: Call,
  action: Action,
  id: string | undefined,
  isAll: boolean,
): Promise<Verdict> {
  if (isAll === (id !== undefined)) return wrong(`${action} takes either an ID or --all`)
  const selector = id ?? 'all'
  return await onBox(call, async (operations) => {
    const result = await operations.act(action, selector, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    if (id !== undefined && result.count === 0)
      return failed(`nothing of ${id} could be changed by ${action}`)
    await show(call, result, () => [`${countOf(result.count, 'delivery', 'deliveries')} ${past[action]}.`])
    return done
  })
}

/** `drop`: for a while it can be undone. */
export function dropMail(call: Call, id: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.drop(id, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const left = span(result.undoUntil - call.world.clock.wall())
    await show(call, result, () => [
      `${countOf(result.count, 'delivery', 'deliveries')} dropped, no report was sent. \`inkpost undrop ${id}\` brings it back within ${left}.`,
    ])
    return done
  })
}

export function undropMail(call: Call, id: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.undoDrop(id, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [`${countOf(result.count, 'delivery', 'deliveries')} brought back.`])
    return done
  })
}

const byHandWords = {
  pause: { changed: 'is paused until someone resumes it', unchanged: 'is paused by hand already' },
  resume: { changed: 'goes on', unchanged: 'was not paused' },
} as const

/** `pause` and `resume` of a way out. */
export function pauseOrResume(call: Call, action: 'pause' | 'resume', upstream: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations[action](upstream, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const sentence = byHandWords[action][result.isChanged ? 'changed' : 'unchanged']
    await show(call, result, () => [`${upstream} ${sentence}.`])
    return done
  })
}
