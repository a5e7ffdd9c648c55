import { lstatSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode, syncDirectory } from '../platform/durable-file.ts'

/** What who stands at the box asks for: that everybody's way in ends, or that everything goes. */
export type ResetFileName = 'inkpost-reset' | 'inkpost-factory-reset'

export type ResetFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'removed'; readonly file: string }
  /** It stays, so it proves nothing: it would at each start. */
  | { readonly kind: 'stuck'; readonly file: string; readonly detail: string }

/**
 * Takes the file that asks for a reset away from beside the first setup document, so that a power cut does not bring it
 * back. Where everybody on the machine may write, it is no proof.
 */
export function takeResetFile(setupFile: string | undefined, name: ResetFileName): ResetFile {
  if (setupFile === undefined) return { kind: 'none' }
  const folder = dirname(setupFile)
  // The second one is what an editor makes of the first where endings are hidden.
  const found = [name, `${name}.txt`].map((name) => join(folder, name)).filter(isThere)
  const [file] = found
  if (file === undefined) return { kind: 'none' }
  try {
    if ((statSync(folder).mode & 0o002) !== 0)
      return { kind: 'stuck', file, detail: `everybody on this machine may write to ${folder}` }
    for (const each of found) rmSync(each)
    syncDirectory(folder)
    return { kind: 'removed', file }
  } catch (error) {
    return { kind: 'stuck', file, detail: `it can't be removed: ${errorCode(error) ?? String(error)}` }
  }
}

/** A link that leads nowhere is there too. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file) !== undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false
    throw error
  }
}
