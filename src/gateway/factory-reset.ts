import { basename } from 'node:path'
import type { Log } from '../core/log.ts'
import type { Stores } from './boot.ts'
import { beginErasure, factoryReset } from './erasure.ts'
import { takeResetFile } from './reset-file.ts'

export type FactoryReset =
  | { readonly kind: 'none'; readonly refusal?: string }
  /** The keys are gone: the rest goes when everything is closed. */
  | { readonly kind: 'erasing' }

/**
 * At the start: obeys the file `inkpost-factory-reset` beside the first setup document, once, by the rules of the other one
 * (decision 28). A vault that is locked does not matter, and accepted mail goes with the rest.
 */
export async function obeyFactoryFile(
  { settings, dataDir }: Pick<Stores, 'settings' | 'dataDir'>,
  setupFile: string | undefined,
  log: Log,
): Promise<FactoryReset> {
  const taken = takeResetFile(setupFile, 'inkpost-factory-reset')
  if (taken.kind === 'none') return { kind: 'none' }
  const { file } = taken
  const detail =
    taken.kind === 'stuck'
      ? taken.detail
      : settings.setup.console.physicalReset
        ? undefined
        : 'physical_reset is off in the settings'
  if (detail === undefined) {
    log.write('warn', 'box-erased', { file })
    await beginErasure(dataDir, factoryReset)
    return { kind: 'erasing' }
  }
  log.write('error', 'reset-refused', { file, detail })
  settings.record(`the file ${basename(file)} at the box`, [
    `asked for a factory reset, and nothing was reset: ${detail}`,
  ])
  return {
    kind: 'none',
    refusal: `The file ${file} asks to empty this box, and nothing was done: ${detail}.`,
  }
}
