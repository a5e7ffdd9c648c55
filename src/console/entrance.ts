import { DayPasses } from './day-passes.ts'
import { Guesses } from './guesses.ts'
import { KnownBrowsers } from './known-browsers.ts'
import type { ConsolePorts, FactorDraft, OperatorStanding, Proved } from './ports.ts'
import { Sessions } from './sessions.ts'
import { Tickets } from './tickets.ts'
import { Turns } from './turns.ts'

/** Who got as far as the second factor: with a draft, they have none yet and must. */
export interface HalfWay extends Proved {
  readonly draft?: FactorDraft
}

/** A secret that an operator was shown and did not confirm yet. */
export type ShownDraft = Proved & { readonly draft: FactorDraft }

/** Everything that decides who comes in. One for the life of the gateway, wherever the console is served meanwhile. */
export class Entrance implements Disposable {
  readonly ports: ConsolePorts
  readonly sessions: Sessions
  readonly passes: DayPasses
  readonly guesses: Guesses
  readonly browsers: KnownBrowsers
  readonly turns = new Turns()
  readonly halfWay: Tickets<HalfWay>
  /** By operator. */
  readonly drafts: Tickets<ShownDraft>

  constructor(ports: ConsolePorts) {
    const { clock } = ports
    const standing = standingFor(ports)
    this.ports = ports
    this.sessions = new Sessions({ clock, store: ports.sessions, standing })
    this.passes = new DayPasses({ clock, sessions: this.sessions, standing })
    this.guesses = new Guesses(clock)
    this.browsers = new KnownBrowsers({
      key: ports.browserKey,
      // By the password alone: a second factor makes no other browser of it.
      standing: (operator) => ports.people.standing(operator),
    })
    this.halfWay = new Tickets(clock)
    this.drafts = new Tickets(clock)
  }

  /** Whether the password that was looked at is still the operator's: hashing takes a while, and a ticket holds minutes. */
  stands({ operator, mark }: Proved): boolean {
    return this.ports.people.standing(operator)?.mark === mark
  }

  [Symbol.dispose](): void {
    this.sessions[Symbol.dispose]()
  }
}

/**
 * What a session stands on beside the password: the second factor. One that was begun without the factor that is asked
 * for now ends, and so does one whose factor somebody took away, also where another one is set up later.
 */
const standingFor =
  ({ people, factors }: ConsolePorts) =>
  (operator: string): OperatorStanding | undefined => {
    const present = people.standing(operator)
    if (present === undefined) return undefined
    const factor = factors.markOf(operator)
    if (factor !== undefined) return { ...present, mark: `${present.mark} and the second factor ${factor}` }
    return factors.isRequired(present.role) ? undefined : present
  }
