import { styleText } from 'node:util'
import type { World } from './world.ts'

export type Colour = 'green' | 'yellow' | 'red' | 'bold' | 'dim'
export type Paint = (colour: Colour | undefined, text: string) => string

/** Colours on a terminal, none elsewhere nor where NO_COLOR asks for none (no-color.org). */
export function paintFor({ out, environment }: Pick<World, 'out' | 'environment'>): Paint {
  if (!out.isTerminal || (environment['NO_COLOR'] ?? '') !== '') return (_colour, text) => text
  return (colour, text) => (colour ? styleText(colour, text, { validateStream: false }) : text)
}

const colours: Readonly<Record<string, Colour>> = {
  accepted: 'green',
  confirmed: 'green',
  ready: 'green',
  accepts: 'green',
  ok: 'green',
  deferred: 'yellow',
  held: 'yellow',
  indeterminate: 'yellow',
  throttled: 'yellow',
  trying: 'yellow',
  warning: 'yellow',
  attention: 'yellow',
  paused: 'red',
  trouble: 'red',
  bounced: 'red',
  expired: 'red',
  alarm: 'red',
  error: 'red',
  dropped: 'dim',
  'not-checked': 'dim',
  retired: 'dim',
}

/** The colour of a state, by its word. */
export const colourOf = (word: string): Colour | undefined => colours[word]
