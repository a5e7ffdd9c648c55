import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import { emptyFirstSetup, erasureText, finishErasure } from './erasure.ts'

export interface ErasureEnd {
  readonly dataDir: string
  readonly machine: Machine
  readonly log: Log
  /** The first setup document. */
  readonly setupFile: string | undefined
}

/** With everything closed: the first setup document of a box that was decommissioned, its files, and what they lay on. */
export async function endErasure(parts: ErasureEnd): Promise<void> {
  const text = erasureText(parts.dataDir)
  if (text === undefined) return
  emptyFirstSetup(parts.setupFile, text)
  await finishErasure(parts.dataDir)
  await dropData(parts)
}

/** What files lay on that are gone. It is done all the same when this process ends meanwhile. */
export async function dropData({ machine, log }: Pick<ErasureEnd, 'machine' | 'log'>): Promise<void> {
  const answer = await machine.call('data-erase', { step: 'rest' })
  if (answer.kind === 'refused') log.write('warn', 'data-not-dropped', { detail: answer.reason })
}

/** Of an encrypted partition below the data; what a person has to do by hand, as a line of the text. */
export async function eraseDataKeys(machine: Machine, log: Log): Promise<string> {
  const answer = await machine.call('data-erase', { step: 'keys' })
  if (answer.kind !== 'refused') return ''
  log.write('error', 'data-keys-not-erased', { detail: answer.reason })
  return `# The keys below the data are not erased: ${oneLine(answer.reason)}. An encrypted partition still opens with its stick: destroy that.\n`
}

/** The text is pasted into a shell. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
