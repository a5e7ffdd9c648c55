import { comparable } from '../core/address.ts'
import { replies } from '../core/reply.ts'
import { type Client, type Credentials, isAtHome, judgeSignIn, type SignIn } from './admission.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { GuessLimits } from './guess-limits.ts'
import type { SubmissionParts } from './parts.ts'
import { rulesOf } from './rules.ts'

export interface SignInParts {
  readonly submission: Pick<SubmissionParts, 'setup' | 'secrets' | 'clock'>
  readonly memories: ClientMemories
  readonly guesses: GuessLimits
}

/** One attempt to sign in, whatever the protocol: guesses are slowed, and an address that a device came from is remembered. */
export async function trySignIn(
  { submission, memories, guesses }: SignInParts,
  client: Client & { readonly isSecure: boolean },
  credentials: Credentials,
  signal: AbortSignal,
): Promise<SignIn> {
  const rules = rulesOf(submission.setup())
  const named = rules.byLogin.get(comparable(credentials.username.trim()))
  const account = named && isAtHome(rules, named, client) ? named.name : undefined
  const key = guessKey(account, client.address, memories.deviceAt(client.address))
  if (!guesses.mayTry(key)) return tooMany
  const verdict = judgeSignIn(rules, submission.secrets, client, credentials)
  if (verdict.kind === 'refused') {
    if (verdict.isGuess) await submission.clock.sleep(guesses.fail(key), signal)
    return verdict
  }
  guesses.succeed(key)
  memories.learn(client.address, { device: verdict.device.name })
  return verdict
}

const tooMany: SignIn = {
  kind: 'refused',
  reply: replies.tooManyGuesses,
  why: 'too many guesses',
  isGuess: false,
}

/**
 * What a guess is counted for: the account; but for the panel that signed in to it from this address before, so that
 * guesses from elsewhere do not slow the panel; and the address alone where no account can be hit.
 */
function guessKey(account: string | undefined, address: string, remembered: string | undefined): string {
  if (account === undefined) return `address ${address}`
  return account === remembered ? `account ${account} at ${address}` : `account ${account}`
}
