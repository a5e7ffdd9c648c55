import type { LiveEvent, LiveFile, SessionStep } from '../core/live.ts'
import type { Verdict } from '../core/verdict.ts'
import type { SubmissionParts } from './parts.ts'
import { withoutSaidPasswords } from './told-verdict.ts'

/** What a step has besides its name. */
type StepFacts = Partial<Pick<SessionStep, 'recipients' | 'message' | 'octets'>> & {
  readonly files?: readonly LiveFile[]
}

/** Tells whoever listens how far a session has come. Ask `isHeard` before anything is made for it. */
export class SessionNews {
  readonly #parts: Pick<SubmissionParts, 'live' | 'setup' | 'secrets' | 'clock' | 'log'>
  readonly #session: string
  readonly #address: string
  readonly #device: () => string | undefined
  /** What is still looked at before it is told: the rest comes behind it, in its order. */
  #pending: Promise<void> | undefined

  constructor(
    parts: Pick<SubmissionParts, 'live' | 'setup' | 'secrets' | 'clock' | 'log'>,
    { id, address }: { readonly id: string; readonly address: string },
    device: () => string | undefined,
  ) {
    this.#parts = parts
    this.#session = id
    this.#address = address
    this.#device = device
  }

  get isHeard(): boolean {
    return this.#parts.live.isHeard
  }

  /** `detail` and `facts` hold nothing that may be a secret. */
  step(step: SessionStep['step'], detail: string, facts: StepFacts = {}): void {
    this.#tell({ kind: 'session', step, ...this.#who(), detail, ...facts })
  }

  /** What a device said is told only when it was looked at: a password gets into every field. */
  verdict(verdict: Verdict, isOver: boolean): void {
    const { setup, secrets } = this.#parts
    const event = { kind: 'verdict', ...this.#who(), isOver } as const
    const shown = withoutSaidPasswords(verdict, setup(), secrets)
    this.#tell(
      shown instanceof Promise
        ? shown.then((told) => ({ ...event, verdict: told }))
        : { ...event, verdict: shown },
    )
  }

  #tell(event: LiveEvent | Promise<LiveEvent>): void {
    const { live } = this.#parts
    if (this.#pending === undefined && !(event instanceof Promise)) live.tell(event)
    else this.#follow(this.#pending, event)
  }

  #follow(before: Promise<void> | undefined, event: LiveEvent | Promise<LiveEvent>): void {
    const { live, log } = this.#parts
    const turn = (before ?? Promise.resolve())
      .then(async () => live.tell(await event))
      .catch((error: unknown) => log.write('error', 'live-not-told', { detail: String(error) }))
      .then(() => {
        if (this.#pending === turn) this.#pending = undefined
      })
    this.#pending = turn
  }

  #who() {
    return {
      session: this.#session,
      device: this.#device(),
      address: this.#address,
      at: this.#parts.clock.wall(),
    } as const
  }
}
