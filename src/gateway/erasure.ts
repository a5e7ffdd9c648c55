import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode, overwrite, syncDirectory, writeDurably } from '../platform/durable-file.ts'
import { erasedHeader } from '../settings/open-settings.ts'

/** While it lies in the data directory, nothing there is opened any more but to be destroyed. */
const mark = 'erasure'
/** In the place of a text: nobody was told anything. */
export const factoryReset = ''
/** Held by whoever destroys. */
const lock = 'lock'
const keyPattern = /^vault\.key(\.new)?$/

/** Whether this directory's end was decided. */
export const isErasing = (dataDir: string): boolean => existsSync(join(dataDir, mark))

/** What whoever decided it was told; undefined: nobody did. */
export function erasureText(dataDir: string): string | undefined {
  return isErasing(dataDir) ? readFileSync(join(dataDir, mark), 'utf8') : undefined
}

/**
 * Decides it, and destroys every key at once: what is sealed by them (secrets, private keys, the authority) opens never
 * again, whatever becomes of the rest. `text` is told again by who ends it after a power cut; it holds no secret.
 */
export async function beginErasure(dataDir: string, text: string, afterStep: Step = noStep): Promise<void> {
  writeDurably(join(dataDir, mark), text)
  afterStep('mark')
  await destroyKeys(dataDir, afterStep)
}

/** Ends what was begun; called by whoever holds the directory, with nothing in it open. True: it was. */
export async function finishErasure(dataDir: string, afterStep: Step = noStep): Promise<boolean> {
  if (!isErasing(dataDir)) return false
  await destroyKeys(dataDir, afterStep)
  const rest = readdirSync(dataDir).filter((name) => name !== mark && name !== lock)
  // Settings name people and places; mail comes next.
  for (const name of rest.toSorted((a, b) => orderOf(a) - orderOf(b))) {
    rmSync(join(dataDir, name), { recursive: true, force: true })
    afterStep(name)
  }
  syncDirectory(dataDir)
  rmSync(join(dataDir, mark))
  syncDirectory(dataDir)
  return true
}

/** For a test that ends the process behind one. */
export type Step = (what: string) => void
const noStep: Step = () => {}

const orderOf = (name: string): number => (name.startsWith('settings.db') ? 0 : 1)

/** Also those of a restore that is staged, or was put aside. */
async function destroyKeys(dataDir: string, afterStep: Step): Promise<void> {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
  for (const file of files) {
    if (!keyPattern.test(file.slice(file.lastIndexOf('/') + 1))) continue
    const path = join(dataDir, file)
    overwrite(path)
    afterStep(`overwritten ${file}`)
    rmSync(path)
    syncDirectory(dirname(path))
    afterStep(`removed ${file}`)
  }
}

/**
 * The first setup document would make the next box this one again; where it can't be emptied, that was said before. After a
 * factory reset one that nobody has applied yet is what the next box begins with.
 */
export function emptyFirstSetup(setupFile: string | undefined, text: string): void {
  if (setupFile === undefined || !existsSync(setupFile)) return
  if (text === factoryReset && !readFileSync(setupFile, 'utf8').startsWith(erasedHeader)) return
  try {
    writeFileSync(setupFile, 'schema = 1\n')
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error
  }
}
