import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeLeftovers, replacedFolder, stagedFolder, syncFolder } from './backup-folders.ts'

/** The key first: settings without theirs would look locked, not broken, but nobody sees either of them half. */
const names = ['vault.key', 'settings.db', 'spool.db']
/** SQLite's files beside a database are of that one alone. */
const besides = ['', '-wal', '-shm', '-journal']

/** Beside what is staged: mail that waits on this box may be put aside. */
const permission = 'may-put-aside-mail'

/** Decides a restore: from here on the next opening of the box takes what lies in `place`, all of it. */
export function stage(dataDir: string, place: string, mayPutAsideMail: boolean): void {
  if (mayPutAsideMail) writeFileSync(join(place, permission), '')
  const staged = join(dataDir, stagedFolder)
  rmSync(staged, { recursive: true, force: true })
  syncFolder(place)
  renameSync(place, staged)
  syncFolder(dataDir)
}

/** Whether what is staged may be taken whatever mail waits: it brings none, it may put mail aside, or it was begun. */
export function mayReplaceMail(dataDir: string): boolean {
  const staged = (name: string): boolean => existsSync(join(dataDir, stagedFolder, name))
  return !staged('spool.db') || staged(permission) || staged('was')
}

/**
 * Puts a staged restore in place of what is there; called by whoever holds the directory, before anything in it is opened.
 * Every step may be the last one before the power goes: the next call goes on where it ended, and nobody opens the box in
 * between. What was there before is kept in `replaced`, or in `replaced-2`, … where mail lies in the ones before. True: one was taken.
 */
export function takeStagedRestore(dataDir: string, afterStep: () => void = () => {}): boolean {
  removeLeftovers(dataDir)
  const staged = join(dataDir, stagedFolder)
  if (!existsSync(staged)) return false
  const was = join(staged, 'was')
  const step = (from: string, to: string): void => {
    renameSync(from, to)
    afterStep()
  }
  const next = names.filter((name) => existsSync(join(staged, name)))
  if (next.length > 0) mkdirSync(was, { recursive: true, mode: 0o700 })
  for (const name of next) {
    for (const beside of besides) {
      const old = join(dataDir, name + beside)
      if (existsSync(old)) step(old, join(was, name + beside))
    }
    // On the disk before the new one is there: a power cut must not bring an old WAL beside a new database.
    syncFolder(was)
    syncFolder(dataDir)
    step(join(staged, name), join(dataDir, name))
    syncFolder(dataDir)
  }
  // Not there: it has its new name already, and only the empty folder is left.
  if (existsSync(was)) {
    step(was, freeReplaced(dataDir))
  }
  rmSync(staged, { recursive: true, force: true })
  syncFolder(dataDir)
  return true
}

/** Never one that is there: it may hold the only copy of mail that was answered with 250. */
function freeReplaced(dataDir: string): string {
  let place = join(dataDir, replacedFolder)
  for (let n = 2; existsSync(place); n += 1) place = join(dataDir, `${replacedFolder}-${n}`)
  return place
}
