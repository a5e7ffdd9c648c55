import { browserMarkOf } from './cookies.ts'
import type { Entrance } from './entrance.ts'
import { type Guesses, neighbourhoodOf, tooBusy, tooManyGuesses } from './guesses.ts'
import type { Proved } from './ports.ts'
import type { Answer, Asked } from './router.ts'
import type { Waiter } from './turns.ts'

export type PasswordCheck =
  | { readonly kind: 'right'; readonly proved: Proved }
  | { readonly kind: 'wrong' }
  /** It was not looked at. */
  | { readonly kind: 'put-off'; readonly answer: Answer }

/** For `Turns`: who is known here counts by their own address or browser, everybody else with their neighbours. */
export const callerAt = (from: string, guesses: Guesses, knownAs: string | undefined): Waiter => ({
  place: knownAs ?? neighbourhoodOf(from),
  isKnown: knownAs !== undefined,
  failures: () => guesses.failuresFrom(from),
})

type Guessing = Pick<Asked, 'from' | 'headers' | 'isSecure'>

/** A name with its password, in turn and not faster than guesses may be. */
export async function checkPassword(
  entrance: Entrance,
  asked: Guessing,
  name: string,
  password: string,
): Promise<PasswordCheck> {
  const { ports, guesses, turns, browsers } = entrance
  const { from } = asked
  const browser = browsers.nameOf(browserMarkOf(asked), name)
  const knownAs = browser === undefined ? knownPlace(entrance, name, from) : `browser ${browser}`
  const mayTry =
    browser === undefined ? guesses.mayTry(from, name, knownAs !== undefined) : guesses.mayTryFrom(browser)
  if (!mayTry) return { kind: 'put-off', answer: tooManyGuesses() }
  const caller = callerAt(from, guesses, knownAs)
  const found = await turns.take(caller, () => ports.people.verify(name, password))
  if (found === undefined) return { kind: 'put-off', answer: tooBusy() }
  if (found.kind === 'wrong') {
    guesses.fail(from, name, browser)
    ports.log.write('warn', 'console-sign-in-refused', { from })
    return found
  }
  guesses.succeed(from, name, browser)
  return { kind: 'right', proved: { operator: found.name, mark: found.mark } }
}

const knownPlace = ({ sessions }: Entrance, name: string, from: string): string | undefined =>
  sessions.knows(name, from) ? from : undefined
