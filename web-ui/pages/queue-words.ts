import type { DeliveryState } from '../../src/core/outcome.ts'
import type { Ticks, Wait } from '../../src/core/queue-operations.ts'
import { boxNow } from '../clock.ts'
import type { Mood } from '../parts/state-word.tsx'
import { formatClock } from '../words/formats.ts'
import { language, t } from '../words/language.ts'

/** Why a mail has not left yet, and when it goes. The box says it in English; in another language its kind is said. */
export function waitWords({ kind, upstream = '', until, sentence }: Wait): string {
  const why = language.value === 'en' ? asSentence(sentence) : t(`wait.${kind}`, { upstream })
  return until === undefined ? why : `${why} ${t('wait.goes', { time: formatClock(until, boxNow()) })}`
}

const asSentence = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

const moods: Readonly<Record<DeliveryState, Mood>> = {
  queued: 'busy',
  sending: 'busy',
  indeterminate: 'warn',
  deferred: 'warn',
  held: 'idle',
  collecting: 'busy',
  accepted: 'good',
  confirmed: 'good',
  bounced: 'bad',
  expired: 'bad',
  dropped: 'idle',
}

export const moodOfState = (state: DeliveryState): Mood => moods[state]

/** The worst first: what a row of many recipients is called by. */
const byWorth = [
  'bounced',
  'expired',
  'held',
  'deferred',
  'indeterminate',
  'collecting',
  'sending',
  'queued',
  'dropped',
  'accepted',
  'confirmed',
] as const satisfies readonly DeliveryState[]

export const worstState = (
  states: Readonly<Partial<Record<DeliveryState, number>>>,
): DeliveryState | undefined => byWorth.find((state) => (states[state] ?? 0) > 0)

export const openStates: ReadonlySet<DeliveryState> = new Set([
  'queued',
  'sending',
  'indeterminate',
  'deferred',
  'held',
  'collecting',
])

export function deliveredWords(delivered: Ticks['delivered']): string {
  switch (delivered) {
    case 'yes':
    case 'no':
    case 'bounced':
      return t(`tick.delivered.${delivered}`)
    case 'not told by this way out':
      return t('tick.delivered.not-told')
    case 'not yet known':
      return t('tick.delivered.unknown')
  }
}
