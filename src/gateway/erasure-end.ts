import type { Machine } from '../core/machine.ts'
import { emptyFirstSetup, erasureText, finishErasure } from './erasure.ts'

/** With everything closed: the files of a box that was decommissioned, its first setup document, and what they lay on. */
export async function endErasure(
  dataDir: string,
  machine: Machine,
  setupFile: string | undefined,
): Promise<void> {
  const text = erasureText(dataDir)
  if (text === undefined) return
  emptyFirstSetup(setupFile, text)
  await finishErasure(dataDir)
  // It is done all the same when this process ends meanwhile.
  await machine.call('data-erase', { step: 'rest' })
}
