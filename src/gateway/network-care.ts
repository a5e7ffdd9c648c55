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
import { newAddresses } from './network-proof.ts'
import { wishOf } from './network-wish.ts'

const notInForceKey = 'network-not-in-force'
/** The digest of a `[network]` that nobody has kept: no start of the gateway makes it so. */
const unkeptFact = 'network-rolled-back'
/** The answer that names the new address has to arrive at the old one. */
const answerMs = 1 * second
const lookMs = 2 * second
/** At a start of the machine its network may come up behind the gateway. */
const startTries = 5
const startAgainMs = 15 * second

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
 * where this gateway is dead by then. At a start nobody could keep anything: what the setup says is made so at once, unless
 * it was on trial and nobody kept it.
 */
export class NetworkCare {
  readonly #parts: NetworkCareParts
  #trial: Trial | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: NetworkCareParts) {
    this.#parts = parts
  }

  get trial(): { readonly wish: NetworkWish | null; readonly leftMs: number } | undefined {
    if (!this.#trial) return undefined
    const leftMs = Math.max(0, this.#trial.endsAt - this.#parts.clock.monotonic())
    return { wish: this.#trial.wish, leftMs }
  }

  /** What the setup says, at a start. */
  async start(): Promise<void> {
    const { clock, signal } = this.#parts
    for (let tries = 1; tries < startTries && (await this.view()).kind === 'refused'; tries += 1) {
      await clock.sleep(startAgainMs, signal)
      if (signal.aborted) return
    }
    await this.#following(true)
  }

  /** What the setup says after a change, on trial. */
  async follow(): Promise<void> {
    await this.#following(false)
  }

  view(): Promise<MachineAnswer<NetworkView>> {
    return this.#parts.machine.call('network-show', {})
  }

  /** `network`: a table that the schema took. */
  try(network: NetworkDocument | undefined, who: string): Promise<Done> {
    return this.#inTurn(() => this.#try(network, who))
  }

  keep(via: string, who: string): Promise<Done> {
    return this.#inTurn(() => this.#keep(via, who))
  }

  undo(who: string): Promise<Done> {
    return this.#inTurn(() => this.#undo(who))
  }

  /** One after the other: each looks at the machine first, and goes by what it saw. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine
    return mine
  }

  #following(isStart: boolean): Promise<Done> {
    return this.#inTurn(() => this.#follow(isStart)).catch((error: unknown) => {
      if (!this.#parts.signal.aborted)
        this.#parts.log.write('error', 'network-not-followed', { detail: String(error) })
      return refused(String(error))
    })
  }

  async #follow(isStart: boolean, who = 'start'): Promise<Done> {
    const { settings, dataDir } = this.#parts
    const { network } = settings.document
    const shown = await this.view()
    if (shown.kind !== 'done')
      return network === undefined ? this.#isInForce() : this.#notInForce(reasonOf(shown))
    const making = wishOf(network, settings, dataDir)
    if (making.kind === 'refused') return this.#notInForce(making.reason)
    const digest = wishDigest(making.wish)
    if (digest === shown.answer.kept) return this.#isInForce()
    if (this.#trial !== undefined) return done
    if (settings.kept(unkeptFact) === digest) return this.#notInForce('nobody kept it when it was on trial')
    if (isStart) return this.#set(making.wish, who, making.ignored)
    if (making.ignored.length > 0) settings.record('the setup', making.ignored)
    this.#begin(network, making.wish, 'the setup', true, shown.answer)
    return done
  }

  async #set(wish: NetworkWish | null, who: string, ignored: readonly string[]): Promise<Done> {
    const { settings, machine, onAddresses } = this.#parts
    const set = await machine.call('network-set', { wish })
    if (set.kind !== 'done') return this.#notInForce(reasonOf(set))
    settings.record(who, ['network: made as the setup says', ...ignored])
    onAddresses()
    return this.#isInForce()
  }

  async #try(network: NetworkDocument | undefined, who: string): Promise<Done> {
    const { settings, dataDir } = this.#parts
    const making = wishOf(network, settings, dataDir)
    if (making.kind === 'refused') return { ...making, isWrongInput: true }
    const shown = await this.view()
    if (shown.kind !== 'done') return refused(reasonOf(shown))
    if (this.#trial) return refused('a network is on trial already: keep it or undo it first')
    if (wishDigest(making.wish) === shown.answer.kept) return refused('this is the network already')
    settings.record(who, ['network: another one on trial', ...making.ignored])
    this.#begin(network, making.wish, who, false, shown.answer)
    return done
  }

  /**
   * The setup first: whatever dies then, the next start makes the network so that somebody has proven. Were the machine
   * first, a start would go back behind the person who kept it.
   */
  async #keep(via: string, who: string): Promise<Done> {
    const trial = this.#trial
    if (!trial) return refused('no network is on trial')
    const shown = await this.view()
    if (shown.kind !== 'done') return refused(reasonOf(shown))
    if (shown.answer.trial?.id !== trial.id) return refused('the trial has not begun yet, or is over')
    const ways = newAddresses(shown.answer, trial)
    if (via !== '' && !ways.includes(canonicalAddress(via)))
      return refused(`say so through the new address of the box: ${ways.join(', ') || 'it has none yet'}`)
    const written = this.#write(trial, who)
    if (written.kind === 'refused') return written
    const kept = await this.#parts.machine.call('network-keep', { id: trial.id })
    this.#trial = undefined
    // No answer, or a trial that ended in this very second.
    return kept.kind === 'done' ? this.#isInForce() : this.#follow(true, who)
  }

  async #undo(who: string): Promise<Done> {
    const trial = this.#trial
    if (!trial) return refused('no network is on trial')
    const undone = await this.#parts.machine.call('network-undo', {})
    if (undone.kind !== 'done') return refused(reasonOf(undone))
    this.#parts.settings.record(who, ['network: the one on trial undone'])
    this.#forget(trial)
    return done
  }

  /** Told in words by the rules while it was tried: only a change of the setup in between can refuse it now. */
  #write({ network, isOfDocument }: Trial, who: string): Done {
    const { settings } = this.#parts
    const written = edit(settings, { who }, { network })
    if (written.kind === 'problems') return refused(written.problems.map(problemText).join('\n'))
    if (isOfDocument) settings.record(who, ['network: kept'])
    settings.remember(unkeptFact, '')
    return done
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
    // Also for a gateway that starts while it is on trial.
    if (isOfDocument) this.#parts.settings.remember(unkeptFact, wishDigest(wish))
    this.#trial = trial
    void this.#run(trial).catch((error: unknown) =>
      this.#parts.log.write('error', 'network-trial-failed', { detail: String(error) }),
    )
  }

  async #run(trial: Trial): Promise<void> {
    const { clock, machine, signal } = this.#parts
    await clock.sleep(answerMs, signal)
    if (signal.aborted || this.#trial !== trial) return
    const begun = await machine.call('network-try', { id: trial.id, wish: trial.wish })
    if (begun.kind === 'done') {
      trial.endsAt = clock.monotonic() + begun.answer.leftMs
      await this.#watch(trial)
    }
    if (signal.aborted) return
    const reason = begun.kind === 'done' ? 'nobody kept it within 120 s' : reasonOf(begun)
    await this.#inTurn(() => this.#end(trial, reason))
    await this.follow()
  }

  /** Until it is over; other addresses want other certificates. */
  async #watch(trial: Trial): Promise<void> {
    const { clock, signal, onAddresses } = this.#parts
    let known = ''
    while (this.#trial === trial && !signal.aborted && clock.monotonic() < trial.endsAt + lookMs) {
      const now = ownAddresses().join()
      if (now !== known) onAddresses()
      known = now
      // The addresses may be those of before already: the machine is asked whether it went back.
      const shown = await this.view()
      if (shown.kind === 'done' && shown.answer.trial?.id !== trial.id) return
      await clock.sleep(lookMs, signal)
    }
  }

  /** Where it was neither kept nor undone by a person. */
  async #end(trial: Trial, reason: string): Promise<void> {
    if (this.#trial !== trial) return
    // A trial that was begun though no answer came, or whose timer came to nothing. Of one that is over nothing is undone.
    const undone = await this.#parts.machine.call('network-undo', {})
    this.#forget(trial)
    this.#parts.settings.record('box', [`network: back to the one of before: ${reason}`])
    const how =
      undone.kind === 'done' ? 'is the one of before again' : 'goes back to the one of before by itself'
    this.#parts.alerts.raise({
      key: alertKeys.networkUndone,
      severity: 'warning',
      sentence: `The network of this box was to be changed by ${trial.who} and ${how}: ${reason}.`,
      remedy: 'Look whether the new settings are right, try them again, and keep them at the new address.',
    })
  }

  #forget(trial: Trial): void {
    if (this.#trial === trial) this.#trial = undefined
    this.#parts.onAddresses()
    if (trial.isOfDocument) this.#notInForce('nobody kept it when it was on trial')
  }

  #isInForce(): Done {
    const { settings, alerts } = this.#parts
    alerts.clear(notInForceKey)
    if ((settings.kept(unkeptFact) ?? '') !== '') settings.remember(unkeptFact, '')
    return done
  }

  #notInForce(reason: string): Refused {
    this.#parts.alerts.raise({
      key: notInForceKey,
      severity: 'warning',
      sentence: `The box does not have the network that its settings say: ${reason}.`,
      remedy: 'Try it again under More, Network, and keep it; or take [network] out of the setup document.',
    })
    return refused(reason)
  }
}

const done = { kind: 'done' } as const
const refused = (reason: string): Refused => ({ kind: 'refused', reason })

function reasonOf(answer: Exclude<MachineAnswer<unknown>, { kind: 'done' }>): string {
  return answer.kind === 'refused'
    ? answer.reason
    : 'this machine has no service that sets its network: whoever set it up does that'
}
