import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { OperatorStanding } from './ports.ts'

export interface KnownBrowsersWorld {
  /** 32 octets that no browser has. */
  readonly key: () => Uint8Array
  /** Undefined: there is no operator of that name. */
  readonly standing: (operator: string) => OperatorStanding | undefined
}

/**
 * Browsers in which somebody signed in before (OWASP: Slow Down Online Guessing Attacks with Device Cookies). Such a
 * browser shows a mark that only this box can make, for one operator under the present password: it lets nobody in, it
 * says that who guesses is not the crowd. Nothing is kept of it here.
 */
export class KnownBrowsers {
  readonly #world: KnownBrowsersWorld

  constructor(world: KnownBrowsersWorld) {
    this.#world = world
  }

  /** For a cookie. */
  mark(operator: string): string {
    const name = randomBytes(16).toString('base64url')
    return `${name}.${this.#seal(operator, name)}`
  }

  /** The browser's own name, where it was marked for that operator; undefined: it is a stranger's. */
  nameOf(mark: string | undefined, operator: string): string | undefined {
    const [, name = '', seal = ''] = /^([\w-]{22})\.([\w-]{43})$/.exec(mark ?? '') ?? []
    if (name === '' || this.#world.standing(operator) === undefined) return undefined
    return timingSafeEqual(Buffer.from(seal), Buffer.from(this.#seal(operator, name))) ? name : undefined
  }

  #seal(operator: string, name: string): string {
    const text = JSON.stringify([operator.toLowerCase(), this.#world.standing(operator)?.mark, name])
    return createHmac('sha256', this.#world.key()).update(text).digest('base64url')
  }
}
