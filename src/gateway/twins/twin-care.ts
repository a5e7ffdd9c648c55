import type { Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Done } from '../../core/operations.ts'
import type { PauseReason } from '../../core/outcome.ts'
import type { Setup } from '../../core/setup.ts'
import type { Spool } from '../../core/spool.ts'
import { type MonotonicMs, second } from '../../core/time.ts'
import {
  type Air,
  equalTwin,
  type IdentityView,
  lookingForTwins,
  newerTwin,
  type TwinRank,
} from '../../core/twin.ts'
import type { Delivery } from '../../delivery/delivery.ts'
import { isLoopback } from '../../platform/network.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'
import { boxRank, riseAbove, type StoodDown, saveStoodDown, stoodDown } from '../../settings/box-rank.ts'
import type { Settings } from '../../settings/settings.ts'
import { firstLookMs, goneMs, TwinWatch } from './twin-watch.ts'

export interface TwinCareParts {
  readonly records: BackupRecords
  readonly settings: Pick<Settings, 'record'>
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly delivery: Pick<Delivery, 'standDown'>
  readonly openAir: () => Promise<Air>
  readonly signal: AbortSignal
}

const newerKey = 'newer-box'
const olderKey = 'older-box'
const keyLabel = 'twins'
const lookForAddressMs = 1 * second

/** A box whose every listener is on loopback is nobody's box in the LAN. */
export const isInLan = ({ listeners }: Setup): boolean =>
  listeners.some(({ address }) => !isLoopback(address))

/** What keeps this box from sending when it starts. */
export function standsDownAtStart(
  records: BackupRecords,
  setup: Setup,
  hasAir: boolean,
): PauseReason | undefined {
  const down = stoodDown(records)
  if (down) return reasonOf(down)
  return hasAir || isInLan(setup) ? lookingForTwins : undefined
}

const reasonOf = ({ order }: Pick<StoodDown, 'order'>): PauseReason =>
  order === 'same' ? equalTwin : newerTwin

export function identityView(records: BackupRecords, clock: Clock): IdentityView {
  const { generation, since } = boxRank(records, clock.wall())
  const down = stoodDown(records)
  return {
    generation,
    since,
    stoodDown: down && { since: down.since, reason: reasonOf(down).reason },
    isLocked: records.deriveKey(keyLabel) === undefined,
  }
}

export interface IdentityStores extends Pick<TwinCareParts, 'records' | 'settings' | 'clock'> {
  readonly spool: Pick<Spool, 'holdOlder'>
}

/**
 * This box is the one to stay, a person says: it sends, and a newer one that hears of it stops. What lay here before it
 * stopped is held: the newer one may have had it from this box's card or backup, and sent it.
 */
export async function keepIdentity(
  { records, settings, clock, spool }: IdentityStores,
  who: string,
): Promise<Done> {
  const down = stoodDown(records)
  if (!down) return { kind: 'refused', reason: 'no newer box with this identity was heard: this box sends' }
  await spool.holdOlder(down.since, clock.wall())
  const { generation } = riseAbove(records, clock.wall())
  settings.record(who, [`identity: this box is the one to stay (generation ${generation})`])
  return { kind: 'done' }
}

/** Two boxes with one identity in a LAN: the older one goes on taking mail and sends none (decision 33). */
export class TwinCare {
  readonly #parts: TwinCareParts
  #rank: TwinRank
  #down: StoodDown | undefined
  #isDownKept = true
  #olderHeardAt: MonotonicMs | undefined
  #watching: Promise<void> | undefined

  constructor(parts: TwinCareParts) {
    this.#parts = parts
    this.#rank = boxRank(parts.records, parts.clock.wall())
    this.#down = stoodDown(parts.records)
    if (this.#down) this.#raise(this.#down)
    else parts.alerts.clear(newerKey)
    // Of the process before. Whether that one is still there is heard in seconds, where anything can be heard.
    parts.alerts.clear(olderKey)
  }

  /** Begins to look for others where the setup makes this a box of the LAN, once. */
  follow(setup: Setup): void {
    if (isInLan(setup)) this.begin()
  }

  begin(): void {
    this.#watching ??= this.#watch().catch((error: unknown) => {
      this.#parts.log.write('error', 'twins-not-watched', { detail: String(error) })
      this.#lift()
    })
  }

  async settled(): Promise<void> {
    await this.#watching
  }

  /** After `keepIdentity`. */
  keep(): void {
    const { records, clock, alerts, delivery } = this.#parts
    this.#rank = boxRank(records, clock.wall())
    this.#down = undefined
    alerts.clear(newerKey)
    delivery.standDown(undefined)
  }

  async #watch(): Promise<void> {
    const { records, openAir, clock, signal } = this.#parts
    const key = records.deriveKey(keyLabel)
    // Locked: nothing is sent anyway, and nobody could be recognised.
    if (!key) return this.#lift()
    await using air = await openAir()
    const watch = new TwinWatch({
      key,
      rank: () => this.#rank,
      air,
      clock,
      onTwin: (rank, order) => (order === 'older' ? this.#heardOlder() : this.#standDown(rank, order)),
    })
    // A cable, a switch and DHCP take their time: who asks before is heard by nobody, and would then be the first to send.
    while (!signal.aborted && !air.isUp()) await clock.sleep(lookForAddressMs, signal)
    const asking = watch.run(signal)
    await clock.sleep(firstLookMs, signal)
    this.#lift()
    while (!signal.aborted) {
      await clock.sleep(goneMs, signal)
      this.#forgetGone()
    }
    await asking
  }

  /** Nobody newer was heard. */
  #lift(): void {
    if (!this.#down) this.#parts.delivery.standDown(undefined)
  }

  #standDown({ generation }: TwinRank, order: StoodDown['order']): void {
    const { clock, log, delivery } = this.#parts
    const before = this.#down
    if (before && before.generation >= generation && before.order === order) {
      if (!this.#isDownKept) this.#keepDown(before)
      return
    }
    const down = { since: before?.since ?? clock.wall(), order, generation }
    this.#down = down
    delivery.standDown(reasonOf(down))
    log.write('warn', 'stood-down', { reason: reasonOf(down).reason })
    this.#raise(down)
    this.#keepDown(down)
  }

  /** Old boxes come back with the card that they died of: what can't be written is tried again when the other is heard next. */
  #keepDown(down: StoodDown): void {
    const wasKept = this.#isDownKept
    try {
      saveStoodDown(this.#parts.records, down)
      this.#isDownKept = true
    } catch (error) {
      this.#isDownKept = false
      if (wasKept) this.#parts.log.write('warn', 'stood-down-not-kept', { detail: String(error) })
    }
  }

  #raise(down: StoodDown): void {
    const { reason, remedy } = reasonOf(down)
    this.#parts.alerts.raise({
      key: newerKey,
      severity: 'alarm',
      sentence: `Nothing is sent: ${reason}. Mail is taken and kept.`,
      remedy,
    })
  }

  #heardOlder(): void {
    this.#olderHeardAt = this.#parts.clock.monotonic()
    this.#parts.alerts.raise({
      key: olderKey,
      severity: 'warning',
      sentence:
        'An older box with this identity is in the LAN. It sends nothing; devices that reach it hand their mail to it.',
      remedy: 'Switch the older one off.',
    })
  }

  #forgetGone(): void {
    const { clock, alerts } = this.#parts
    if (this.#olderHeardAt !== undefined && clock.monotonic() - this.#olderHeardAt < goneMs) return
    alerts.clear(olderKey)
  }
}
