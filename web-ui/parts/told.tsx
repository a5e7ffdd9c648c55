import { Icon } from './icon.tsx'
import { Said } from './said.tsx'
import type { Mood } from './state-word.tsx'

interface ToldProps {
  readonly mood: Extract<Mood, 'good' | 'warn' | 'bad' | 'unknown'>
  /** Words of the box, of a device or of a service: shown as they came. */
  readonly sentence: string
  readonly remedy?: string
}

const icons = {
  good: 'circle-check',
  warn: 'triangle-alert',
  bad: 'circle-alert',
  unknown: 'circle-help',
} as const

/** A sentence and what to do about it. */
export function Told({ mood, sentence, remedy = '' }: ToldProps) {
  return (
    <div class={`told ${mood}`}>
      <Icon name={icons[mood]} />
      <div>
        <p>
          <Said text={sentence} />
        </p>
        {remedy !== '' && (
          <p class="remedy">
            <Said text={remedy} />
          </p>
        )}
      </div>
    </div>
  )
}
