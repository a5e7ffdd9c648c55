import type { Entrance } from './entrance.ts'
import { tooBusy, tooManyGuesses } from './guesses.ts'
import type { Answer } from './router.ts'

export type PasswordCheck =
  | { readonly kind: 'right'; readonly operator: string }
  | { readonly kind: 'wrong' }
  /** It was not looked at. */
  | { readonly kind: 'put-off'; readonly answer: Answer }

/** A name with its password, in turn and not faster than guesses may be. */
export async function checkPassword(
  { ports, sessions, guesses, turns }: Entrance,
  from: string,
  name: string,
  password: string,
): Promise<PasswordCheck> {
  if (!guesses.mayTry(from, name, sessions.knows(name, from)))
    return { kind: 'put-off', answer: tooManyGuesses() }
  const found = await turns.take(from, () => ports.people.verify(name, password))
  if (found === undefined) return { kind: 'put-off', answer: tooBusy() }
  if (found.kind === 'wrong') {
    guesses.fail(from, name)
    ports.log.write('warn', 'console-sign-in-refused', { from })
    return found
  }
  guesses.succeed(from, name)
  return { kind: 'right', operator: found.name }
}
