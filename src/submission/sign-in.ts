import { comparable } from '../core/address.ts'
import type { GuessLimits } from '../core/guess-limits.ts'
import { replies } from '../core/reply.ts'
import type { SignInTrouble } from '../core/session-event.ts'
import { type Client, type Credentials, isAtHome, judgeSignIn, type SignIn } from './admission.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { SubmissionParts } from './parts.ts'
import { rulesOf } from './rules.ts'
import { explainGuess } from './sign-in-slips.ts'

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
  const remembered = memories.deviceAt(client.address)
  const key = guessKey(account, client.address, remembered)
  if (!guesses.mayTry(key)) return tooMany
  const verdict = judgeSignIn(rules, submission.secrets, client, credentials)
  if (verdict.kind === 'refused') {
    if (!verdict.isGuess) return verdict
    // The reason is looked for while the answer waits: how long that takes can't be measured from outside.
    const wait = submission.clock.sleep(guesses.fail(key), signal)
    const place = { address: client.address, hardware: client.hardware, remembered }
    const trouble = explainGuess(rules, submission.secrets, place, credentials, verdict.trouble)
    await wait
    return { ...verdict, trouble }
  }
  guesses.succeed(key)
  memories.learn(client.address, { device: verdict.device.name })
  return verdict
}

const tooManyGuesses: SignInTrouble = { kind: 'too-many-guesses' }

const tooMany: SignIn = {
  kind: 'refused',
  reply: replies.tooManyGuesses,
  why: 'too many guesses',
  trouble: tooManyGuesses,
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
