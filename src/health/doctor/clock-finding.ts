import type { Finding } from '../../core/diagnosis.ts'
import { minute, second, type WallMs } from '../../core/time.ts'
import type { Contact } from './contact.ts'
import { placeOf } from './destinations.ts'
import { about, notChecked, ok, trouble } from './finding.ts'

export interface ClockFacts {
  readonly now: WallMs
  readonly isBelievable: boolean
  /** Whether the machine's time service has heard from a time server since boot; undefined: it has none we know. */
  readonly isSynchronised: boolean | undefined
  readonly contacts: readonly Contact[]
}

/** What signatures of ACS and tokens of Entra bear ("greater than the allowed margin of 5 minutes"). */
const marginMs = 5 * minute
const subject = about('box', 'clock')
const setClock = 'Let the box reach a time server (NTP, UDP port 123), or set its clock.'

/** The clock against what the services' answers say: of several the one nearest to ours counts. */
export function clockFinding(facts: ClockFacts): Finding {
  const { now, isBelievable } = facts
  const nearest = offsetsOf(facts.contacts).toSorted((a, b) => Math.abs(a.offMs) - Math.abs(b.offMs))[0]
  const evidence = [...evidenceOf(facts), ...(nearest ? [`compared with ${nearest.place}`] : [])]
  if (nearest && Math.abs(nearest.offMs) > marginMs) {
    return trouble(subject, `The clock of this box is ${offBy(nearest.offMs)}.`, setClock, evidence)
  }
  if (!isBelievable) {
    return trouble(
      subject,
      `The clock of this box says ${dateOf(now)}, which is before this release was made: mail is accepted, sending waits.`,
      setClock,
      evidence,
    )
  }
  if (!nearest) return unasked(facts)
  return ok(subject, 'The clock agrees with that of the services.', evidence)
}

function unasked({ isSynchronised, now }: ClockFacts): Finding {
  if (isSynchronised) return ok(subject, 'The clock was set by a time server.', [dateOf(now)])
  return notChecked(subject, 'The clock could not be compared: no service told the time.')
}

const offsetsOf = (contacts: readonly Contact[]) =>
  contacts.flatMap(({ date, destination }) =>
    date ? [{ offMs: date.ours - date.theirs, place: placeOf(destination) }] : [],
  )

function evidenceOf({ now, isSynchronised }: ClockFacts): readonly string[] {
  const service = isSynchronised ? 'a time server has set it' : 'no time server has set it since boot'
  return [`it says ${dateOf(now)}`, ...(isSynchronised === undefined ? [] : [service])]
}

const dateOf = (at: WallMs): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const hourMs = 60 * minute
const dayMs = 24 * hourMs

function offBy(offMs: number): string {
  const size = Math.abs(offMs)
  const words =
    size >= 2 * dayMs
      ? `${Math.round(size / dayMs)} days`
      : size >= 2 * hourMs
        ? `${Math.round(size / hourMs)} hours`
        : size >= 2 * minute
          ? `${Math.round(size / minute)} minutes`
          : `${Math.round(size / second)} seconds`
  return `${words} ${offMs > 0 ? 'fast' : 'slow'}`
}
