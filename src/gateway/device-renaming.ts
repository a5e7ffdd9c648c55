import type { Spool } from '../core/spool.ts'
import { besideAside, type DeviceRename, factsOfDevices, isAside } from '../settings/device-renames.ts'
import type { Settings } from '../settings/settings.ts'

export interface RenamingParts {
  readonly settings: Pick<Settings, 'kept' | 'keep' | 'remember'>
  readonly spool: Pick<Spool, 'renameDevice'>
}

/**
 * History follows a device's new name. It is thousands of rows, in another database than the name: the settings write down
 * with the name what is to follow, so that a power cut or a stop leaves no history behind. One after the other: names of
 * a circle are free only then.
 */
export async function finishRenames(parts: RenamingParts): Promise<void> {
  for (let [next] = pending(parts); next; [next] = pending(parts)) {
    // The box stops: the next start goes on.
    if (!(await parts.spool.renameDevice(next.from, next.to))) return
    finished(parts, next)
  }
}

/** Just the first: others may have come meanwhile. */
function finished({ settings }: RenamingParts, { from, to }: DeviceRename): void {
  const rest = JSON.stringify(pending({ settings }).slice(1))
  if (isAside(to)) {
    settings.remember(factsOfDevices.renames, rest)
    return
  }
  const what = `device ${JSON.stringify(to)}: its history was that of ${JSON.stringify(besideAside(from))}`
  settings.keep(factsOfDevices.renames, rest, 'the box', what)
}

const pending = ({ settings }: Pick<RenamingParts, 'settings'>): readonly DeviceRename[] =>
  JSON.parse(settings.kept(factsOfDevices.renames) ?? '[]')
