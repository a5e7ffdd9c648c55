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

/** What the disk refused and what may not fail: it waits here, what was refused last at the end. */
export class ParkedRequests {
  readonly #requests = new Map<number, WriterRequest>()

  /** At the end, also when it was here before: one that never fits does not stand before what might. */
  add(request: WriterRequest): void {
    this.#requests.delete(request.id)
    this.#requests.set(request.id, request)
  }

  remove(id: number): void {
    this.#requests.delete(id)
  }

  /** The next to be tried together, facts last: a settled delivery makes room, a fact takes some. */
  next(limit: number): readonly WriterRequest[] {
    const all = [...this.#requests.values()]
    return [
      ...all.filter(({ kind }) => !facts.has(kind)),
      ...all.filter(({ kind }) => facts.has(kind)),
    ].slice(0, limit)
  }

  /** Forgets the oldest facts beyond the newest hundred calls, and hands them back. */
  dropFacts(): readonly WriterRequest[] {
    const waiting = [...this.#requests.values()].filter(({ kind }) => facts.has(kind))
    // Ids grow from call to call.
    const dropped = waiting.toSorted((a, b) => b.id - a.id).slice(mostFacts)
    for (const { id } of dropped) this.#requests.delete(id)
    return dropped
  }
}
