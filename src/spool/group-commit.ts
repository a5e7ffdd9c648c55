import { type Database, databaseTrouble } from '../platform/database.ts'
import type { DiskTrouble, Reply } from './thread-protocol.ts'

interface Work {
  readonly id: number
}

/**
 * Puts all that waits into one transaction, so that they share one sync; each in a savepoint, so that the mistake of one
 * is not the others'. When the disk fails the group, each is tried alone and only those that fail again are told so.
 * Replies are the caller's to send: when `run` returns, what they say is on disk. `begins` hears of every transaction.
 */
export function groupCommit<W extends Work>(
  database: Database,
  perform: (work: W) => unknown,
  begins: () => void = () => {},
) {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  const savepoint = database.prepare('SAVEPOINT one')
  const release = database.prepare('RELEASE one')
  const rollbackToSavepoint = database.prepare('ROLLBACK TO one')

  return { run, runWhileItFits }

  function run(group: readonly W[]): readonly Reply[] {
    const together = inTransaction(group)
    if (together.kind === 'committed') return together.replies
    // Whoever holds the lock would let each of them wait as long again.
    if (group.length === 1 || together.trouble === 'locked') {
      return group.map(({ id }) => ({ id, ...together }))
    }
    return group.flatMap((work) => run([work]))
  }

  /**
   * For what the disk refused before: together, else one after the other up to the first that is refused again. What
   * comes after that has no reply.
   */
  function runWhileItFits(group: readonly W[]): readonly Reply[] {
    const together = inTransaction(group)
    if (together.kind === 'committed') return together.replies
    const replies: Reply[] = []
    for (const work of group) {
      const isKnown = group.length === 1 || together.trouble === 'locked'
      const tried = isKnown ? [{ id: work.id, ...together }] : run([work])
      replies.push(...tried)
      if (tried.some(({ kind }) => kind === 'trouble')) break
    }
    return replies
  }

  function inTransaction(group: readonly W[]) {
    try {
      begins()
      begin.run()
      const replies = group.map(inSavepoint)
      commit.run()
      return { kind: 'committed', replies } as const
    } catch (error) {
      if (database.inTransaction) rollback.run()
      const detail = error instanceof Error ? error.message : String(error)
      return { kind: 'trouble', trouble: diskTrouble(error), detail } as const
    }
  }

  function inSavepoint(work: W): Reply {
    savepoint.run()
    try {
      const answer = perform(work)
      release.run()
      return { id: work.id, kind: 'done', answer }
    } catch (error) {
      if (databaseTrouble(error) !== undefined || !database.inTransaction) throw error
      rollbackToSavepoint.run()
      release.run()
      return { id: work.id, kind: 'failed', detail: error instanceof Error ? error.message : String(error) }
    }
  }
}

function diskTrouble(error: unknown): DiskTrouble {
  const trouble = databaseTrouble(error)
  if (trouble === 'full' || trouble === 'locked') return trouble
  if (trouble === undefined) throw new Error('the spool could not commit', { cause: error })
  return 'io'
}
