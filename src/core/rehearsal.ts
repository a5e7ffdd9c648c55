import { type Address, comparable } from './address.ts'
import type { FidelityFlag, MessageKind, RouteFacts } from './message.ts'
import type { MessageId } from './message-id.ts'
import { QuotaLedger, type Usage } from './quota.ts'
import { isExternal, senderFor, takesSender, type WayRefusal, waysOut } from './route.ts'
import type { Setup, UpstreamSetup } from './setup.ts'
import { day, hour, minute, type WallMs } from './time.ts'

/** A mail of the history, as far as choosing a way out needs it. */
export interface PastMail {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly device: string | undefined
  readonly from: string | undefined
  readonly facts: RouteFacts
  readonly acceptedWall: WallMs
  readonly recipients: readonly Address[]
}

/** Why a way out would not have taken a delivery. */
export type RehearsedRefusal = Exclude<WayRefusal, 'refused-before'> | 'sender-not-taken'

export interface RefusedGroup {
  readonly why: RehearsedRefusal
  readonly mails: number
  readonly deliveries: number
  readonly devices: readonly string[]
  /** Some of them, newest last. */
  readonly examples: readonly { readonly message: MessageId; readonly recipient: Address }[]
}

/** What a way out would have made of the mail of the last days. */
export interface Rehearsal {
  readonly upstream: string
  readonly kind: UpstreamSetup['kind']
  readonly since: WallMs
  readonly until: WallMs
  readonly mails: number
  readonly deliveries: number
  readonly refused: readonly RefusedGroup[]
  /** Mails that would leave under another sender than they did say. */
  readonly otherSenders: readonly { readonly from: string; readonly sender: string; readonly mails: number }[]
  /** What a way out that rebuilds the message would lose, in how many mails. */
  readonly losses: readonly { readonly flag: FidelityFlag; readonly mails: number }[]
  /** Busiest windows, and what the quota of this way out makes of them. */
  readonly pace: {
    readonly mostPerMinute: number
    readonly mostPerHour: number
    readonly mostPerDay: number
    /** Mails that would have waited for the quota, and the longest wait in ms. */
    readonly waited: number
    readonly longestWaitMs: number
  }
}

const examplesKept = 5

interface Group {
  readonly mails: Set<MessageId>
  deliveries: number
  readonly devices: Set<string>
  examples: RefusedGroup['examples']
}

/** Tries one way out with past mail, oldest first; nothing is sent. Pauses and outages are not asked. */
export class Rehearsing {
  readonly #setup: Setup
  readonly #upstream: UpstreamSetup
  readonly #refused = new Map<RehearsedRefusal, Group>()
  readonly #senders = new Map<string, { from: string; sender: string; mails: number }>()
  readonly #losses = new Map<FidelityFlag, number>()
  readonly #windows = [new BusiestWindow(minute), new BusiestWindow(hour), new BusiestWindow(day)] as const
  readonly #ledger: QuotaLedger
  #mails = 0
  #deliveries = 0
  #sentUntil = 0
  #waited = 0
  #longestWaitMs = 0

  constructor(setup: Setup, upstream: UpstreamSetup) {
    this.#setup = setup
    // Switched off or not in any route, it is what is asked about.
    this.#upstream = { ...upstream, enabled: true }
    this.#ledger = new QuotaLedger(upstream.quota)
  }

  add(mail: PastMail): void {
    this.#mails += 1
    this.#deliveries += mail.recipients.length
    const isSenderTaken = this.#lookAtSender(mail)
    const refusals = mail.recipients.map((recipient) => ({
      recipient,
      why: isSenderTaken ? this.#refusal(mail, recipient) : ('sender-not-taken' as const),
    }))
    for (const { recipient, why } of refusals) if (why) this.#note(why, mail, recipient)
    const taken = refusals.filter(({ why }) => why === undefined).map(({ recipient }) => recipient)
    if (taken.length > 0) this.#take(mail, taken)
  }

  result(since: WallMs, until: WallMs): Rehearsal {
    const [perMinute, perHour, perDay] = this.#windows
    return {
      upstream: this.#upstream.name,
      kind: this.#upstream.kind,
      since,
      until,
      mails: this.#mails,
      deliveries: this.#deliveries,
      refused: [...this.#refused].map(([why, { mails, deliveries, devices, examples }]) => ({
        why,
        mails: mails.size,
        deliveries,
        devices: [...devices].toSorted(),
        examples,
      })),
      otherSenders: [...this.#senders.values()].toSorted((a, b) => b.mails - a.mails),
      losses: [...this.#losses].map(([flag, mails]) => ({ flag, mails })),
      pace: {
        mostPerMinute: perMinute.most,
        mostPerHour: perHour.most,
        mostPerDay: perDay.most,
        waited: this.#waited,
        longestWaitMs: this.#longestWaitMs,
      },
    }
  }

  #refusal({ kind, facts }: PastMail, recipient: Address): RehearsedRefusal | undefined {
    const route = [this.#upstream.name]
    const { refusals } = waysOut({ kind, route, facts, recipient, refusedBy: [] }, [this.#upstream])
    const why = refusals[0]?.why
    return why === 'refused-before' ? undefined : why
  }

  #lookAtSender({ device, from }: PastMail): boolean {
    const upstream = this.#upstream
    const known = this.#setup.devices.find(({ name }) => name === device)
    const { sender } = senderFor(this.#setup, known, from, upstream)
    if (sender !== undefined && !takesSender(upstream, sender) && sender !== upstream.sender) return false
    if (sender !== undefined && from !== undefined && comparable(sender) !== comparable(from)) {
      const key = `${comparable(from)}\n${comparable(sender)}`
      const counted = this.#senders.get(key) ?? { from, sender, mails: 0 }
      counted.mails += 1
      this.#senders.set(key, counted)
    }
    return true
  }

  #note(why: RehearsedRefusal, { id, device }: PastMail, recipient: Address): void {
    const group = this.#refused.get(why) ?? {
      mails: new Set(),
      deliveries: 0,
      devices: new Set(),
      examples: [],
    }
    group.mails.add(id)
    group.deliveries += 1
    if (device !== undefined) group.devices.add(device)
    group.examples = [...group.examples, { message: id, recipient }].slice(-examplesKept)
    this.#refused.set(why, group)
  }

  #take({ acceptedWall, facts }: PastMail, recipients: readonly Address[]): void {
    if (this.#upstream.kind === 'acs-email')
      for (const flag of facts.fidelity) this.#losses.set(flag, (this.#losses.get(flag) ?? 0) + 1)
    for (const window of this.#windows) window.add(acceptedWall)
    const external = recipients.filter((recipient) => isExternal(recipient, this.#upstream)).length
    this.#wait(acceptedWall, { messages: 1, recipients: recipients.length, external })
  }

  /** As delivery does: first come, first served. */
  #wait(at: WallMs, usage: Usage): void {
    const sentAt = this.#ledger.freeAt(Math.max(at, this.#sentUntil), usage)
    this.#ledger.record(sentAt, usage)
    this.#sentUntil = sentAt
    const waitMs = sentAt - at
    if (waitMs <= 0) return
    this.#waited += 1
    this.#longestWaitMs = Math.max(this.#longestWaitMs, waitMs)
  }
}

/** The most that ever fell into a window of this length. Times come in order, or nearly. */
class BusiestWindow {
  readonly #lengthMs: number
  #times: number[] = []
  #first = 0
  most = 0

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs
  }

  add(at: number): void {
    this.#times.push(at)
    while ((this.#times[this.#first] ?? at) <= at - this.#lengthMs) this.#first += 1
    this.most = Math.max(this.most, this.#times.length - this.#first)
    if (this.#first < 4096) return
    this.#times = this.#times.slice(this.#first)
    this.#first = 0
  }
}
