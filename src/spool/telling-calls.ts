import type { Database } from '../platform/database.ts'
import type { Settlements } from './settlements.ts'
import { toldFacts } from './telling-facts.ts'
import type { TellingReaderCalls, TellingWriterCalls } from './telling-protocol.ts'
import { tellingQueries } from './telling-queries.ts'
import type { Handlers } from './thread-protocol.ts'

/** The writer's part of telling people. */
export function tellingWriterCalls(
  database: Database,
  settlements: Settlements,
): Handlers<TellingWriterCalls> {
  const facts = toldFacts(database)
  return {
    tell(told) {
      facts.save(told)
      if (told.mail) settlements.publishOwn(told.mail)
      return undefined
    },
  }
}

/** The reader's part. */
export function tellingReaderCalls(database: Database): Handlers<TellingReaderCalls> {
  const queries = tellingQueries(database)
  return {
    tellings: () => queries.tellings(),
    ration: () => queries.ration(),
    'past-alerts': ({ since }) => queries.pastAlerts(since),
    'last-letter': () => queries.lastLetter(),
    'finished-mail': ({ after, until }) => queries.finishedMail(after, until),
  }
}
