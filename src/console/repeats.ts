import { createHash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'
import { errorAnswer } from './answers.ts'
import type { Answer, Caller } from './router.ts'

/** What an `Idempotency-Key` holds for: answers may tell a new password, and memory is counted. */
const keptMs = 10 * minute
const mostKept = 100
const longestAnswer = 64_000

interface Kept {
  readonly asked: string
  readonly at: number
  readonly answer: Promise<Answer>
  isSettled: boolean
}

/** One request, as far as another one may be the same. */
export interface Repeatable {
  readonly key: string
  readonly caller: Caller
  readonly method: string
  readonly path: string
  readonly body: string
}

/**
 * Actions that a script sends again because it did not hear the answer are done once (draft-ietf-httpapi-idempotency-key):
 * the same caller with the same key gets the same answer again, for ten minutes.
 */
export class Repeats {
  readonly #clock: Clock
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async once({ key, caller, method, path, body }: Repeatable, act: () => Promise<Answer>): Promise<Answer> {
    if (!/^[\x21-\x7e]{1,128}$/.test(key))
      return errorAnswer('Idempotency-Key has to be 1 to 128 printable characters', 400)
    this.#forgetOld()
    const name = `${caller.operator ?? caller.who} ${key}`
    const asked = createHash('sha256').update(`${method} ${path}\n${body}`).digest('base64')
    const kept = this.#kept.get(name)
    if (kept !== undefined) {
      if (kept.asked === asked) return kept.answer
      return errorAnswer('this Idempotency-Key was used for another request', 422)
    }
    if (!this.#makeRoom()) return tooMany()
    const answer = act()
    const entry = { asked, at: this.#clock.monotonic(), answer, isSettled: false }
    this.#kept.set(name, entry)
    await this.#forgetFailed(name, answer)
    entry.isSettled = true
    return answer
  }

  /** Our own trouble, and what is too long to keep, may be tried anew. */
  async #forgetFailed(name: string, answer: Promise<Answer>): Promise<void> {
    try {
      const { status, body } = await answer
      const isShort = typeof body === 'string' && body.length <= longestAnswer
      if (status >= 500 || status === 429 || !isShort) this.#kept.delete(name)
    } catch {
      // Whoever asked is told by the promise itself.
      this.#kept.delete(name)
    }
  }

  #forgetOld(): void {
    const now = this.#clock.monotonic()
    for (const [name, { at, isSettled }] of [...this.#kept])
      if (isSettled && now - at >= keptMs) this.#kept.delete(name)
  }

  /** What is under way stays: forgotten, it would be done a second time. */
  #makeRoom(): boolean {
    if (this.#kept.size < mostKept) return true
    const [oldest] = [...this.#kept].find(([, { isSettled }]) => isSettled) ?? []
    return oldest !== undefined && this.#kept.delete(oldest)
  }
}

/** RFC 6585 section 4. */
function tooMany(): Answer {
  const answer = errorAnswer(
    `${mostKept} requests with an Idempotency-Key are under way: try again soon`,
    429,
  )
  return { ...answer, headers: { ...answer.headers, 'retry-after': '2' } }
}
