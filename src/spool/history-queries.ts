import type { Address } from '../core/address.ts'
import type { MessageKind, RouteFacts } from '../core/message.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { PastMail } from '../core/rehearsal.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

interface PastRow {
  readonly id: number
  readonly kind: MessageKind
  readonly device: string | null
  readonly sender: string | null
  readonly facts: string
  readonly accepted: WallMs
}

/** A few milliseconds of the reader, also on a small machine. */
const pageMails = 200
const pageRecipients = 2000

/** A piece of the history, oldest first; `next` is undefined at its end. */
export interface HistoryPage {
  readonly mails: readonly PastMail[]
  readonly next: number | undefined
}

/** Mail of devices, finished or not; a fragment is none, what it is joined into is. */
export function historyQueries(database: Database) {
  const page = database.prepare<[number, number], PastRow>(
    `SELECT id, kind, device, sender, route_facts AS facts, accepted_wall AS accepted FROM message
     WHERE id > ? AND kind = 'mail' AND accepted_wall >= ? AND partial_key IS NULL ORDER BY id LIMIT ${pageMails}`,
  )
  const recipients = database
    .prepare<[number], Address>('SELECT address FROM delivery WHERE message = ? ORDER BY number')
    .pluck()

  return (after: number, since: WallMs): HistoryPage => {
    const mails: PastMail[] = []
    let addresses = 0
    let last = after
    const rows = page.all(after, since)
    for (const row of rows) {
      const mail = mailOf(row, recipients.all(row.id))
      mails.push(mail)
      addresses += mail.recipients.length
      last = row.id
      if (addresses >= pageRecipients) break
    }
    const isEnd = mails.length === rows.length && rows.length < pageMails
    return { mails, next: isEnd ? undefined : last }
  }
}

function mailOf(
  { id, kind, device, sender, facts, accepted }: PastRow,
  recipients: readonly Address[],
): PastMail {
  const routeFacts: RouteFacts = JSON.parse(facts)
  return {
    id: messageIdOf(id),
    kind,
    device: device ?? undefined,
    from: sender ?? undefined,
    facts: routeFacts,
    acceptedWall: accepted,
    recipients,
  }
}
