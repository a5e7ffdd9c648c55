import type { Agent } from 'node:https'
import type { QueueClient } from '@azure/storage-queue'
import type { Clock } from '../core/clock.ts'
import type { QueuedEvent, QueueTrouble, ReportQueue } from '../core/delivery-report.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { second, wallMs } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import { SignInRefused, tokenCredential } from './acs-credential.ts'
import { queueSdk } from './azure-sdk.ts'
import { deadline } from './deadline.ts'
import { type EntraApplication, entraApplicationOf } from './entra-application.ts'
import { paused } from './pause-reasons.ts'
import { readEvents } from './report-event.ts'
import { isGone, queueAnswerOf, queueTrouble } from './report-trouble.ts'
import type { TokenSource } from './token-source.ts'
import { httpsAgent, loadTrust } from './trust.ts'

/** One scope for every storage account (learn.microsoft.com, "Authorize access to queues using Microsoft Entra ID"). */
const storageScope = 'https://storage.azure.com/.default'
/** The service's own limit. */
const mostEntries = 32
/** Time to write down what 32 reports change, on a slow card too; then the queue hands them out again. */
const hiddenSeconds = 120
const timeLimitMs = 30 * second

export interface ReportQueueParts {
  readonly clock: Clock
  readonly tokens: TokenSource
  readonly gateway: { readonly proxy: string }
}

/** The queue of a way out's delivery reports; undefined where it has none, or no credential that opens it. */
export function createReportQueue(setup: UpstreamSetup, parts: ReportQueueParts): ReportQueue | undefined {
  const application = entraApplicationOf(setup)
  if (setup.reportsQueue === '' || !application) return undefined
  return new StorageReportQueue(setup, application, parts)
}

/** An Azure storage queue through Microsoft's SDK, loaded with the first question. The way out's own credential opens it. */
class StorageReportQueue implements ReportQueue {
  readonly #setup: UpstreamSetup
  readonly #application: EntraApplication
  readonly #parts: ReportQueueParts
  #agent: Agent | undefined
  #client: QueueClient | undefined

  constructor(setup: UpstreamSetup, application: EntraApplication, parts: ReportQueueParts) {
    this.#setup = setup
    this.#application = application
    this.#parts = parts
  }

  collect(signal: AbortSignal): ReturnType<ReportQueue['collect']> {
    return this.#ask(signal, async (client, abortSignal) => {
      const { receivedMessageItems } = await client.receiveMessages({
        numberOfMessages: mostEntries,
        visibilityTimeout: hiddenSeconds,
        abortSignal,
      })
      const events = receivedMessageItems.map(
        (item): QueuedEvent => ({
          receipt: { id: item.messageId, pop: item.popReceipt },
          contents: readEvents(item.messageText),
          insertedAt: wallMs(item.insertedOn.getTime()),
          dequeues: item.dequeueCount,
        }),
      )
      return { kind: 'events', events } as const
    })
  }

  remove({ receipt }: QueuedEvent, signal: AbortSignal): ReturnType<ReportQueue['remove']> {
    const removed = { kind: 'removed' } as const
    return this.#ask(signal, async (client, abortSignal) => {
      try {
        await client.deleteMessage(receipt.id, receipt.pop, { abortSignal })
      } catch (error) {
        const answer = queueAnswerOf(error)
        if (!answer || !isGone(answer)) throw error
      }
      return removed
    })
  }

  async #ask<T>(
    signal: AbortSignal,
    question: (client: QueueClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T | QueueTrouble> {
    using limit = deadline(this.#parts.clock, timeLimitMs, signal)
    try {
      const asking = this.#open().then((client) => question(client, limit.signal))
      // The SDK looks at a signal only when it has a token, and a stop can't wait for that.
      return await untilAborted(asking, limit.signal)
    } catch (error) {
      const refused = [401, 403].includes(queueAnswerOf(error)?.status ?? 0)
      // A role that was just given counts with the next token only.
      if (refused) this.#parts.tokens.forget({ application: this.#application, scope: storageScope })
      return queueTrouble(error, limit.signal)
    }
  }

  async #open(): Promise<QueueClient> {
    if (this.#client) return this.#client
    const trust = loadTrust(this.#setup.caFile)
    if (trust.kind === 'unreadable')
      throw new SignInRefused(paused('upstream', 'ca-file-unreadable', trust.detail))
    this.#agent = httpsAgent(trust.context, this.#parts.gateway.proxy)
    const { QueueClient } = await queueSdk()
    // Nothing that acts on its own: who asks again, and when, is the collector's to say.
    const options = { retryOptions: { maxTries: 1 }, redirectOptions: { maxRetries: 0 }, agent: this.#agent }
    const credential = tokenCredential(this.#application, this.#parts.tokens, storageScope)
    this.#client = new QueueClient(this.#setup.reportsQueue, credential, options)
    return this.#client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent?.destroy()
  }
}
