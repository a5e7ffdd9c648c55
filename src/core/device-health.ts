import type { DeviceHealth } from './device-view.ts'
import type { DeviceMarks, SessionMark } from './page-spool.ts'
import type { SessionRecord } from './spool.ts'
import { isFault, verdictCodes } from './verdict.ts'

/**
 * How a device does: by its last session that came to something. One that only looked in says nothing about it, unless it
 * never did anything else.
 */
export function healthOf(isEnabled: boolean, marks: DeviceMarks | undefined): DeviceHealth {
  if (!isEnabled) return { kind: 'paused', word: 'switched off' }
  const last = latest(marks?.mail, marks?.fault) ?? marks?.other
  if (last === undefined) return { kind: 'never-seen', word: 'never seen' }
  const { state, isFault } = verdictCodes[last.code]
  return { kind: isFault ? 'trouble' : 'fine', word: state, ...last }
}

/** Marks of the disk with what sessions of memory say, which are later. */
export function withSessions(marks: DeviceMarks, sessions: readonly SessionRecord[]): DeviceMarks {
  const own = sessions.filter(({ device, about }) => (device ?? about) === marks.device)
  return own.reduce(withSession, marks)
}

function withSession(marks: DeviceMarks, record: SessionRecord): DeviceMarks {
  const { id, endedAt, verdict, messages } = record
  const lastMail = messages.length > 0 && endedAt >= (marks.lastMail ?? 0) ? { lastMail: endedAt } : undefined
  if (!verdict) return { ...marks, ...lastMail }
  const mark: SessionMark = { session: id, at: endedAt, code: verdict.code }
  const kind = isFault(verdict) ? 'fault' : messages.length > 0 ? 'mail' : 'other'
  return { ...marks, ...lastMail, [kind]: latest(mark, marks[kind]) }
}

const latest = (a: SessionMark | undefined, b: SessionMark | undefined): SessionMark | undefined =>
  a === undefined || (b !== undefined && b.at > a.at) ? b : a
