import type { Agent } from 'node:https'
import type { EmailClient, EmailMessage } from '@azure/communication-email'
import type { KeyCredential, TokenCredential } from '@azure/core-auth'
import type { Clock } from '../core/clock.ts'
import type { AccessKeys } from './access-keys.ts'
import type { Exchange, SendExchange } from './acs-exchange.ts'
import type { OperationResult } from './acs-outcome.ts'
import { emailSdk, pipelineSdk } from './azure-sdk.ts'
import { SplicePolicy } from './splice-policy.ts'

export interface AcsClientParts {
  readonly endpoint: string
  readonly credential: KeyCredential | TokenCredential
  readonly keys: AccessKeys | undefined
  readonly agent: Agent
  readonly clock: Clock
}

/**
 * Microsoft's EmailClient with everything switched off that would act on its own: retries, redirects, polling. What
 * happened is read from the exchange, not from the SDK's errors, which hold the whole request.
 */
export class AcsClient {
  readonly #client: EmailClient
  readonly #policy: SplicePolicy

  private constructor(client: EmailClient, policy: SplicePolicy) {
    this.#client = client
    this.#policy = policy
  }

  static async open(parts: AcsClientParts): Promise<AcsClient> {
    const [{ EmailClient }, { createHttpHeaders }] = await Promise.all([emailSdk(), pipelineSdk()])
    const policy = new SplicePolicy({ clock: parts.clock, keys: parts.keys, makeHeaders: createHttpHeaders })
    const client = new EmailClient(parts.endpoint, parts.credential, {
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      additionalPolicies: [{ policy, position: 'perRetry' }],
      agent: parts.agent,
    })
    return new AcsClient(client, policy)
  }

  /** Sends once. What came of it stands in the exchange; undefined, or what was thrown. */
  async send(exchange: SendExchange, message: EmailMessage, abortSignal: AbortSignal): Promise<unknown> {
    using _known = this.#policy.know(exchange)
    try {
      await this.#client.beginSend(message, { operationId: exchange.operationId, abortSignal })
      return undefined
    } catch (error) {
      return error
    }
  }

  /** Asks once for the exchange's operation: its state, or what was thrown. */
  async ask(
    exchange: Exchange,
    abortSignal: AbortSignal,
  ): Promise<OperationResult | { readonly thrown: unknown }> {
    using _known = this.#policy.know(exchange)
    try {
      // Private in the types, public on the wire (GET /emails/operations/{id}): the SDK's own way is a poller, which
      // follows a stored absolute URL to any host and loses the structured error.
      return await this.#client['generatedClient'].email.getSendResult(exchange.operationId, { abortSignal })
    } catch (error) {
      return { thrown: error }
    }
  }
}
