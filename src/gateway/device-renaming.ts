import type { Spool } from '../core/spool.ts'
import { type DeviceRename, factsOfDevices } from '../settings/device-renames.ts'
import type { Settings } from '../settings/settings.ts'

export interface RenamingParts {
  readonly settings: Pick<Settings, 'kept' | 'keep'>
  readonly spool: Pick<Spool, 'renameDevice'>
  /** What memory holds under the old name. */
  readonly rename: (from: string, to: string) => void
}

/**
 * History follows a device's new name. It is thousands of rows, in another database than the name: the settings write down
 * with the name what is to follow, so that a power cut or a stop leaves no history behind.
 */
export async function finishRenames(parts: RenamingParts): Promise<void> {
  for (const renaming of pending(parts)) {
    parts.rename(renaming.from, renaming.to)
    // The box stops: the next start goes on.
    if (!(await parts.spool.renameDevice(renaming.from, renaming.to))) return
    finished(renaming, parts)
  }
}

/** Just this one: others may have come or been finished meanwhile. */
function finished({ from, to }: DeviceRename, parts: RenamingParts): void {
  const all = pending(parts)
  const place = all.findIndex((each) => each.from === from && each.to === to)
  if (place < 0) return
  const what = `device ${JSON.stringify(to)}: its history was that of ${JSON.stringify(from)}`
  parts.settings.keep(factsOfDevices.renames, JSON.stringify(all.toSpliced(place, 1)), 'the box', what)
}

const pending = ({ settings }: Pick<RenamingParts, 'settings'>): readonly DeviceRename[] =>
  JSON.parse(settings.kept(factsOfDevices.renames) ?? '[]')
