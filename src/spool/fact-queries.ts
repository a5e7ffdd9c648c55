import type { RaisedAlert } from '../core/alerts.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { ClientMemory, LostReply, Pause, QuotaUse, SessionRecord } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

type SqlPause = Omit<Pause, 'sender' | 'mayProbe' | 'byOperator' | 'nextProbeAt'> & {
  readonly sender: string
  readonly mayProbe: number
  readonly byOperator: number
  readonly nextProbeAt: WallMs | null
}

type SqlSession = Omit<SessionRecord, 'device' | 'about' | 'messages' | 'verdict' | 'lines'> & {
  readonly device: string | null
  readonly about: string | null
  readonly messages: string
  readonly verdict: string | null
  readonly lines: string
}

/** Ids are taken when a mail begins and times when it ends: so many older ones in a row mean that none is left. */
const outOfOrder = 100

const sessionColumns = `id, started_at AS startedAt, ended_at AS endedAt, address, listener, device, helo, tls, messages,
  result, lines, (SELECT verdict FROM session_verdict WHERE session = session.id) AS verdict,
  (SELECT nullif(device, '') FROM session_about WHERE session = session.id) AS about`

/** What was remembered beside the queue. */
export function factQueries(database: Database) {
  const lost = database.prepare<[number], Omit<LostReply, 'id'> & { readonly id: number }>(
    `SELECT id, kind, device, content_sha256 AS contentSha256, envelope_sha256 AS envelopeSha256 FROM message
     WHERE reply_followed = 0 AND accepted_wall >= ? AND is_identifiable = 1 AND priority > 0 AND device IS NOT NULL
     ORDER BY id`,
  )
  const pauses = database.prepare<[], SqlPause>(
    `SELECT upstream, sender, code, reason, remedy, may_probe AS mayProbe, since, by_operator AS byOperator,
       next_probe_at AS nextProbeAt, probes FROM pause ORDER BY upstream, sender`,
  )
  const uses = database.prepare<[number], QuotaUse>('SELECT * FROM quota_use WHERE at >= ? ORDER BY at')
  const accepted = database.prepare<[], { device: string | null; at: WallMs }>(
    'SELECT device, accepted_wall AS at FROM message ORDER BY id DESC',
  )
  const sessions = database.prepare<[number], SqlSession>(
    `SELECT ${sessionColumns} FROM session ORDER BY ended_at DESC LIMIT ?`,
  )
  const session = database.prepare<[string], SqlSession>(`SELECT ${sessionColumns} FROM session WHERE id = ?`)
  const clients = database.prepare<[number], ClientMemory & { readonly device: string | null }>(
    `SELECT address, speaks_first AS speaksFirst, device, seen_at AS seenAt FROM client WHERE seen_at >= ?
     ORDER BY address`,
  )
  const alerts = database.prepare<[], RaisedAlert>('SELECT * FROM alert ORDER BY since, key')

  return {
    lostReplies: (since: WallMs): readonly LostReply[] =>
      lost.all(since).map((row) => ({ ...row, id: messageIdOf(row.id) })),
    pauses: (): readonly Pause[] =>
      pauses.all().map((row) => ({
        ...row,
        sender: row.sender === '' ? undefined : row.sender,
        mayProbe: row.mayProbe === 1,
        byOperator: row.byOperator === 1,
        nextProbeAt: row.nextProbeAt ?? undefined,
      })),
    quotaUse: (since: WallMs): readonly QuotaUse[] => uses.all(since),
    acceptedSince(since: WallMs): readonly { device: string; at: WallMs }[] {
      const found: { device: string; at: WallMs }[] = []
      let older = 0
      for (const { device, at } of accepted.iterate()) {
        older = at < since ? older + 1 : 0
        if (older > outOfOrder) break
        if (older === 0 && device !== null) found.push({ device, at })
      }
      return found.toSorted((a, b) => a.at - b.at)
    },
    /** Latest first. */
    sessions: (limit: number): readonly SessionRecord[] => sessions.all(limit).map(sessionOf),
    session(id: string): SessionRecord | undefined {
      const row = session.get(id)
      return row && sessionOf(row)
    },
    clients: (since: WallMs): readonly ClientMemory[] =>
      clients.all(since).map((row) => ({ ...row, device: row.device ?? undefined })),
    alerts: (): readonly RaisedAlert[] => alerts.all(),
  }
}

function sessionOf({ about, ...row }: SqlSession): SessionRecord {
  return {
    ...row,
    device: row.device ?? undefined,
    ...(about !== null && row.device === null && { about }),
    messages: JSON.parse(row.messages),
    verdict: row.verdict === null ? undefined : JSON.parse(row.verdict),
    lines: JSON.parse(row.lines),
  }
}
