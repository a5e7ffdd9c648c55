import type {
  DeliveryStep,
  LiveEvent,
  LiveFile,
  LiveStep,
  SessionEnd,
  SessionStep,
} from '../../src/core/live.ts'
import type { MessageId } from '../../src/core/message-id.ts'
import type { WallMs } from '../../src/core/time.ts'
import type { Verdict } from '../../src/core/verdict.ts'

/** One session of a device with the box, as a person watches it, and what became of the mail it brought. */
export interface Journey {
  readonly session: string
  readonly device: string | undefined
  readonly address: string
  readonly seen: Readonly<Partial<Record<SessionStep['step'], Seen>>>
  /** Of the mail that came last; undefined: not told. */
  readonly recipients: number | undefined
  /** Of the mail that came last. */
  readonly mail: JourneyMail | undefined
  readonly mails: number
  readonly verdict: Verdict | undefined
  readonly isOver: boolean
  readonly lastAt: WallMs
}

export interface Seen {
  readonly at: WallMs
  readonly detail: string
}

export interface JourneyMail {
  readonly message: MessageId
  readonly octets: number | undefined
  readonly files: readonly LiveFile[] | undefined
  /** Undefined: nothing came of it yet, or nobody told. */
  readonly delivery: DeliveryStep | undefined
}

/** What is watched, in the order in which it began. */
export interface LiveBook {
  readonly journeys: ReadonlyMap<string, Journey>
  readonly sessionOf: ReadonlyMap<MessageId, string>
}

export const emptyBook: LiveBook = { journeys: new Map(), sessionOf: new Map() }

/** A phone shows fifty; more are kept for whoever is chosen among them. */
const keptJourneys = 300

/** The book with more events in it; as many as come at once, for it is copied. */
export function withEvents(book: LiveBook, events: readonly LiveEvent[]): LiveBook {
  const [journeys, sessionOf] = [new Map(book.journeys), new Map(book.sessionOf)]
  for (const event of events) enter(event, journeys, sessionOf)
  return shortened({ journeys, sessionOf })
}

/** The book with what the box remembers: what was before it and, where nothing is told by itself, what went on. */
export function withEarlier(book: LiveBook, earlier: readonly Journey[]): LiveBook {
  const news = earlier.flatMap((journey) => {
    const known = book.journeys.get(journey.session)
    return known === undefined || known.lastAt < journey.lastAt ? [withDeliveryOf(known, journey)] : []
  })
  // Behind a break of the stream what is new here is also newer than what is known.
  const journeys = new Map(
    [...book.journeys.values(), ...news]
      .map((each) => [each.session, each] as const)
      .sort(([, a], [, b]) => beganAt(a) - beganAt(b)),
  )
  const messages = news.flatMap(({ mail, session }) => (mail ? [[mail.message, session] as const] : []))
  return shortened({ journeys, sessionOf: new Map([...messages, ...book.sessionOf]) })
}

const beganAt = ({ seen, lastAt }: Journey): number => seen.connected?.at ?? lastAt

/** A session does not remember what became of its mail. */
function withDeliveryOf(known: Journey | undefined, journey: Journey): Journey {
  const isSame = known?.mail !== undefined && known.mail.message === journey.mail?.message
  return isSame ? { ...journey, mail: known.mail } : journey
}

function enter(event: LiveEvent, journeys: Map<string, Journey>, sessionOf: Map<MessageId, string>): void {
  switch (event.kind) {
    case 'session': {
      const before = journeys.get(event.session)
      journeys.set(event.session, withStep(before, event))
      if (event.message !== undefined) sessionOf.set(event.message, event.session)
      return
    }
    case 'verdict': {
      journeys.set(event.session, withVerdict(journeys.get(event.session), event))
      return
    }
    case 'delivery': {
      const journey = journeys.get(sessionOf.get(event.message) ?? '')
      if (journey) journeys.set(journey.session, withDelivery(journey, event))
      return
    }
    case 'stale':
      return
  }
}

const begun = ({ session, device, address, at }: SessionStep | SessionEnd): Journey => ({
  session,
  device,
  address,
  seen: {},
  recipients: undefined,
  mail: undefined,
  mails: 0,
  verdict: undefined,
  isOver: false,
  lastAt: at,
})

/** A step after a refusal is past it: a panel that tries the right password next is not to be red. */
function withStep(before: Journey | undefined, event: SessionStep): Journey {
  const journey = before ?? begun(event)
  const { step, at, detail } = event
  const isAgain = step === 'addressed' || step === 'received'
  const { received: _, ...withoutReceived } = journey.seen
  const seen = step === 'addressed' ? withoutReceived : journey.seen
  return {
    ...journey,
    device: event.device ?? journey.device,
    seen: { ...seen, [step]: isAgain ? { at, detail } : (seen[step] ?? { at, detail }) },
    recipients: event.recipients ?? journey.recipients,
    ...mailOf(journey, event),
    verdict: journey.isOver ? journey.verdict : undefined,
    lastAt: at,
  }
}

function mailOf(journey: Journey, event: SessionStep): Pick<Journey, 'mail' | 'mails'> {
  const { mail, mails } = journey
  if (event.step === 'addressed') return { mail: undefined, mails }
  if (event.step !== 'received' || event.message === undefined) return { mail, mails }
  const { message, octets, files } = event
  return { mail: { message, octets, files, delivery: undefined }, mails: mails + 1 }
}

function withVerdict(before: Journey | undefined, event: SessionEnd): Journey {
  const journey = before ?? begun(event)
  const { verdict, isOver, at } = event
  return { ...journey, device: event.device ?? journey.device, verdict, isOver, lastAt: at }
}

function withDelivery(journey: Journey, delivery: DeliveryStep): Journey {
  const { mail } = journey
  if (mail?.message !== delivery.message) return journey
  return { ...journey, mail: { ...mail, delivery }, lastAt: delivery.at }
}

function shortened({ journeys, sessionOf }: LiveBook): LiveBook {
  if (journeys.size <= keptJourneys) return { journeys, sessionOf }
  const kept = new Map([...journeys].slice(-keptJourneys))
  return { journeys: kept, sessionOf: new Map([...sessionOf].filter(([, session]) => kept.has(session))) }
}

/** Whom a person watches; both undefined: everybody. */
export interface Watched {
  readonly device: string | undefined
  readonly address: string | undefined
}

/** The newest first. */
export function watchedJourneys({ journeys }: LiveBook, watched: Watched): readonly Journey[] {
  return [...journeys.values()].filter((journey) => isWatched(journey, watched)).reverse()
}

/** A device that is not known yet is known by its address. */
function isWatched({ device, address }: Journey, watched: Watched): boolean {
  if (watched.device === undefined && watched.address === undefined) return true
  if (watched.device !== undefined && device !== undefined) return device === watched.device
  return watched.address !== undefined && address === watched.address
}

export type StepState =
  | 'done'
  /** Not needed on this way: in clear, or known by its address. */
  | 'skipped'
  | 'failed'
  /** It goes on by itself, later. */
  | 'waiting'
  | 'open'

export interface StepView {
  readonly step: LiveStep
  readonly state: StepState
  readonly at: WallMs | undefined
  readonly detail: string
}
