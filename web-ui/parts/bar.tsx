import type { ComponentChildren } from 'preact'
import type { Mood } from './state-word.tsx'

interface BarProps {
  readonly label: ComponentChildren
  /** The same without markup, for who does not see the bar. */
  readonly spoken: string
  readonly value: number
  readonly max: number
  /** `212 of 300, full at about 16:40`. */
  readonly words: string
  readonly mood: Extract<Mood, 'good' | 'warn' | 'bad'>
}

/** How much of something is used, as a bar and in words. */
export function Bar({ label, spoken, value, max, words, mood }: BarProps) {
  const share = max > 0 ? Math.min(100, (value / max) * 100) : 100
  return (
    <div class={`gauge ${mood}`}>
      <p>
        <span>{label}</span> <span class="gauge-words">{words}</span>
      </p>
      <meter
        class="unseen"
        aria-label={spoken}
        max={max}
        value={Math.min(value, max)}
        aria-valuetext={words}
      />
      <svg aria-hidden="true" focusable="false">
        <rect width={`${share}%`} height="100%" />
      </svg>
    </div>
  )
}
