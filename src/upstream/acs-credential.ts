import type { KeyCredential, TokenCredential } from '@azure/core-auth'
import type { EntraApplication } from './entra-application.ts'
import type { SignInTrouble } from './entra-outcome.ts'
import type { TokenSource } from './token-source.ts'

/** The scope of ACS (https://learn.microsoft.com/azure/communication-services/concepts/authentication). */
export const acsScope = 'https://communication.azure.com/.default'

/** Thrown through the SDK where it asks for a token and there is none, or no way to fetch one. */
export class SignInRefused extends Error {
  readonly trouble: SignInTrouble

  constructor(trouble: SignInTrouble) {
    super('Entra gave no token')
    this.trouble = trouble
  }
}

/**
 * Our token source as the SDK wants it. Every token is called expired, so that the SDK's own cache never keeps one: it
 * would go on with a token that a service refused, and renew it behind our back.
 */
export function tokenCredential(
  application: EntraApplication,
  tokens: TokenSource,
  scope: string,
): TokenCredential {
  return {
    getToken: async (_scopes, options) => {
      const claims = options?.claims === undefined ? {} : { claims: options.claims }
      // The library shares one call among requests: the signal of the first must not end the others.
      const answer = await tokens.token({ application, scope, ...claims }, new AbortController().signal)
      if (answer.kind === 'refused') throw new SignInRefused(answer.trouble)
      return { token: answer.token, expiresOnTimestamp: 0 }
    },
  }
}

/** The SDK signs its own small body with this; the splice policy signs what really leaves. */
export const keyPlaceholder: KeyCredential = {
  key: Buffer.from('signed by the splice policy').toString('base64'),
}
