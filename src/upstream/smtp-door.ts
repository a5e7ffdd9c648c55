import type { UpstreamSetup } from '../core/setup.ts'
import type { Paused } from './pause-reasons.ts'
import { type PlannedSignIn, type SmtpAccess, smtpAccess } from './smtp-access.ts'
import type { SmtpKind } from './smtp-kinds.ts'
import { SessionNotOpened, SmtpSession } from './smtp-session.ts'
import { isCredentialRefused } from './smtp-sign-in.ts'
import type { TokenAnswer } from './token-source.ts'
import type { UpstreamParts } from './upstream-parts.ts'

type Trouble = Extract<TokenAnswer, { kind: 'refused' }>['trouble']
type ByToken = Extract<PlannedSignIn, { kind: 'token' }>
type Open = Extract<SmtpAccess, { kind: 'access' }>

/** There is nothing to connect to, or to sign in with, as things stand. */
export class DoorShut extends Error {
  readonly outcome: Trouble

  constructor(outcome: Trouble) {
    super(outcome.kind === 'paused' ? outcome.pause.reason : outcome.detail)
    this.outcome = outcome
  }
}

/** Opens signed-in connections of one way out. */
export class SmtpDoor {
  readonly #setup: UpstreamSetup
  readonly #kind: SmtpKind
  readonly #parts: UpstreamParts

  constructor(setup: UpstreamSetup, kind: SmtpKind, parts: UpstreamParts) {
    this.#setup = setup
    this.#kind = kind
    this.#parts = parts
  }

  /** What can be told without a socket. */
  trouble(): Paused | undefined {
    const access = this.#access()
    return access.kind === 'paused' ? access : undefined
  }

  /**
   * A new connection. `isFresh`: with a token from Entra even if a good one is at hand. Rejects with DoorShut or
   * SessionNotOpened, the runtime's error where nobody answers, or the signal's reason.
   */
  async open(signal: AbortSignal, isFresh = false): Promise<SmtpSession> {
    const access = this.#access()
    if (access.kind === 'paused') throw new DoorShut(access)
    const { signIn, server } = access
    switch (signIn.kind) {
      case 'none':
        return SmtpSession.open({ ...server, signIn: undefined }, signal)
      case 'password':
        return SmtpSession.open({ ...server, signIn }, signal)
      case 'token':
        return this.#openByToken(access, signIn, isFresh, signal)
    }
  }

  #access(): SmtpAccess {
    return smtpAccess(this.#setup, this.#kind, this.#parts)
  }

  /** A kept token that is refused may be revoked or out of date: one fresh one is tried, on a connection of its own. */
  async #openByToken(
    access: Open,
    signIn: ByToken,
    isFresh: boolean,
    signal: AbortSignal,
  ): Promise<SmtpSession> {
    const { tokens } = this.#parts
    const answer = await tokens.token({ ...signIn.wish, isFresh }, signal)
    if (answer.kind === 'refused') throw new DoorShut(answer.trouble)
    const { username } = signIn
    try {
      const credential = { kind: 'token', username, token: answer.token } as const
      return await SmtpSession.open({ ...access.server, signIn: credential }, signal)
    } catch (error) {
      if (!(error instanceof SessionNotOpened && isCredentialRefused(error.cause))) throw error
      tokens.forget(signIn.wish)
      if (answer.isKept !== true) throw error
      return this.#openByToken(access, signIn, true, signal)
    }
  }
}
