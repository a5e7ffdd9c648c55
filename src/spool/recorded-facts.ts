import type { Alert } from '../core/alerts.ts'
import type { ClientMemory, Pause, SessionRecord } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { OutboxEntry } from '../core/upstream.ts'
import { isFault, type Verdict } from '../core/verdict.ts'
import type { Database } from '../platform/database.ts'
import { numberOf } from './message-number.ts'

/** Alerts that are over: weeks of them on any box that a person can work with. */
const mostPastAlerts = 500

/** What the rest of the box wants remembered beside the queue: pauses, sessions, clients, alerts, the outbox. */
export function recordedFacts(database: Database) {
  const setPause = database.prepare(
    `INSERT OR REPLACE INTO pause VALUES (@upstream, @sender, @code, @reason, @remedy, @mayProbe, @since,
       @byOperator, @nextProbeAt, @probes)`,
  )
  const clearPause = database.prepare<[string, string]>('DELETE FROM pause WHERE upstream = ? AND sender = ?')
  const saveSession = database.prepare(
    `INSERT OR REPLACE INTO session VALUES (@id, @startedAt, @endedAt, @address, @listener, @device, @helo, @tls,
       @messages, @result, @lines)`,
  )
  const saveVerdict = database.prepare<[string, string]>(
    'INSERT OR REPLACE INTO session_verdict VALUES (?, ?)',
  )
  const saveAbout = database.prepare<[string, string, number, number, string]>(
    'INSERT OR REPLACE INTO session_about VALUES (?, ?, ?, ?, ?)',
  )
  const remember = database.prepare(
    'INSERT OR REPLACE INTO client VALUES (@address, @speaksFirst, @device, @seenAt)',
  )
  const saveAlert = database.prepare(
    'INSERT OR REPLACE INTO alert VALUES (@key, @severity, @sentence, @remedy, @since)',
  )
  const keepAlert = database.prepare<[number, string]>(
    `INSERT OR REPLACE INTO alert_past
       SELECT key, since, ?, severity, sentence, remedy FROM alert WHERE key = ?`,
  )
  const cutPastAlerts = database.prepare(
    `DELETE FROM alert_past WHERE (key, since) IN
       (SELECT key, since FROM alert_past ORDER BY until DESC LIMIT -1 OFFSET ${mostPastAlerts})`,
  )
  const clearAlert = database.prepare<[string]>('DELETE FROM alert WHERE key = ?')
  const kept = database
    .prepare<[number, string], string>('SELECT recipients FROM outbox WHERE message = ? AND upstream = ?')
    .pluck()
  const keep = database.prepare('INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?)')
  const probe = database.prepare<[]>(
    `INSERT INTO meta VALUES ('probe', '1')
     ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)`,
  )

  return {
    setPause(pause: Pause): void {
      setPause.run({
        ...pause,
        sender: pause.sender ?? '',
        mayProbe: pause.mayProbe ? 1 : 0,
        byOperator: pause.byOperator ? 1 : 0,
      })
    },
    clearPause(upstream: string, sender: string | undefined): void {
      clearPause.run(upstream, sender ?? '')
    },
    saveSessions(sessions: readonly SessionRecord[]): void {
      for (const { verdict, about, ...session } of sessions) {
        const messages = JSON.stringify(session.messages)
        saveSession.run({ ...session, messages, lines: JSON.stringify(session.lines) })
        if (!verdict) continue
        saveVerdict.run(session.id, JSON.stringify(verdict))
        const device = session.device ?? about ?? ''
        saveAbout.run(session.id, device, cameTo(verdict, session.messages), session.endedAt, verdict.code)
      }
    },
    rememberClients(clients: readonly ClientMemory[]): void {
      for (const client of clients) remember.run(client)
    },
    saveAlert({ key, severity, sentence, remedy }: Alert, since: WallMs): void {
      saveAlert.run({ key, severity, sentence, remedy, since })
    },
    clearAlert(key: string, until: WallMs): void {
      if (keepAlert.run(until, key).changes > 0) cutPastAlerts.run()
      clearAlert.run(key)
    },
    /** A second part of the same message adds its recipients. */
    keep(entry: OutboxEntry): void {
      const message = numberOf(entry.message)
      const earlier: readonly string[] = JSON.parse(kept.get(message, entry.upstream) ?? '[]')
      const recipients = JSON.stringify([...new Set([...earlier, ...entry.recipients])])
      const { upstream, at, header, bodyStart, sender } = entry
      keep.run(message, upstream, at, header, bodyStart, sender, recipients)
    },
    /** A tiny real write. */
    probe(): void {
      probe.run()
    },
  }
}

/** 0 fault, 1 mail, 2 neither, 3 both. */
const cameTo = (verdict: Verdict, messages: readonly unknown[]): number =>
  isFault(verdict) ? (messages.length > 0 ? 3 : 0) : messages.length > 0 ? 1 : 2
