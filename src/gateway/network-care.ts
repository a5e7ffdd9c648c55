import { randomBytes } from 'node:crypto'
import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine, MachineAnswer } from '../core/machine.ts'
import type { NetworkView, NetworkWish } from '../core/machine-network.ts'
import type { Done, Refused } from '../core/operations.ts'
import { second } from '../core/time.ts'
import { alertKeys } from '../delivery/passing-alerts.ts'
import { canonicalAddress, ownAddresses } from '../platform/network.ts'
import { wishDigest } from '../platform/wish-digest.ts'
import { edit } from '../settings/edits.ts'
import { problemText } from '../settings/problem.ts'
import type { NetworkDocument } from '../settings/schema.ts'
import type { Settings } from '../settings/settings.ts'
import { wishOf } from './network-wish.ts'

const notInForceKey = 'network-not-in-force'
/** The digest of a `[network]` that nobody kept: no start of the gateway makes it so again. */
const rolledBackFact = 'network-rolled-back'
/** The answer that names the new address has to arrive at the old one. */
const answerMs = 1 * second
const lookMs = 2 * second

export interface NetworkCareParts {
  readonly settings: Settings
  readonly dataDir: string
  readonly machine: Machine
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly signal: AbortSignal
  /** The box has other addresses than before. */
  readonly onAddresses: () => void
}

interface Trial {
  readonly id: string
  readonly network: NetworkDocument | undefined
  readonly wish: NetworkWish | null
  readonly who: string
  /** The setup says so already; else it will when it is kept. */
  readonly isOfDocument: boolean
  /** What the box could be reached by before. */
  readonly before: ReadonlySet<string>
  /** Monotonic. */
  endsAt: number
}

/**
 * `[network]` made so, with a way back: what nobody keeps through a new address within 120 s is undone by the machine, also
 * where this gateway is dead by then. At a start nobody could keep anything: what the setup says is made so at once.
 */
export class NetworkCare {
  readonly #parts: NetworkCareParts
  #trial: Trial | undefined
  #following: Promise<void> = Promise.resolve()

  constructor(parts: NetworkCareParts) {
    this.#parts = parts
  }

  get trial(): { readonly wish: NetworkWish | null; readonly leftMs: number } | undefined {
    if (!this.#trial) return undefined
    const leftMs = Math.max(0, this.#trial.endsAt - this.#parts.clock.monotonic())
    return { wish: this.#trial.wish, leftMs }
  }

  /** What the setup says, at a start or after a change; one after the other. */
  follow(isStart: boolean): Promise<void> {
    this.#following = this.#following
      .then(() => this.#follow(isStart))
      .catch((error: unknown) =>
        this.#parts.log.write('error', 'network-not-followed', { detail: String(error) }),
      )
    return this.#following
  }

  view(): Promise<MachineAnswer<NetworkView>> {
    return this.#parts.machine.call('network-show', {})
  }

  async #follow(isStart: boolean): Promise<void> {
    const { settings, machine, alerts, dataDir } = this.#parts
    const { network } = settings.document
    const shown = await this.view()
    if (shown.kind !== 'done') {
      if (network === undefined) alerts.clear(notInForceKey)
      else this.#tellNotInForce(reasonOf(shown))
      return
    }
    const making = wishOf(network, settings, dataDir)
    if (making.kind === 'refused') return this.#tellNotInForce(making.reason)
    const digest = wishDigest(making.wish)
    if (digest === shown.answer.kept) return this.#isInForce()
    if (this.#trial !== undefined || settings.kept(rolledBackFact) === digest) return
    if (!isStart) {
      this.#begin(network, making.wish, 'the setup', true, shown.answer)
      return
    }
    const set = await machine.call('network-set', { wish: making.wish })
    if (set.kind !== 'done') return this.#tellNotInForce(reasonOf(set))
    settings.record('start', ['network: made as the setup says'])
    this.#isInForce()
    this.#parts.onAddresses()
  }

  /** `network`: a table that the schema took. */
  async try(network: NetworkDocument | undefined, who: string): Promise<Done> {
    const { settings, dataDir } = this.#parts
    const making = wishOf(network, settings, dataDir)
    if (making.kind === 'refused') return { ...making, isWrongInput: true }
    const shown = await this.view()
    if (shown.kind !== 'done') return refused(reasonOf(shown))
    if (this.#trial) return refused('a network is on trial already: keep it or undo it first')
    if (wishDigest(making.wish) === shown.answer.kept) return refused('this is the network already')
    settings.record(who, ['network: another one on trial'])
    this.#begin(network, making.wish, who, false, shown.answer)
    return { kind: 'done' }
  }

  async keep(via: string, who: string): Promise<Done> {
    const trial = this.#trial
    if (!trial) return refused('no network is on trial')
    const shown = await this.view()
    if (shown.kind !== 'done') return refused(reasonOf(shown))
    if (shown.answer.trial?.id !== trial.id) return refused('the trial has not begun yet, or is over')
    const ways = newAddresses(shown.answer, trial.before)
    if (via !== '' && !ways.includes(canonicalAddress(via)))
      return refused(`say so through the new address of the box: ${ways.join(', ') || 'it has none yet'}`)
    const kept = await this.#parts.machine.call('network-keep', { id: trial.id })
    if (kept.kind !== 'done') return refused(reasonOf(kept))
    this.#trial = undefined
    return this.#write(trial, who)
  }

  async undo(who: string): Promise<Done> {
    const trial = this.#trial
    if (!trial) return refused('no network is on trial')
    const undone = await this.#parts.machine.call('network-undo', {})
    if (undone.kind !== 'done') return refused(reasonOf(undone))
    this.#parts.settings.record(who, ['network: the one on trial undone'])
    this.#forget(trial)
    return { kind: 'done' }
  }

  /** Told in words by the rules while it was tried: only a change of the setup in between can refuse it now. */
  #write({ network, isOfDocument }: Trial, who: string): Done {
    const { settings } = this.#parts
    if (isOfDocument) settings.record(who, ['network: kept'])
    else {
      const written = edit(settings, { who }, { network })
      if (written.kind === 'problems') return refused(written.problems.map(problemText).join('\n'))
    }
    this.#isInForce()
    return { kind: 'done' }
  }

  #begin(
    network: NetworkDocument | undefined,
    wish: NetworkWish | null,
    who: string,
    isOfDocument: boolean,
    { addresses }: NetworkView,
  ): void {
    const id = randomBytes(9).toString('base64url')
    const before = new Set(addresses.map(({ address }) => address))
    const endsAt = this.#parts.clock.monotonic() + answerMs + 120 * second
    const trial: Trial = { id, network, wish, who, isOfDocument, before, endsAt }
    this.#trial = trial
    void this.#run(trial).catch((error: unknown) =>
      this.#parts.log.write('error', 'network-trial-failed', { detail: String(error) }),
    )
  }

  async #run(trial: Trial): Promise<void> {
    const { clock, machine, signal } = this.#parts
    await clock.sleep(answerMs, signal)
    if (signal.aborted) return
    const begun = await machine.call('network-try', { id: trial.id, wish: trial.wish })
    if (begun.kind !== 'done') return this.#lost(trial, reasonOf(begun))
    trial.endsAt = clock.monotonic() + begun.answer.leftMs
    await this.#watch(trial)
    if (this.#trial === trial && !signal.aborted) this.#lost(trial, 'nobody kept it within 120 s')
  }

  /** Until it is over: other addresses want other certificates, and may tell that the machine went back. */
  async #watch(trial: Trial): Promise<void> {
    const { clock, signal, onAddresses } = this.#parts
    let known = ''
    while (this.#trial === trial && !signal.aborted && clock.monotonic() < trial.endsAt + lookMs) {
      const now = ownAddresses().join()
      if (now !== known) {
        onAddresses()
        const shown = await this.view()
        if (shown.kind === 'done' && shown.answer.trial?.id !== trial.id) return
      }
      known = now
      await clock.sleep(lookMs, signal)
    }
  }

  #lost(trial: Trial, reason: string): void {
    const { settings, alerts } = this.#parts
    settings.record('box', [`network: back to the one of before: ${reason}`])
    alerts.raise({
      key: alertKeys.networkUndone,
      severity: 'warning',
      sentence: `The network of this box was to be changed by ${trial.who} and is the one of before again: ${reason}.`,
      remedy: 'Look whether the new settings are right, try them again, and keep them at the new address.',
    })
    this.#forget(trial)
  }

  #forget(trial: Trial): void {
    if (this.#trial === trial) this.#trial = undefined
    this.#parts.onAddresses()
    if (!trial.isOfDocument) return
    this.#parts.settings.remember(rolledBackFact, wishDigest(trial.wish))
    this.#tellNotInForce('nobody kept it when it was on trial')
  }

  #isInForce(): void {
    const { settings, alerts } = this.#parts
    alerts.clear(notInForceKey)
    if ((settings.kept(rolledBackFact) ?? '') !== '') settings.remember(rolledBackFact, '')
  }

  #tellNotInForce(reason: string): void {
    this.#parts.alerts.raise({
      key: notInForceKey,
      severity: 'warning',
      sentence: `The box does not have the network that its settings say: ${reason}.`,
      remedy: 'Try it again under More, Network, and keep it; or take [network] out of the setup document.',
    })
  }
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })

function reasonOf(answer: Exclude<MachineAnswer<unknown>, { kind: 'done' }>): string {
  return answer.kind === 'refused'
    ? answer.reason
    : 'this machine has no service that sets its network: whoever set it up does that'
}

/** What proves that a person reaches the box as it is now; where all addresses stayed, each of them does. */
export function newAddresses(
  { addresses }: Pick<NetworkView, 'addresses'>,
  before: ReadonlySet<string>,
): readonly string[] {
  const all = addresses
    .filter(({ origin }) => origin !== 'link-local' && origin !== 'held')
    .map(({ address }) => address)
  const fresh = all.filter((address) => !before.has(address))
  return fresh.length > 0 ? fresh : all
}
