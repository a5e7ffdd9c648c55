import { unreachable } from './brand.ts'
import { awaitsAdoption } from './learning.ts'
import type { FoundDelivery } from './page-spool.ts'
import type { Wait } from './queue-operations.ts'
import { waitingOn } from './step-delivery.ts'
import type { WallMs } from './time.ts'

/** What is known beside the delivery itself. */
export interface WaitFacts {
  readonly isClockBelievable: boolean
  /** When a way out is tried next or its quota lets something through; undefined: not known. */
  readonly nextTry: (upstream: string) => WallMs | undefined
}

type Waiting = Pick<
  FoundDelivery,
  'state' | 'code' | 'reason' | 'upstream' | 'dueAt' | 'waitingFor' | 'attempts'
>

/** Why a delivery has not left yet, and when it goes; undefined where nothing of it waits. */
export function waitOf(delivery: Waiting, facts: WaitFacts): Wait | undefined {
  const { state, upstream, dueAt: until, attempts } = delivery
  const reason = clauseOf(delivery.reason)
  const wait = (kind: Wait['kind'], sentence: string, more: Partial<Wait> = {}): Wait => ({
    kind,
    upstream,
    until,
    attempts,
    sentence,
    ...more,
  })
  switch (state) {
    case 'queued':
      return facts.isClockBelievable ? wait('ready', 'It is its turn.') : clock(wait)
    case 'sending':
      return wait('sending', `It is being sent${upstream === undefined ? '' : ` by ${upstream}`}.`)
    case 'indeterminate':
      return until === undefined
        ? wait('asking', `Whether ${upstream ?? 'the service'} took it is being asked: ${reason}.`)
        : waitingToGo(delivery, facts, wait)
    case 'deferred':
      return waitingToGo(delivery, facts, wait)
    case 'held':
      return delivery.code === awaitsAdoption
        ? wait('adoption', 'Its device is not adopted yet.', { until: undefined })
        : wait('held', 'A person holds it: release lets it go.', { until: undefined })
    case 'collecting':
      return wait('collecting', 'Other parts of the divided mail are not here yet.')
    case 'accepted':
    case 'confirmed':
    case 'bounced':
    case 'expired':
    case 'dropped':
      return undefined
    default:
      return unreachable(state)
  }
}

type MakeWait = (kind: Wait['kind'], sentence: string, more?: Partial<Wait>) => Wait

const clock = (wait: MakeWait): Wait =>
  wait('clock', 'The clock of the box can not be believed: nothing is sent until it is set.', {
    until: undefined,
  })

function waitingToGo(delivery: Waiting, facts: WaitFacts, wait: MakeWait): Wait {
  const { code, dueAt, waitingFor } = delivery
  const reason = clauseOf(delivery.reason)
  if (code === 'paced') return wait('paced', 'Its device is above its own rate: its mails leave one by one.')
  if (waitingFor === undefined)
    return code === 'no-way-out'
      ? wait('no-way-out', sentenceOf(reason), { until: undefined })
      : wait('retry', `It is tried again: ${reason}.`)
  if (code === 'no-way-out') return wait('no-way-out', sentenceOf(reason), { until: undefined })
  const { upstream, sender } = waitingOn(waitingFor)
  const until = facts.nextTry(upstream)
  if (code === 'throttled')
    return wait('quota', `The quota of ${upstream} is used up: it goes on by itself.`, {
      upstream,
      until: until ?? dueAt,
    })
  return sender === undefined
    ? wait('upstream-paused', `${upstream} is paused: ${reason}.`, { upstream, until })
    : wait('sender-paused', `${upstream} does not send for ${sender}: ${reason}.`, { upstream, until })
}

/** Reasons come from services and from this box, with a full stop and without. */
const clauseOf = (reason: string): string => reason.replace(/\.$/, '')

const sentenceOf = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`

/** The one to show of several: what needs a person before what goes by itself. */
const order: readonly Wait['kind'][] = [
  'no-way-out',
  'held',
  'adoption',
  'clock',
  'upstream-paused',
  'sender-paused',
  'asking',
  'retry',
  'quota',
  'paced',
  'collecting',
  'ready',
  'sending',
]

export const worstOf = (waits: readonly Wait[]): Wait | undefined =>
  waits.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0]
