import { createHmac, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { GuessLimits, longestDelayMs } from '../core/guess-limits.ts'
import { second } from '../core/time.ts'
import { codedAnswer } from './answers.ts'
import type { Answer } from './router.ts'

/** Names fall into so many groups: what is counted is bounded, and a name that exists is treated as one that does not. */
const nameGroups = 1024

/**
 * Wrong passwords and codes, by where they came from and what they were said for. An address that guessed 20 times in
 * ten minutes is heard every 4 s; so are all those together that guess at one name, but each address's first word is
 * heard, and so is one from which the operator is signed in: nobody is locked out by others' guesses.
 */
export class Guesses {
  readonly #limits: GuessLimits
  readonly #key = randomBytes(16)

  constructor(clock: Clock) {
    this.#limits = new GuessLimits(clock)
  }

  /** Whether an attempt is looked at. */
  mayTry(address: string, name: string, isKnownHere: boolean): boolean {
    const place = isKnownHere ? address : neighbourhoodOf(address)
    if (!this.#limits.mayTry(`address ${place}`)) return false
    const group = this.#groupOf(name)
    return isKnownHere || !this.#limits.hasFailed(`${group} at ${place}`) || this.#limits.mayTry(group)
  }

  /** A browser in which somebody signed in before: others' guesses, from its address too, keep it waiting in nothing. */
  mayTryFrom(browser: string): boolean {
    return this.#limits.mayTry(`browser ${browser}`)
  }

  fail(address: string, name: string, browser?: string): void {
    const [group, place] = [this.#groupOf(name), neighbourhoodOf(address)]
    const keys = [`address ${address}`, `address ${place}`, group, `${group} at ${place}`]
    if (browser !== undefined) keys.push(`browser ${browser}`)
    for (const key of new Set(keys)) this.#limits.fail(key)
  }

  /** The address stays counted: who has an account of their own does not get more guesses at another's. */
  succeed(address: string, name: string, browser?: string): void {
    if (browser !== undefined) this.#limits.succeed(`browser ${browser}`)
    this.#limits.succeed(`${this.#groupOf(name)} at ${neighbourhoodOf(address)}`)
  }

  /** Wrong ones lately from an address and those that count with it. */
  failuresFrom(address: string): number {
    return this.#limits.failures(`address ${neighbourhoodOf(address)}`)
  }

  /** Codes beside a password that was right: counted for the operator alone, wherever they come from. */
  mayTryCode(operator: string): boolean {
    return this.#limits.mayTry(`code of ${operator}`)
  }

  failCode(operator: string): void {
    this.#limits.fail(`code of ${operator}`)
  }

  succeedCode(operator: string): void {
    this.#limits.succeed(`code of ${operator}`)
  }

  #groupOf(name: string): string {
    const number = createHmac('sha256', this.#key).update(name.toLowerCase()).digest().readUInt32BE()
    return `group ${number % nameGroups}`
  }
}

/** Who has one IPv6 address has the 2^64 beside it (RFC 6177): they count as one. As Node spells addresses (RFC 5952). */
export function neighbourhoodOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter((each) => each !== ''))
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return `${[...(left ?? []), ...zeros, ...(right ?? [])].slice(0, 4).join(':')}::/64`
}

/** RFC 6585 section 4. */
export function tooManyGuesses(): Answer {
  const seconds = longestDelayMs / second
  const answer = codedAnswer(
    'too-many-guesses',
    `too many wrong ones came from here: try again in ${seconds} seconds`,
    429,
  )
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } }
}

/** Not the fault of who asks: many sign in, or guess, at the same time. */
export function tooBusy(): Answer {
  const answer = codedAnswer('too-busy', 'many are signing in just now: try again in 2 seconds', 429)
  return { ...answer, headers: { ...answer.headers, 'retry-after': '2' } }
}
