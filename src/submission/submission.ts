import type { Socket } from 'node:net'
import { perHourOf } from '../core/device-limit.ts'
import { GuessLimits } from '../core/guess-limits.ts'
import type { DeviceTrait, Sighting } from '../core/learning.ts'
import { type Reply, replies, replyText } from '../core/reply.ts'
import type { ListenerSetup } from '../core/setup.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import { day, hour, second, wallMs } from '../core/time.ts'
import { canonicalAddress, isPrivate } from '../platform/network.ts'
import { type Client, hardwareText, hardwareTrouble, mayConnect } from './admission.ts'
import type { Attendant } from './attendant.ts'
import { AuthAnnouncements } from './auth-announcement.ts'
import { bearingsOf } from './bearings.ts'
import { ConnectionLimits, type Place } from './connection-limits.ts'
import { DeviceNames } from './device-names.ts'
import { DeviceRates } from './device-rate.ts'
import { DeviceTraits } from './device-traits.ts'
import { ClientMemories } from './edge/client-memories.ts'
import { Connection } from './edge/connection.ts'
import { Conversation } from './edge/conversation.ts'
import { HandshakeTurns, nativeRates, vintageRates } from './edge/handshake-turns.ts'
import { MachineServer } from './edge/smtp-machine.ts'
import { TlsContexts } from './edge/tls-contexts.ts'
import type { EngineParts } from './edge/tls-engines.ts'
import { VintagePlaces } from './edge/vintage-places.ts'
import { ListenerNews } from './listener-news.ts'
import { Listeners, retryListenersMs } from './listeners.ts'
import { LostReplies, repeatWithinMs } from './lost-replies.ts'
import { MemoryShares } from './memory-hold.ts'
import type { BoundListener, ListenerStatus, Submission, SubmissionParts } from './parts.ts'
import { PopBeforeSmtp } from './pop-before-smtp.ts'
import { logRefused } from './refusal-log.ts'
import type { Opening } from './relay-probes.ts'
import { rulesOf } from './rules.ts'
import { type SessionParts, SubmissionSession } from './session.ts'
import { SessionArchive } from './session-archive.ts'
import { SessionFacts } from './session-facts.ts'
import { SessionNews } from './session-news.ts'
import { Sightings, turnedAway } from './sightings.ts'
import { TurnedAway } from './turned-away.ts'

const clientsSinceMs = 30 * day
const refusalLingerMs = 5 * second
const vintageSessions = 16

/**
 * Opens the listeners and takes mail from devices. A listener that can't be opened is told by `listeners()`, the others
 * work.
 */
export async function startSubmission(parts: SubmissionParts): Promise<Submission> {
  const { spool, clock, setup } = parts
  const [known, accepted, lost, sightings, traits] = await Promise.all([
    spool.clients(wallMs(clock.wall() - clientsSinceMs)),
    spool.acceptedSince(wallMs(clock.wall() - hour)),
    spool.lostReplies(wallMs(clock.wall() - repeatWithinMs)),
    spool.sightings(),
    spool.traits(),
  ])
  const today = clock.isBelievable() ? clock.wall() : undefined
  const maxPerHour = (name: string) => {
    const device = rulesOf(setup()).byName.get(name)
    return device && perHourOf(device, setup().gateway, today)
  }
  const names = new DeviceNames()
  const archive = underPresentNames(spool, names)
  const reception = new FrontDoor({
    submission: parts,
    names,
    archive,
    memories: new ClientMemories(archive, clock, known),
    guesses: new GuessLimits(clock),
    rates: new DeviceRates(clock, accepted, maxPerHour),
    lostReplies: new LostReplies(spool, clock, parts.log, lost),
    announcements: new AuthAnnouncements(),
    pop: new PopBeforeSmtp(clock),
    shares: new MemoryShares(),
    sightings: new Sightings(parts, sightings),
    traits: new DeviceTraits(archive, clock, parts.log, traits, parts.onDeviceSeen),
  })
  await reception.reload()
  return reception
}

/** Where what names devices is written. */
type NamedRows = Pick<Spool, 'saveSessions' | 'saveTraits' | 'rememberClients'>

const underPresentNames = (spool: NamedRows, names: DeviceNames): NamedRows => ({
  saveSessions: (rows) => names.writeAll(rows, (present) => spool.saveSessions(present)),
  saveTraits: (rows) => names.writeAll(rows, (present) => spool.saveTraits(present)),
  rememberClients: (rows) => names.writeAll(rows, (present) => spool.rememberClients(present)),
})

/** What sessions share, with what is kept of it. */
interface RoomParts extends SessionParts {
  readonly archive: NamedRows
  readonly sightings: Sightings
  readonly traits: DeviceTraits
}

class FrontDoor implements Submission {
  readonly #parts: RoomParts
  readonly #server = new MachineServer()
  readonly #engines: EngineParts
  readonly #limits: ConnectionLimits
  readonly #archive: SessionArchive
  readonly #listeners: Listeners
  readonly #turnedAway: TurnedAway
  readonly #open = new Set<Connection>()
  readonly #news: ListenerNews
  #cancelRetry = (): void => {}
  #idle = Promise.withResolvers<void>()
  #isStopping = false

  constructor(parts: RoomParts) {
    this.#parts = parts
    const { clock, identities } = parts.submission
    const places = new VintagePlaces(vintageSessions)
    const turns = {
      native: new HandshakeTurns(clock, nativeRates),
      vintage: new HandshakeTurns(clock, vintageRates),
    }
    this.#news = new ListenerNews(parts.submission.log)
    this.#limits = new ConnectionLimits(clock)
    this.#engines = { clock, identities, contexts: new TlsContexts(identities), places, turns }
    this.#archive = new SessionArchive(parts.archive, parts.submission.clock, parts.submission.log)
    this.#turnedAway = new TurnedAway(clock)
    this.#listeners = new Listeners((socket, listener) => this.#accept(socket, listener))
  }

  addresses(): readonly BoundListener[] {
    return this.#listeners.addresses()
  }

  listeners(): readonly ListenerStatus[] {
    return this.#listeners.statuses()
  }

  async reload(): Promise<readonly ListenerStatus[]> {
    if (this.#isStopping) return []
    const { setup, clock } = this.#parts.submission
    const closed = await this.#listeners.follow(() => (this.#isStopping ? [] : setup().listeners))
    this.#news.tell(this.#listeners.statuses())
    this.#cancelRetry()
    this.#cancelRetry = () => {}
    if (closed.length > 0 && !this.#isStopping)
      this.#cancelRetry = clock.after(retryListenersMs, () => void this.reload())
    return closed
  }

  /** Loaded for the occasion: it comes once an apply. */
  async openings(): Promise<readonly Opening[]> {
    const { submission } = this.#parts
    const [{ findOpenings, strangers, unknownAddresses }, { probeByDialogue }] = await Promise.all([
      import('./relay-probes.ts'),
      import('./relay-dialogue.ts'),
    ])
    const rules = rulesOf(submission.setup())
    const found = [...findOpenings(rules)]
    for (const address of [strangers[0], ...unknownAddresses(rules).slice(0, 1)]) {
      found.push(...(await probeByDialogue(submission, this.#server, address)))
    }
    return found
  }

  sessions(): readonly SessionRecord[] {
    return this.#archive.list()
  }

  sightings(): readonly Sighting[] {
    return this.#parts.sightings.list()
  }

  forgetSighting(address: string): Promise<void> {
    return this.#parts.sightings.forgetAddress(address)
  }

  traits(): readonly DeviceTrait[] {
    return this.#parts.traits.list()
  }

  forgetDevice(device: string): void {
    this.#parts.traits.forget(device)
    this.#parts.memories.forgetDevice(device)
  }

  renameDevices(renamed: ReadonlyMap<string, string>): void {
    const { names, traits, memories, rates, lostReplies } = this.#parts
    names.rename(renamed)
    for (const each of [traits, memories, rates, lostReplies, this.#archive]) each.rename(renamed)
  }

  async whileRenaming(finish: () => Promise<void>): Promise<void> {
    const { names } = this.#parts
    await names.quiet()
    try {
      await finish()
    } finally {
      names.settled()
    }
  }

  openConnections(): number {
    return this.#limits.open
  }

  async flush(): Promise<void> {
    const { memories, traits, sightings } = this.#parts
    await Promise.all([this.#archive.save(), memories.save(), traits.save(), sightings.save()])
  }

  async forget(address: string): Promise<void> {
    await this.#archive.forget(address)
    await this.#parts.sightings.forget(address)
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true
    this.#cancelRetry()
    await this.#listeners.closeAll()
    const closeAll = (): void => {
      for (const connection of this.#open) connection.destroy()
    }
    if (signal.aborted) closeAll()
    else signal.addEventListener('abort', closeAll, { once: true })
    for (const connection of this.#open) connection.stop()
    if (this.#open.size > 0) await this.#idle.promise
    signal.removeEventListener('abort', closeAll)
    const { memories, traits, sightings } = this.#parts
    await Promise.all([
      this.#archive[Symbol.asyncDispose](),
      memories.save(),
      traits.save(),
      sightings.write(),
    ])
  }

  #accept(socket: Socket, listener: () => ListenerSetup): void {
    const { submission } = this.#parts
    socket.on('error', () => undefined)
    const address = canonicalAddress(socket.remoteAddress ?? '')
    const rules = rulesOf(submission.setup())
    if (!mayConnect(rules, address)) {
      submission.log.write('warn', 'unknown-network', { address, listener: listener().name })
      this.#turnAway(socket, address, replies.unknownNetwork, listener())
      if (isPrivate(address)) this.#parts.sightings.saw(turnedAway(address, replies.unknownNetwork))
      return
    }
    const place = this.#limits.take(address, rules.setup.limits)
    if (!place) {
      submission.log.write('warn', 'too-many-connections', { address, listener: listener().name })
      this.#turnAway(socket, address, replies.tooManyConnections, listener())
      return
    }
    void this.#serve(socket, address, listener, place)
  }

  async #serve(socket: Socket, address: string, listener: () => ListenerSetup, place: Place): Promise<void> {
    const { submission } = this.#parts
    const facts = new SessionFacts(this.#newSessionId(), address, submission.clock)
    try {
      const client = await this.#clientAt(address)
      const trouble = hardwareTrouble(rulesOf(submission.setup()), client)
      if (trouble !== undefined) {
        facts.transcript.note(hardwareText(trouble))
        facts.happened({ kind: 'wrong-hardware', hardware: trouble })
      }
      const attendant = await this.#attendant(socket, facts, client, listener)
      attendant.session.begin()
      await this.#talk(socket, facts, attendant, listener, place)
    } catch (error) {
      submission.log.write('error', 'session-failed', { session: facts.id, detail: String(error) })
      socket.destroy()
    } finally {
      place[Symbol.dispose]()
    }
  }

  async #talk(
    socket: Socket,
    facts: SessionFacts,
    { session, talk }: Attendant,
    listener: () => ListenerSetup,
    place: Place,
  ): Promise<void> {
    const { submission, memories } = this.#parts
    const connection = new Connection(socket, {
      address: facts.address,
      security: listener().security,
      clock: submission.clock,
      engines: this.#engines,
      memories,
      transcript: facts.transcript,
      desk: session,
      talk,
    })
    place.occupy(connection)
    this.#open.add(connection)
    this.#archive.open(session)
    try {
      // The stop came while the hardware was asked for.
      if (this.#isStopping) connection.destroy()
      await connection.run()
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      session.end()
      this.#archive.close(session)
      this.#open.delete(connection)
      if (this.#isStopping && this.#open.size === 0) this.#idle.resolve()
    }
  }

  /** Few devices have a `mac`: nobody else waits for the neighbour table. */
  async #clientAt(address: string): Promise<Client> {
    const { setup, neighbours } = this.#parts.submission
    const isAsked = rulesOf(setup()).asksForHardware
    return { address, hardware: isAsked ? await neighbours.hardwareAt(address) : { kind: 'unknown' } }
  }

  async #attendant(
    raw: Socket,
    facts: SessionFacts,
    client: Client,
    listener: () => ListenerSetup,
  ): Promise<Attendant> {
    if (listener().protocol === 'pop3') {
      const { attendPop3 } = await import('./pop3/pop3-session.ts')
      return attendPop3(this.#parts, facts, client, listener)
    }
    const { clock, setup } = this.#parts.submission
    const session = new SubmissionSession(this.#parts, facts, client, listener)
    const { hostname } = setup().gateway
    const { transcript } = facts
    return {
      session,
      talk: (socket, isSecure) =>
        new Conversation(socket, {
          raw,
          server: this.#server,
          hostname,
          clock,
          transcript,
          desk: session,
          isSecure,
        }),
    }
  }

  /** One reply, in clear whatever the port: a client that wanted TLS sees a broken handshake, as it should. */
  #turnAway(socket: Socket, address: string, reply: Reply, listener: ListenerSetup): void {
    const { log, clock } = this.#parts.submission
    logRefused(log, reply, listener, undefined)
    const said = listener.protocol === 'pop3' ? `-ERR ${reply.text}` : `${reply.code} ${replyText(reply)}`
    if (this.#turnedAway.isWorthRecording(address, reply.code)) this.#record(address, reply, said, listener)
    socket.end(`${said}\r\n`)
    socket.resume()
    const cancel = clock.after(refusalLingerMs, () => socket.destroy())
    socket.once('close', cancel)
  }

  /** A session that was over before it began. */
  #record(address: string, reply: Reply, said: string, { name, protocol }: ListenerSetup): void {
    const { clock, setup } = this.#parts.submission
    const facts = new SessionFacts(this.#newSessionId(), address, clock)
    facts.transcript.box(said)
    facts.refused(reply)
    facts.ended()
    const client: Client = { address, hardware: { kind: 'unknown' } }
    const now = clock.isBelievable() ? clock.wall() : undefined
    const bearings = bearingsOf(rulesOf(setup()), client, undefined, now, protocol)
    const record = facts.record(name, undefined, bearings, false)
    this.#archive.close({ record: () => record })
    const news = new SessionNews(this.#parts.submission, facts, () => undefined)
    if (record.verdict && news.isHeard) news.verdict(record.verdict, true)
  }

  /** Ten signs of base 32: fifty bits. */
  #newSessionId(): string {
    const { random } = this.#parts.submission
    return Array.from({ length: 10 }, () => Math.floor(random() * 32).toString(32)).join('')
  }
}
