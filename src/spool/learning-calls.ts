import type { Database } from '../platform/database.ts'
import { learnedFacts } from './learned-facts.ts'
import { learnedQueries } from './learned-queries.ts'
import type { LearningReaderCalls, LearningWriterCalls } from './learning-protocol.ts'
import type { Settlements } from './settlements.ts'
import type { Handlers } from './thread-protocol.ts'
import { unadoptedMail } from './unadopted-mail.ts'

/** The writer's part of what was learned at the edge. */
export function learningWriterCalls(
  database: Database,
  settlements: Settlements,
): Handlers<LearningWriterCalls> {
  const facts = learnedFacts(database)
  const mail = unadoptedMail(database, settlements)
  return {
    'save-sightings': (sightings) => done(facts.saveSightings(sightings)),
    'forget-sighting': ({ address }) => done(facts.forgetSighting(address)),
    'save-traits': (traits) => done(facts.saveTraits(traits)),
    'set-take-over': ({ takeOver }) => done(facts.setTakeOver(takeOver)),
    adopt: ({ adoption, now }) => mail.adopt(adoption, now),
    'age-unadopted': ({ byMs }) => done(mail.age(byMs)),
    'drop-unadopted': ({ heldMs }) => mail.drop(heldMs),
  }
}

/** The reader's part. */
export function learningReaderCalls(database: Database): Handlers<LearningReaderCalls> {
  const queries = learnedQueries(database)
  return {
    sightings: () => queries.sightings(),
    traits: () => queries.traits(),
    'take-over': () => queries.takeOver(),
    unadopted: () => queries.unadopted(),
  }
}

const done = (_written: unknown): undefined => undefined
