import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { destinationsOf } from '../core/destinations.ts'
import type { Log } from '../core/log.ts'
import type { FirewallPorts, Machine } from '../core/machine.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import { minute, second } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'

const alertKey = 'firewall-not-set'
const againMs = 5 * minute
/** A start of the machine service takes a third of a second, on a slow box some. */
const longestMs = 5 * second
/** Of the page that leads to the console on 443. */
const explanationPort = 80

export interface FirewallCareParts {
  readonly machine: Machine
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  readonly setup: () => Setup
  readonly retired: () => readonly UpstreamSetup[]
  /** Of the listeners that accept at present. */
  readonly open: () => readonly number[]
}

/**
 * Tells a closed machine which ports it opens (decision 34). Asked before listeners follow a change, so that nobody comes to
 * a closed door, and again behind it, so that what is gone is closed.
 */
export class FirewallCare {
  readonly #parts: FirewallCareParts
  /** What the machine was told last, and took. */
  #told: string | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: FirewallCareParts) {
    this.#parts = parts
  }

  /** One after the other: what the settings say last holds. */
  follow(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#follow())
    return this.#turn
  }

  async #follow(): Promise<void> {
    const { machine, alerts, log } = this.#parts
    const ports = this.#ports()
    const words = JSON.stringify(ports)
    if (words === this.#told) return
    const answer = await machine.call('firewall-set', ports)
    switch (answer.kind) {
      case 'refused':
        log.write('error', 'firewall-not-set', { detail: answer.reason })
        alerts.raise(notSet(answer.reason))
        return
      // An administrator's own machine, with a firewall of its own or none.
      case 'absent':
      case 'done':
        this.#told = words
        alerts.clear(alertKey)
    }
  }

  /** The same, and no longer than a machine service takes that answers at all: mail and settings do not wait for one that hangs. */
  async followInTime(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const giveUp = this.#parts.clock.limit(longestMs, resolve)
    await Promise.race([this.follow(), promise])
    giveUp()
  }

  /** Asks again where it was refused. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(againMs, signal)
      // A stop does not wait for a machine service that is at work.
      if (signal.aborted) return
      await untilAborted(this.follow(), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  #ports(): FirewallPorts {
    const { setup, retired, open } = this.#parts
    const { listeners, console: page } = setup()
    const dialled = destinationsOf(setup(), retired()).filter(({ isBehindProxy }) => !isBehindProxy)
    const of = (protocol: 'tcp' | 'udp') =>
      sorted(dialled.filter((one) => one.protocol === protocol).map(({ port }) => port))
    return {
      entrances: sorted([
        ...listeners.map(({ port }) => port),
        ...open(),
        page.port,
        ...(page.tls !== 'off' && page.port === 443 ? [explanationPort] : []),
      ]),
      tcp: of('tcp'),
      udp: of('udp'),
    }
  }
}

/** Port 0 is one that is chosen when it opens. */
const sorted = (ports: readonly number[]): readonly number[] =>
  [...new Set(ports)].filter((port) => port !== 0).toSorted((a, b) => a - b)

const notSet = (reason: string) =>
  ({
    key: alertKey,
    severity: 'alarm',
    sentence: `The firewall of this box was not told which ports are used now: ${reason}. New listeners are not reached, and new ways out are not dialled.`,
    remedy: 'It is tried again every 5 minutes. If it lasts, restart the box.',
  }) as const
