import type { Operations } from '../core/operations.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import type { Submission } from '../submission/parts.ts'

/** Sessions as memory and the disk know them. */
export const sessionOperations = (
  submission: Pick<Submission, 'sessions'>,
  spool: Pick<Spool, 'sessions'>,
  kept: Pick<Operations, 'session'>,
): Pick<Operations, 'sessions' | 'session'> => ({
  sessions: async (limit) => mergeSessions(submission.sessions(), await spool.sessions(limit), limit),
  session: async (id) => submission.sessions().find((session) => session.id === id) ?? kept.session(id),
})

/** Sessions of memory are newer than those on disk; one that is in both is shown once. */
function mergeSessions(
  live: readonly SessionRecord[],
  kept: readonly SessionRecord[],
  limit: number,
): readonly SessionRecord[] {
  const byId = new Map([...kept, ...live].map((session) => [session.id, session]))
  return [...byId.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, limit)
}
