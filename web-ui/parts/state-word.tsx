import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

/** How a state is meant: `idle` wants nothing, `unknown` is not known yet. */
export type Mood = 'good' | 'warn' | 'bad' | 'busy' | 'idle' | 'unknown'

const icons: Readonly<Record<Mood, IconName>> = {
  good: 'circle-check',
  warn: 'triangle-alert',
  bad: 'circle-alert',
  busy: 'loader',
  idle: 'circle-pause',
  unknown: 'circle-help',
}

/** A state: icon, word and colour say the same. */
export function StateWord({ mood, children }: { readonly mood: Mood; readonly children: ComponentChildren }) {
  return (
    <span class={`state ${mood}`}>
      <Icon name={icons[mood]} />
      <span>{children}</span>
    </span>
  )
}
