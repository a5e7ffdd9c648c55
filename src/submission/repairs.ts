import type { TranscriptLine } from '../core/spool.ts'
import { commandQuirks, orderQuirks } from './edge/quirks.ts'

/** Repairs that are no rows of the table of commands. */
const others = ['auth-equals', 'mail-no-domain', 'dot-lf']
const names: ReadonlySet<string> = new Set([
  ...[...commandQuirks, ...orderQuirks].map(({ name }) => name),
  ...others,
])

/** Names of repairs, sorted, each once: a transcript tells them before the colon of its notes. */
export function repairsIn(lines: readonly TranscriptLine[]): readonly string[] {
  const found = new Set<string>()
  for (const { from, text } of lines) {
    if (from !== 'note') continue
    for (const name of (text.split(':', 1)[0] ?? '').split(', ')) if (names.has(name)) found.add(name)
  }
  return [...found].sort()
}
