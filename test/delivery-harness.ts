import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseAddress } from '../src/core/address.ts'
import type { Alert, Alerts, RaisedAlert } from '../src/core/alerts.ts'
import type { LiveEvent } from '../src/core/live.ts'
import type { NewMessage } from '../src/core/message.ts'
import type { MessageId } from '../src/core/message-id.ts'
import type { Outcome } from '../src/core/outcome.ts'
import type { DeviceSetup, Setup, UpstreamSetup } from '../src/core/setup.ts'
import type { MessageView, QueueCounts, Spool } from '../src/core/spool.ts'
import { day, hour, wallMs } from '../src/core/time.ts'
import type {
  Consignment,
  Preparation,
  ProbeOutcome,
  Upstream,
  UpstreamTraits,
} from '../src/core/upstream.ts'
import { type Delivery, startDelivery } from '../src/delivery/delivery.ts'
import { openSpool } from '../src/spool/open-spool.ts'
import { JumpingClock } from './clock.ts'

// Delivery over the real spool, with scripted ways out and a clock that jumps.

export const noon = wallMs(Date.UTC(2026, 10, 2, 12))
export const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)

export const accepted: Outcome = { kind: 'accepted', reference: 'ref' }
export const confirmed: Outcome = { kind: 'confirmed', reference: 'ref' }
export const transient = (code = 'busy', afterMs?: number): Outcome => ({
  kind: 'transient',
  code,
  detail: code,
  ...(afterMs === undefined ? {} : { afterMs }),
})
export const unreachable = transient('unreachable-econnrefused')
export const throttled = (afterMs: number): Outcome => ({
  kind: 'throttled',
  afterMs,
  detail: 'too many requests',
})
export const paused = (code = 'secret-expired', scope: 'upstream' | 'sender' = 'upstream') =>
  ({
    kind: 'paused',
    scope,
    pause: { code, reason: `it says ${code}`, remedy: 'cure it', mayProbe: true },
  }) as const satisfies Outcome
export const refused = (scope: 'message' | 'recipient' = 'recipient', elsewhere = false): Outcome => ({
  kind: 'permanent',
  scope,
  code: 'refused',
  status: '5.1.1',
  detail: 'no such user',
  elsewhere,
})
export const indeterminate: Outcome = { kind: 'indeterminate', reference: 'ref', detail: 'line lost' }

export const upstreamSetup = (name: string, with_: Partial<UpstreamSetup> = {}): UpstreamSetup => ({
  name,
  kind: 'smarthost',
  enabled: true,
  endpoint: '',
  authority: '',
  host: 'localhost',
  port: 25,
  security: 'plain',
  username: '',
  senders: [],
  sender: undefined,
  quota: {},
  connections: 2,
  maxMessageSize: undefined,
  acceptedDomains: [],
  licences: 0,
  price: undefined,
  caFile: '',
  reportsQueue: '',
  credential: { kind: 'none' },
  ...with_,
})

export const deviceSetup = (name: string, with_: Partial<DeviceSetup> = {}): DeviceSetup => ({
  name,
  username: 'scan1',
  password: undefined,
  alsoKnownAs: [],
  addresses: [],
  mac: '',
  sender: address('scanner@contoso.com'),
  senderName: '',
  keepSender: 'reply-to',
  subjectPrefix: '',
  allowedRecipients: [],
  maxPerHour: 200,
  raisedPerHour: 0,
  raisedUntil: '',
  priority: 'normal',
  owner: address('owner@contoso.com'),
  route: undefined,
  tls: undefined,
  requireTls: false,
  weakUntil: '',
  certificate: 'auto',
  auth: ['LOGIN', 'PLAIN'],
  charset: 'utf-8',
  dataEnd: 'crlf',
  enabled: true,
  ...with_,
})

export function setupOf(
  upstreams: readonly UpstreamSetup[],
  devices: readonly DeviceSetup[] = [deviceSetup('scanner')],
): Setup {
  return {
    gateway: {
      name: 'branch-07',
      hostname: 'branch-07.contoso.com',
      postmaster: address('it@contoso.com'),
      sender: address('inkpost@contoso.com'),
      defaultDomain: 'contoso.com',
      language: 'en',
      timezone: 'UTC',
      queueLifetimeMs: 5 * day,
      maxMessageSize: 35e6,
      weakestTls: 'legacy',
      trustedNetworks: [],
      proxy: '',
    },
    limits: { connections: 500, connectionsPerAddress: 50, recipients: 1000, memory: 48e6 },
    history: { keepMs: 30 * day, keepTranscriptsMs: 7 * day, keepAuditMs: 400 * day, keepSubjects: true },
    console: {
      address: '127.0.0.1',
      port: 0,
      tls: 'off',
      certificateFile: '',
      networks: [],
      secondFactor: 'optional',
      physicalReset: true,
    },
    operators: [],
    listeners: [],
    aliases: [],
    devices,
    upstreams,
    largeFiles: { account: '', container: '', linkLifetimeMs: 30 * day },
    backups: [],
    alerts: { webhook: '', syslog: '', caFile: '', weeklyLetter: true },
  }
}

/** One call of a driver, as the service saw it. */
export interface Call {
  readonly at: number
  readonly message: MessageId
  readonly to: readonly string[]
  readonly operationId: string
  readonly part: number
  readonly generation: number
  readonly isRepeat: boolean
  readonly isRefusedAsItIs: boolean
  readonly sender: string | undefined
}

export type Script = (
  call: Call,
  signal: AbortSignal,
) => Outcome | ReadonlyMap<string, Outcome> | Promise<Outcome>

export const smtpTraits: UpstreamTraits = {
  recipientsPerPart: 100,
  canAsk: false,
  canConfirm: false,
  rebuildsMessage: false,
  askQuota: {},
  isOutbox: false,
}
export const acsTraits: UpstreamTraits = {
  ...smtpTraits,
  recipientsPerPart: 50,
  canAsk: true,
  rebuildsMessage: true,
}

/** A way out that does what its script says and remembers every call. */
export class ScriptedUpstream implements Upstream {
  readonly kind = 'smarthost'
  readonly name: string
  readonly traits: UpstreamTraits
  readonly sends: Call[] = []
  readonly asked: string[] = []
  probes = 0
  disposals = 0
  answer: Script = () => accepted
  answerAsk: (reference: string) => Outcome = () => accepted
  answerProbe: (signal: AbortSignal) => ProbeOutcome | Promise<ProbeOutcome> = () => ({ kind: 'usable' })
  /** What was said with the service, as a driver would tell it. */
  dialogue: string | undefined
  refusal: ((consignment: Consignment) => Outcome | undefined) | undefined
  readonly #clock: JumpingClock

  constructor(name: string, clock: JumpingClock, traits: UpstreamTraits = smtpTraits) {
    this.name = name
    this.traits = traits
    this.#clock = clock
  }

  async prepare(consignment: Consignment): Promise<Preparation> {
    const outcome = this.refusal?.(consignment)
    if (outcome) return { kind: 'refused', outcome }
    const { rewrite, recipients, operationId } = consignment
    const body = JSON.stringify([rewrite, recipients.map(({ number }) => number)])
    const call: Call = {
      at: this.#clock.wall(),
      message: consignment.message,
      to: recipients.map((recipient) => recipient.address),
      operationId,
      part: consignment.part,
      generation: consignment.generation,
      isRepeat: consignment.isRepeat,
      isRefusedAsItIs: consignment.isRefusedAsItIs,
      sender: rewrite.sender,
    }
    const bodySha256 = createHash('sha256').update(body).digest('hex')
    const send = async (onAccepted: (reference: string) => Promise<void>, signal: AbortSignal) => {
      this.sends.push(call)
      const answer = await this.answer(call, signal)
      if (!('kind' in answer))
        return new Map(
          recipients.map(({ number, address }) => [number, answer.get(address) ?? transient('unscripted')]),
        )
      if (answer.kind === 'accepted' && this.traits.canAsk) await onAccepted(answer.reference)
      return new Map(recipients.map(({ number }) => [number, answer]))
    }
    return { kind: 'ready', prepared: { bodySha256, size: body.length, send, dialogue: () => this.dialogue } }
  }

  async ask(reference: string): Promise<Outcome> {
    this.asked.push(reference)
    return this.answerAsk(reference)
  }

  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    this.probes += 1
    return this.answerProbe(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1
  }
}

/** Knows whether somebody sleeps on it: then there is nothing left to do. */
class WatchedClock extends JumpingClock {
  readonly pending = new Set<object>()
  #era = 0

  override after(ms: number, callback: () => void): () => void {
    const timer = {}
    const era = this.#era
    this.pending.add(timer)
    const cancel = super.after(ms, () => {
      this.pending.delete(timer)
      if (era === this.#era) callback()
    })
    return () => {
      this.pending.delete(timer)
      cancel()
    }
  }

  /** Whoever sleeps on it never wakes up. */
  forget(): void {
    this.#era += 1
    this.pending.clear()
  }
}

class AlertList implements Alerts {
  readonly #raised = new Map<string, RaisedAlert>()
  raise(alert: Alert): void {
    this.#raised.set(alert.key, { ...alert, since: this.#raised.get(alert.key)?.since ?? noon })
  }
  clear(key: string): void {
    this.#raised.delete(key)
  }
  active(): readonly RaisedAlert[] {
    return [...this.#raised.values()]
  }
  get keys(): readonly string[] {
    return [...this.#raised.keys()]
  }
}

export interface BenchOptions {
  readonly traits?: Readonly<Record<string, UpstreamTraits>>
  readonly start?: boolean
  /** Kinds without a driver. */
  readonly unserved?: readonly string[]
}

export const scanOf = (id: MessageId): Buffer =>
  Buffer.from(`From: scanner@contoso.com\r\nSubject: Scan ${id}\r\n\r\nbody\r\n`)

/** A whole delivery on a bench. */
export class Bench implements AsyncDisposable {
  readonly clock = new WatchedClock(noon)
  readonly alerts = new AlertList()
  readonly errors: string[] = []
  #power = { isCut: false }
  readonly told: LiveEvent[] = []
  /** Events of level error that the test brings about. */
  readonly tolerated: string[] = []
  retired: readonly UpstreamSetup[] = []
  readonly ways = new Map<string, ScriptedUpstream>()
  setup: Setup
  #spool: Spool | undefined
  #delivery: Delivery | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'delivery-'))
  readonly #options: BenchOptions

  constructor(setup: Setup, options: BenchOptions) {
    this.setup = setup
    this.#options = options
  }

  get spool(): Spool {
    return this.#spool ?? assert.fail('not open')
  }

  get delivery(): Delivery {
    return this.#delivery ?? assert.fail('not started')
  }

  way(name: string): ScriptedUpstream {
    const known = this.ways.get(name)
    if (known) return known
    const made = new ScriptedUpstream(name, this.clock, this.#options.traits?.[name] ?? smtpTraits)
    this.ways.set(name, made)
    return made
  }

  async open(): Promise<void> {
    const opening = await openSpool({ file: join(this.#folder, 'spool.db'), reserveOctets: 0 })
    this.#spool = opening.kind === 'open' ? opening.spool : assert.fail(opening.kind)
    await this.#spool.recover(this.clock.wall())
  }

  async start(): Promise<void> {
    const power = { isCut: false }
    this.#power = power
    this.#delivery = await startDelivery({
      spool: this.spool,
      clock: this.clock,
      alerts: this.alerts,
      log: {
        write: (level, event, fields) => {
          // Who has no power says nothing of a spool that is gone.
          if (level === 'error' && !power.isCut) this.errors.push(`${event} ${JSON.stringify(fields)}`)
        },
      },
      live: { isHeard: true, tell: (event) => this.told.push(event) },
      setup: () => this.setup,
      retired: () => this.retired,
      createUpstream: ({ name }) => (this.#options.unserved?.includes(name) ? undefined : this.way(name)),
      random: () => 0.5,
      bootId: 'boot',
      namespace: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    })
  }

  async stop(within?: AbortSignal): Promise<void> {
    await this.#delivery?.stop(within)
    this.#delivery = undefined
  }

  /** What is on the wire stays unanswered, what was not committed is gone; then the spool is as the next start finds it. */
  async powerCut(): Promise<void> {
    this.#power.isCut = true
    this.#delivery = undefined
    await this.#spool?.[Symbol.asyncDispose]()
    this.clock.forget()
    await this.open()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.spool[Symbol.asyncDispose]()
    await this.open()
    await this.start()
  }

  async apply(setup: Setup): Promise<void> {
    this.setup = setup
    await this.delivery.follow()
  }

  /** A mail of the scanner. */
  async submit(to: readonly string[], with_: Partial<NewMessage> = {}): Promise<MessageId> {
    const id = await this.spool.takeId()
    const octets = scanOf(id)
    const reception = this.spool.receive(id)
    await reception.write(octets)
    const publication = await reception.publish(this.message(id, octets, to, with_))
    assert.deepEqual(publication, { kind: 'stored' })
    this.#delivery?.poke()
    return id
  }

  /** A mail of the scanner before it is stored. */
  message(id: MessageId, octets: Buffer, to: readonly string[], with_: Partial<NewMessage> = {}): NewMessage {
    return {
      id,
      kind: 'mail',
      priority: 'normal',
      device: 'scanner',
      from: address('scanner@contoso.com'),
      subject: `Scan ${id}`,
      headerMessageId: `${id}@branch-07`,
      envelope: {
        reversePath: address('scanner@contoso.com'),
        recipients: to.map((text) => ({ address: address(text) })),
        bodyType: '7BIT',
        smtputf8: false,
        dsn: {},
      },
      route: undefined,
      facts: { size: octets.length, acsSize: octets.length * 2, fidelity: [] },
      index: {
        headerEnd: octets.indexOf('\r\n\r\n') + 4,
        parts: [],
        isCut: false,
        has8bit: false,
        hasBareLineEnds: false,
        longestLine: 40,
      },
      contentSha256: 'f'.repeat(64),
      isIdentifiable: true,
      session: undefined,
      acceptedWall: this.clock.wall(),
      acceptedMonotonic: this.clock.monotonic(),
      bootId: 'boot',
      clockBelievable: true,
      ...with_,
    }
  }

  async view(id: MessageId): Promise<MessageView> {
    return (await this.spool.message(id)) ?? assert.fail(`no message ${id}`)
  }

  /** States of all recipients, in order. */
  async states(id: MessageId): Promise<readonly string[]> {
    return (await this.view(id)).recipients.map(({ state }) => state)
  }

  /** The one recipient of a mail. */
  async only(id: MessageId): Promise<MessageView['recipients'][number]> {
    return (await this.view(id)).recipients[0] ?? assert.fail('no recipient')
  }

  /** Reports of the box on its mail. */
  async reports(): Promise<readonly MessageId[]> {
    const rows = await this.spool.queue({ all: true, limit: 1000 })
    return [...new Set(rows.filter(({ kind }) => kind === 'dsn').map(({ message }) => message))]
  }

  /** Polls until `is` holds; fails after some seconds. */
  async until(is: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let tries = 0; tries < 4000; tries++) {
      if (await is()) return
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    assert.fail(`waited in vain: ${what}`)
  }

  /** Until the scheduler sleeps and nobody is on the way (but `hanging` calls that the test holds). */
  async rest(hanging = 0): Promise<void> {
    const none: QueueCounts = { byState: {}, oldestOpen: undefined, waitingByUpstream: {}, bytes: 0 }
    const isIdle = (): boolean =>
      this.clock.pending.size > 0 &&
      this.delivery.status(none).reduce((sum, { inFlight }) => sum + inFlight, 0) <= hanging
    await this.until(async () => {
      if (!isIdle()) return false
      await new Promise((resolve) => setImmediate(resolve))
      return isIdle()
    }, 'rest')
  }

  /** Lets time go by in steps, everything done after each. */
  async pass(ms: number, stepMs = Math.min(ms, 1 * hour)): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.clock.jump(Math.min(left, stepMs))
      await this.rest()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#spool?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
    const untold = this.errors.filter((error) => !this.tolerated.some((event) => error.startsWith(event)))
    assert.deepEqual(untold, [], 'no error was logged')
  }
}

export async function bench(setup: Setup, options: BenchOptions = {}): Promise<Bench> {
  const made = new Bench(setup, options)
  await made.open()
  if (options.start ?? true) await made.start()
  return made
}
