import { withoutAddress } from '../core/address.ts'
import {
  type AlertChannel,
  type Alerts,
  alertChannels,
  type ChannelAnswer,
  type RaisedAlert,
  type Telling,
} from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { OwnMessage } from '../core/spool.ts'
import type { Ration, TellingSpool } from '../core/telling-spool.ts'
import { hour, type WallMs } from '../core/time.ts'
import { channelsFor, type Notice, noticeLine, noticeOf } from './notice.ts'
import { endOf, freshRation, held, isOver, mayTell, spent } from './ration.ts'
import { byTheClock, calmMs, gone, nextStep, seen, type TellingEvent } from './telling-plan.ts'

/** The ways by which people are told, as they are set up at the moment. */
export interface TellingWays {
  /** Those that are set up. */
  open(): readonly AlertChannel[]
  /** Some way out takes mail now: else mail would tell of an outage when that is over. */
  mayMail(): boolean
  /** One mail to the postmaster with all of these. */
  mail(notices: readonly Notice[]): Promise<OwnMessage>
  call(
    channel: Exclude<AlertChannel, 'mail'>,
    notices: readonly Notice[],
    signal: AbortSignal,
  ): Promise<ChannelAnswer>
  /** A mail of ours is in the queue. */
  onMail(): void
}

export interface AlertTellerParts {
  readonly book: Alerts & { onChange(follower: () => void): () => void }
  readonly spool: Pick<TellingSpool, 'tellings' | 'ration' | 'tell'>
  readonly clock: Clock
  readonly log: Log
  readonly ways: TellingWays
}

/** A thing to tell, by these ways. */
interface Message {
  readonly notice: Notice
  readonly by: readonly AlertChannel[]
}

/** While mail can't go out, or the disk takes nothing, it is looked again so often. */
const retryMs = hour / 4
/** A flock of alerts is one message. */
const settleMs = 1000

/**
 * Tells people of alerts by every way that is set up: not of what passes by itself, not twice, not without end. Mail and
 * the memory of what was told are one transaction; the other ways are told at most once, whatever becomes of the process.
 */
export class AlertTeller implements AsyncDisposable {
  readonly #parts: AlertTellerParts
  readonly #tellings: Map<string, Telling>
  readonly #unsaved = new Set<string>()
  readonly #unforgotten = new Set<string>()
  readonly #stopping = new AbortController()
  readonly #stopFollowing: () => void
  #ration: Ration
  /** Since when mail can go; undefined: it can't. */
  #mailableSince: WallMs | undefined
  #timer: { readonly at: number; readonly cancel: () => void } | undefined
  #round: Promise<void> = Promise.resolve()
  readonly #calls = new Map<AlertChannel, Promise<void>>()

  private constructor(parts: AlertTellerParts, tellings: readonly Telling[], ration: Ration | undefined) {
    this.#parts = parts
    this.#tellings = new Map(tellings.map((telling) => [telling.key, telling]))
    this.#ration = ration ?? freshRation(parts.clock.wall())
    this.#stopFollowing = parts.book.onChange(() => this.#wakeAfter(settleMs))
    this.#wakeAfter(settleMs)
  }

  static async start(parts: AlertTellerParts): Promise<AlertTeller> {
    return new AlertTeller(parts, await parts.spool.tellings(), await parts.spool.ration())
  }

  /** Looks again at once: mail may go again, or the settings changed. */
  poke(): void {
    this.#wakeAfter(0)
  }

  /** Erases an address from what is remembered, so that the next writing does not bring it back. */
  forget(address: string): void {
    const erased = (text: string): string => withoutAddress(text, address)
    for (const [key, telling] of [...this.#tellings]) {
      const { sentence, remedy, clearedAt } = telling
      if (clearedAt !== undefined && erased(key) !== key) this.#forget(key)
      else this.#tellings.set(key, { ...telling, sentence: erased(sentence), remedy: erased(remedy) })
    }
    this.#ration = { ...this.#ration, held: this.#ration.held.map(erased) }
  }

  /** Resolves when what is under way has been told, or given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopFollowing()
    this.#stopping.abort(new Error('stopping'))
    this.#timer?.cancel()
    await this.#round
    await Promise.all(this.#calls.values())
  }

  #wakeAfter(ms: number): void {
    const { clock } = this.#parts
    const at = clock.monotonic() + ms
    // A nearer time stands: neither a flock without end nor a round's own plan puts it off.
    if (this.#stopping.signal.aborted || (this.#timer && this.#timer.at <= at)) return
    this.#timer?.cancel()
    const cancel = clock.after(ms, () => {
      this.#timer = undefined
      this.#round = this.#round.then(() => this.#go())
    })
    this.#timer = { at, cancel }
  }

  async #go(): Promise<void> {
    try {
      const now = this.#parts.clock.wall()
      this.#endUnused()
      this.#look(now)
      this.#mailableSince = this.#parts.ways.mayMail() ? (this.#mailableSince ?? now) : undefined
      const messages = [...this.#dueMessages(now), ...this.#dueSum(now)]
      await this.#tell(messages)
      this.#sleepUntilNext(this.#parts.clock.wall())
    } catch (error) {
      this.#parts.log.write('error', 'alerts-not-told', { detail: String(error) })
      this.#wakeAfter(retryMs)
    }
  }

  /** What is not set up any more can't fail. */
  #endUnused(): void {
    const open = this.#parts.ways.open()
    for (const channel of alertChannels)
      if (!open.includes(channel)) this.#parts.book.clear(channelKey(channel))
  }

  /** Brings what is known in line with what is active. */
  #look(now: WallMs): void {
    const active = new Map(
      this.#parts.book.active().map((alert): [string, RaisedAlert] => [alert.key, alert]),
    )
    for (const [key, alert] of active) this.#tellings.set(key, seen(this.#tellings.get(key), alert, now))
    for (const [key, telling] of this.#tellings) {
      const timed = byTheClock(telling, now)
      this.#tellings.set(key, active.has(key) ? timed : gone(timed, now))
    }
  }

  #dueMessages(now: WallMs): readonly Message[] {
    const messages: Message[] = []
    for (const telling of [...this.#tellings.values()]) {
      const step = nextStep(telling)
      if (step.kind === 'forget' && step.at <= now) this.#forget(telling.key)
      if (step.kind === 'tell' && step.at <= now) messages.push(...this.#message(telling, step.event, now))
      else messages.push(...this.#owedMail(telling, now))
    }
    return messages
  }

  #message(telling: Telling, event: TellingEvent, now: WallMs): readonly Message[] {
    const notice = noticeOf(telling, event, now)
    const wanted = channelsFor(telling, event, this.#parts.ways.open())
    const owesMail = wanted.includes('mail') && !this.#parts.ways.mayMail()
    const by = owesMail ? wanted.filter((channel) => channel !== 'mail') : wanted
    const isRationed = wanted.length > 0 && !mayTell(this.#ration, telling.severity)
    this.#remember(
      told(telling, event, isRationed ? [] : by, owesMail && !isRationed && event !== 'over', now),
    )
    if (isRationed) this.#ration = held(this.#ration, noticeLine(notice))
    if (isRationed || by.length === 0) return []
    this.#ration = spent(this.#ration)
    return [{ notice, by }]
  }

  /** What could not be mailed when it was told, and did not end with the trouble that kept mail back. */
  #owedMail(telling: Telling, now: WallMs): readonly Message[] {
    const isCalm = this.#mailableSince !== undefined && now - this.#mailableSince >= calmMs
    const isDue = telling.owesMail && telling.clearedAt === undefined && isCalm
    if (!isDue || !this.#parts.ways.open().includes('mail')) return []
    this.#remember({ ...telling, owesMail: false, toldBy: [...telling.toldBy, 'mail'] })
    this.#ration = spent(this.#ration)
    return [{ notice: noticeOf(telling, 'raised', now), by: ['mail'] }]
  }

  /** What the day's ration did not allow, as one. */
  #dueSum(now: WallMs): readonly Message[] {
    if (!isOver(this.#ration, now)) return []
    const { held: sentences, more, since } = this.#ration
    this.#ration = freshRation(now)
    if (sentences.length === 0) return []
    const rest = more > 0 ? `\n... and ${more} more` : ''
    const notice: Notice = {
      event: 'summary',
      key: 'summary',
      severity: 'warning',
      sentence: `${sentences.length + more} more alerts than were told within a day:\n${sentences.join('\n')}${rest}`,
      remedy: 'See `inkpost status` for what is still there, `inkpost alert list` for what was.',
      since,
      at: now,
      times: 1,
    }
    const mayMail = this.#parts.ways.mayMail()
    return [{ notice, by: this.#parts.ways.open().filter((channel) => channel !== 'mail' || mayMail) }]
  }

  async #tell(messages: readonly Message[]): Promise<void> {
    if (messages.length > 0 || this.#unsaved.size > 0 || this.#unforgotten.size > 0)
      await this.#write(noticesBy('mail', messages))
    // In a line of their own: a server that does not answer holds up no mail.
    for (const channel of ['webhook', 'syslog'] as const) {
      const notices = noticesBy(channel, messages)
      const earlier = this.#calls.get(channel) ?? Promise.resolve()
      if (notices.length > 0)
        this.#calls.set(
          channel,
          earlier.then(() => this.#call(channel, notices)),
        )
    }
  }

  async #write(notices: readonly Notice[]): Promise<void> {
    const { spool, ways, log } = this.#parts
    const keys = [...this.#unsaved]
    const forget = [...this.#unforgotten]
    const save = keys.flatMap((key) => this.#tellings.get(key) ?? [])
    try {
      const mail = notices.length === 0 ? undefined : await ways.mail(notices)
      await spool.tell({ save, forget, mail, letterAt: undefined, ration: this.#ration })
      for (const key of keys) this.#unsaved.delete(key)
      for (const key of forget) this.#unforgotten.delete(key)
      if (mail) ways.onMail()
    } catch (error) {
      log.write('warn', 'alert-mail-not-written', { detail: String(error) })
      for (const { key } of notices) this.#oweMail(key)
    }
  }

  #oweMail(key: string): void {
    const telling = this.#tellings.get(key)
    if (!telling) return
    this.#remember({ ...telling, owesMail: true, toldBy: telling.toldBy.filter((by) => by !== 'mail') })
  }

  async #call(channel: Exclude<AlertChannel, 'mail'>, notices: readonly Notice[]): Promise<void> {
    const { ways, log, book } = this.#parts
    // Its code is loaded by the first call, and an update may have taken the file away.
    const answer = await ways
      .call(channel, notices, this.#stopping.signal)
      .catch((error: unknown): ChannelAnswer => ({ kind: 'failed', detail: String(error) }))
    if (answer.kind === 'told') {
      log.write('info', 'alerts-told', { channel, count: notices.length })
      book.clear(channelKey(channel))
      return
    }
    log.write('warn', 'alert-channel-failed', { channel, detail: answer.detail })
    if (answer.kind === 'off' || this.#stopping.signal.aborted) return
    book.raise({
      key: channelKey(channel),
      severity: 'warning',
      sentence: `Alerts could not be told by ${channel}: ${answer.detail}.`,
      remedy: `Check alerts.${channel}, then \`inkpost alert test\`.`,
      notBy: channel,
    })
  }

  #remember(telling: Telling): void {
    this.#tellings.set(telling.key, telling)
    this.#unsaved.add(telling.key)
    this.#unforgotten.delete(telling.key)
  }

  #forget(key: string): void {
    const wasTold = this.#tellings.get(key)?.toldAt !== undefined
    this.#tellings.delete(key)
    this.#unsaved.delete(key)
    // One that was never told is on no disk.
    if (wasTold) this.#unforgotten.add(key)
  }

  #sleepUntilNext(now: WallMs): void {
    const times = [...this.#tellings.values()].flatMap((telling) => {
      const step = nextStep(telling)
      return step.kind === 'nothing' ? [] : [step.at]
    })
    const end = endOf(this.#ration)
    const next = Math.min(...times, end ?? Number.POSITIVE_INFINITY)
    const owes = [...this.#tellings.values()].some(({ owesMail }) => owesMail) || this.#unsaved.size > 0
    const ms = Math.min(next - now, owes ? retryMs : Number.POSITIVE_INFINITY)
    // What changed meanwhile has set a nearer time itself.
    if (Number.isFinite(ms)) this.#wakeAfter(Math.max(settleMs, ms))
  }
}

const channelKey = (channel: AlertChannel): string => `alert-channel-failed/${channel}`

const noticesBy = (channel: AlertChannel, messages: readonly Message[]): readonly Notice[] =>
  messages.flatMap(({ notice, by }) => (by.includes(channel) ? [notice] : []))

function told(
  telling: Telling,
  event: TellingEvent,
  by: readonly AlertChannel[],
  owesMail: boolean,
  now: WallMs,
): Telling {
  if (event === 'over')
    return {
      ...telling,
      toldAt: now,
      toldSeverity: undefined,
      toldChapter: undefined,
      toldBy: [],
      owesMail: false,
      raises: 1,
      countedFrom: now,
    }
  return {
    ...telling,
    toldAt: now,
    toldSeverity: telling.severity,
    toldChapter: telling.chapter ?? telling.toldChapter,
    toldBy: [...new Set([...telling.toldBy, ...by])],
    owesMail,
  }
}
