import type { Request, WriterCalls } from './thread-protocol.ts'

type WriterRequest = Request<WriterCalls>

/**
 * Facts about sessions and addresses: no promise depends on them. A device that knocks on a full box all night brings
 * more of them than memory holds, and the newest are the ones that somebody will look for.
 */
const facts: ReadonlySet<keyof WriterCalls> = new Set([
  'save-sessions',
  'remember-clients',
  'save-sightings',
  'save-traits',
])
const mostFacts = 100

interface Parked {
  readonly request: WriterRequest
  /** When it came here first, counted. Not its id: those of calls that are over are given again. */
  readonly arrival: number
}

/** What the disk refused and what may not fail: it waits here, what was refused last at the end. */
export class ParkedRequests {
  readonly #parked = new Map<number, Parked>()
  #arrivals = 0

  /** At the end, also when it was here before: one that never fits does not stand before what might. */
  add(request: WriterRequest): void {
    const arrival = this.#parked.get(request.id)?.arrival ?? this.#arrivals++
    this.#parked.delete(request.id)
    this.#parked.set(request.id, { request, arrival })
  }

  remove(id: number): void {
    this.#parked.delete(id)
  }

  /** The next to be tried together, facts last: a settled delivery makes room, a fact takes some. */
  next(limit: number): readonly WriterRequest[] {
    const all = [...this.#parked.values()].map(({ request }) => request)
    return [
      ...all.filter(({ kind }) => !facts.has(kind)),
      ...all.filter(({ kind }) => facts.has(kind)),
    ].slice(0, limit)
  }

  /** Forgets the oldest facts beyond the newest hundred calls, and hands them back. */
  dropFacts(): readonly WriterRequest[] {
    const waiting = [...this.#parked.values()].filter(({ request }) => facts.has(request.kind))
    const dropped = waiting
      .toSorted((a, b) => b.arrival - a.arrival)
      .slice(mostFacts)
      .map(({ request }) => request)
    for (const { id } of dropped) this.#parked.delete(id)
    return dropped
  }
}
