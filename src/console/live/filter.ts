import { type Entry, type KeptEvent, type Ring, subjectOf } from './ring.ts'

/** Both undefined: everything. */
export interface LiveWish {
  /** Its name, as the setup writes it. */
  readonly device: string | undefined
  readonly address: string | undefined
}

const mostRemembered = 200

/** The steps of a session before a number. */
export type EarlierSteps = (session: string, before: number) => readonly Entry[]

/** Of a ring as it stands: it is looked through once, when the first is asked for, however many sessions are in it. */
export function earlierSteps(ring: Ring): EarlierSteps {
  let steps: ReadonlyMap<string, readonly Entry[]> | undefined
  return (session, before) => {
    steps ??= Map.groupBy(ring.from(ring.first), ({ event }) => subjectOf(event))
    return (steps.get(`session ${session}`) ?? []).filter(({ number }) => number < before)
  }
}

export const noEarlierSteps: EarlierSteps = () => []

/** What of the ring concerns a stream: of a device or an address, what their sessions did and what became of their mail. */
export class LiveFilter {
  readonly #wish: LiveWish
  readonly #sessions = new Recent()
  readonly #messages = new Recent()

  constructor(wish: LiveWish) {
    this.#wish = wish
  }

  get wantsAll(): boolean {
    return this.#wish.device === undefined && this.#wish.address === undefined
  }

  /**
   * The event, with the steps of its session before it that nobody could know to be of this device: it says who it is
   * when it signs in. Those stand in `late`.
   */
  take(entry: Entry, earlier: EarlierSteps): { readonly late: readonly Entry[] } | undefined {
    const { event, number } = entry
    if (this.wantsAll) return { late: [] }
    if (!this.#concerns(event)) return undefined
    if (event.kind === 'delivery') return { late: [] }
    const isNew = this.#sessions.add(event.session)
    if (event.kind === 'session' && event.message !== undefined) this.#messages.add(event.message)
    return { late: isNew ? earlier(event.session, number) : [] }
  }

  #concerns(event: KeptEvent): boolean {
    const { device, address } = this.#wish
    if (event.kind === 'delivery') {
      return this.#messages.has(event.message) || (device !== undefined && event.device === device)
    }
    if (this.#sessions.has(event.session)) return true
    return (
      (device === undefined || event.device === device) &&
      (address === undefined || event.address === address)
    )
  }
}

/** The last names that were added. */
class Recent {
  readonly #names = new Set<string>()

  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** Whether it is new. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false
    this.#names.add(name)
    const [oldest] = this.#names
    if (this.#names.size > mostRemembered && oldest !== undefined) this.#names.delete(oldest)
    return true
  }
}
