import type { Done } from '../../../core/operations.ts'
import { edit } from '../../../settings/edits.ts'
import { problemText } from '../../../settings/problem.ts'
import type { Settings } from '../../../settings/settings.ts'
import { managedAnswer } from '../../edit-answers.ts'

/** Adds a `[[backup]]` of the kind, or takes every one out; nothing happens where it is so already. */
export async function useStick(settings: Settings, isWanted: boolean, who: string): Promise<Done> {
  const { backup } = settings.document
  const others = backup.filter(({ kind, enabled }) => kind !== 'usb' || (isWanted && enabled))
  const isThere = others.some(({ kind }) => kind === 'usb')
  if (isWanted ? isThere : others.length === backup.length) return { kind: 'done' }
  const added = isWanted ? [{ name: freeName(others.map(({ name }) => name)), kind: 'usb' as const }] : []
  const written = edit(settings, { who }, { backup: [...others, ...added] })
  if (written.kind !== 'problems') return { kind: 'done' }
  if (written.isManaged) return managedAnswer(written)
  return { kind: 'refused', reason: written.problems.map(problemText).join('\n') }
}

function freeName(taken: readonly string[]): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? 'stick' : `stick ${n}`
    if (!taken.includes(name)) return name
  }
}
