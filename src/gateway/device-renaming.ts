import type { Spool } from '../core/spool.ts'
import type { Settings } from '../settings/settings.ts'

interface Renaming {
  readonly from: string
  readonly to: string
}

const keptAs = 'renaming'

export interface RenamingParts {
  readonly settings: Pick<Settings, 'kept' | 'keep'>
  readonly spool: Pick<Spool, 'renameDevice'>
  /** What memory holds under the old name. */
  readonly rename: (from: string, to: string) => void
}

/**
 * History follows a device's new name. It is thousands of rows, in another database than the name: what was begun is
 * written down first, so that a power cut between them leaves no history behind.
 */
export async function followRename(renaming: Renaming, who: string, parts: RenamingParts): Promise<void> {
  const { settings } = parts
  const what = `device ${JSON.stringify(renaming.to)}: was ${JSON.stringify(renaming.from)}`
  settings.keep(keptAs, JSON.stringify([...pending(parts), renaming]), who, what)
  parts.rename(renaming.from, renaming.to)
  await finishRenames(parts)
}

/** What a process did not live to finish. */
export async function finishRenames(parts: Pick<RenamingParts, 'settings' | 'spool'>): Promise<void> {
  const all = pending(parts)
  if (all.length === 0) return
  for (const { from, to } of all) await parts.spool.renameDevice(from, to)
  const left = pending(parts).slice(all.length)
  parts.settings.keep(keptAs, JSON.stringify(left), 'the box', 'device history: has its new name')
}

const pending = ({ settings }: Pick<RenamingParts, 'settings'>): readonly Renaming[] =>
  JSON.parse(settings.kept(keptAs) ?? '[]')
