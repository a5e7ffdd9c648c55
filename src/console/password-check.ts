import type { Entrance } from './entrance.ts'
import { type Guesses, neighbourhoodOf, tooBusy, tooManyGuesses } from './guesses.ts'
import type { Proved } from './ports.ts'
import type { Answer } from './router.ts'
import type { Waiter } from './turns.ts'

export type PasswordCheck =
  | { readonly kind: 'right'; readonly proved: Proved }
  | { readonly kind: 'wrong' }
  /** It was not looked at. */
  | { readonly kind: 'put-off'; readonly answer: Answer }

/** For `Turns`: who is known here counts by their own address, everybody else with their neighbours. */
export const callerAt = (from: string, guesses: Guesses, isKnown: boolean): Waiter => ({
  place: isKnown ? from : neighbourhoodOf(from),
  isKnown,
  failures: () => guesses.failuresFrom(from),
})

/** A name with its password, in turn and not faster than guesses may be. */
export async function checkPassword(
  { ports, sessions, guesses, turns }: Entrance,
  from: string,
  name: string,
  password: string,
): Promise<PasswordCheck> {
  const isKnown = sessions.knows(name, from)
  if (!guesses.mayTry(from, name, isKnown)) return { kind: 'put-off', answer: tooManyGuesses() }
  const found = await turns.take(callerAt(from, guesses, isKnown), () => ports.people.verify(name, password))
  if (found === undefined) return { kind: 'put-off', answer: tooBusy() }
  if (found.kind === 'wrong') {
    guesses.fail(from, name)
    ports.log.write('warn', 'console-sign-in-refused', { from })
    return found
  }
  guesses.succeed(from, name)
  return { kind: 'right', proved: { operator: found.name, mark: found.mark } }
}
