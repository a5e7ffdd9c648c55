import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { type Reply, replies, replyText } from '../../core/reply.ts'
import type { DataCut } from '../../core/session-event.ts'
import { minute } from '../../core/time.ts'
import { CommandLines, mostWaiting } from './command-lines.ts'
import { CommandPace } from './command-pace.ts'
import type { Desk } from './desk.ts'
import { repairCommand } from './dialect.ts'
import { recogniseFirstOctets } from './first-octets.ts'
import { unread } from './first-words.ts'
import { foreignProtocol } from './foreign-protocol.ts'
import { type DataSink, IncomingData } from './incoming-data.ts'
import { signInNotUnderstood } from './machine-replies.ts'
import { ProgressDeadline } from './progress-deadline.ts'
import { ReplyWriter } from './reply-writer.ts'
import { type MachineServer, SmtpMachine } from './smtp-machine.ts'
import { withoutSecret } from './spoken-secrets.ts'
import type { Transcript } from './transcript.ts'

export interface ConversationParts {
  /** Below TLS; tells the machine who is there. */
  readonly raw: Socket
  readonly server: MachineServer
  readonly hostname: string
  readonly clock: Clock
  readonly transcript: Transcript
  readonly desk: Desk
  readonly isSecure: boolean
}

/**
 * `starttls`: 220 was said, the raw socket is silent and empty. `tls-late`: the first word after our banner was a
 * ClientHello. `closed`: it is over.
 */
export type ConversationEnd = 'starttls' | 'tls-late' | 'closed'

/** For a whole command line, however many octets of it came: one that trickles is not heard for ever. */
const idleMs = 5 * minute
const dataProgressMs = 10 * minute
/** Within that time: 28 octets a second, far below the worst Wi-Fi that a scan ever came through. */
const leastDataOctets = 16_384
const mostBadCommands = 100

/** What was masked as it was said is not shown as it was mended: a repair takes apart what the mask knows it by. */
const isShown = (said: string): boolean => withoutSecret(said) === said

const isReply = (answer: DataSink | Reply): answer is Reply => 'code' in answer

/**
 * One SMTP dialogue on a socket, in lock-step: the next command is fed after the previous reply. So the edge knows at
 * any time whether a command, an AUTH answer or DATA is due; pipelined commands wait their turn, also those behind the
 * end of DATA.
 */
export class Conversation {
  readonly #socket: Duplex
  readonly #parts: ConversationParts
  readonly #machine: SmtpMachine
  readonly #lines = new CommandLines()
  readonly #deadline: ProgressDeadline
  readonly #commandPace: CommandPace
  readonly #finished = Promise.withResolvers<ConversationEnd>()
  readonly #out: ReplyWriter
  #data: IncomingData | undefined
  /** A reply or the spool is waited for. */
  #isBusy = true
  #isPumping = false
  #isChallenged = false
  #hasSpoken = false
  #isStopping = false
  #isOver = false
  #hasEnded = false
  #endsAfterReply = false
  #verb = ''
  /** The command that waits for its reply; empty for an answer to a challenge. */
  #said = ''
  #badCommands = 0

  constructor(socket: Duplex, parts: ConversationParts) {
    this.#socket = socket
    this.#parts = parts
    this.#out = new ReplyWriter(socket, parts.transcript)
    this.#deadline = new ProgressDeadline(parts.clock, () => this.#tooSlow())
    this.#commandPace = new CommandPace(parts.clock)
    this.#machine = new SmtpMachine(parts.server, parts.raw, {
      hostname: parts.hostname,
      isSecure: parts.isSecure,
      mailroom: parts.desk,
      mouth: {
        say: (code, lines) => this.#say(code, lines),
        wantsData: () => void this.#openData(),
        hangUp: () => this.#hangUp(),
      },
    })
  }

  /** `greets` false: the banner is swallowed, as behind STARTTLS (RFC 3207 section 4.2). */
  run(greets: boolean): Promise<ConversationEnd> {
    this.#socket
      .on('data', this.#hear)
      .on('end', this.#end)
      .on('close', this.#close)
      .on('drain', this.#drained)
      .on('error', this.#note)
    this.#deadline.limit(idleMs)
    this.#verb = greets ? '' : swallowed
    this.#machine.init()
    return this.#finished.promise
  }

  /** Closes as soon as nothing is under way: at once, or after the reply to DATA. */
  stop(): void {
    this.#isStopping = true
    if (!this.#isBusy && !this.#data) this.#refuseMore(replies.shuttingDown)
  }

  /** Since when nothing came of it, monotonic; undefined while a mail or a reply is under way. */
  quietSince(): number | undefined {
    const isAtWork = this.#isBusy || this.#data !== undefined || this.#machine.hasSender
    return isAtWork ? undefined : this.#deadline.last
  }

  /** Closes at once: its place is needed. */
  giveWay(): void {
    this.#refuseMore(replies.tooManyConnections)
  }

  readonly #hear = (octets: Buffer): void => {
    if (this.#isOver) return
    this.#lines.add(octets)
    this.#pump()
  }

  readonly #end = (): void => {
    this.#hasEnded = true
    this.#pump()
  }

  readonly #close = (): void => {
    this.#isOver = true
    if (this.#data) this.#noteCut(this.#data, this.#isStopping ? 'stopping' : 'closed')
    this.#abandonData()
    this.#leave('closed')
  }

  readonly #drained = (): void => {
    this.#out.drained()
    this.#pump()
  }

  readonly #note = (error: Error): void => {
    this.#parts.transcript.note(`connection error: ${error.message}`)
  }

  /** Serves what waits until something must be waited for. */
  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (this.#isFree() && this.#step());
    } finally {
      this.#isPumping = false
    }
    if (this.#isOver) return
    this.#pace()
    if (this.#hasEnded && this.#isFree()) this.#afterEnd()
  }

  #isFree(): boolean {
    return !this.#isBusy && !this.#isOver && !this.#out.isBlocked
  }

  #step(): boolean {
    return this.#data ? this.#takeData() : this.#takeLine()
  }

  /** Back-pressure on the client: DATA waits for the spool, commands for their replies, all for a client that reads. */
  #pace(): void {
    const isHeldUp = this.#isBusy || this.#out.isBlocked
    const isFull = this.#data ? isHeldUp : this.#lines.length > mostWaiting
    if (isFull) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #takeLine(): boolean {
    if (!this.#hasSpoken && this.#isHello()) return false
    const next = this.#lines.next()
    switch (next.kind) {
      case 'none':
        return false
      case 'flood':
        this.#misunderstand(500)
        this.#refuseMore(replies.tooManyErrors)
        return false
      case 'too-long':
        this.#deadline.touch()
        this.#say(500, ['5.5.2 Line too long'])
        return true
      case 'line':
        this.#hasSpoken = true
        this.#deadline.touch()
        this.#obeyInTime(next.line)
        return true
    }
  }

  #obeyInTime(said: string): void {
    const pace = this.#isChallenged ? noWait : this.#commandPace.next()
    switch (pace.kind) {
      case 'go':
        this.#obey(said)
        return
      case 'wait':
        if (pace.isFirst) this.#parts.transcript.note('many commands and no mail: each is answered later now')
        this.#isBusy = true
        this.#parts.clock.after(pace.ms, () => {
          if (!this.#isOver) this.#obey(said)
        })
        return
      case 'end':
        this.#parts.desk.refused(replies.tooManyCommands)
        this.#refuseMore(replies.tooManyCommands)
    }
  }

  /** Only before the first command of a clear-text session: later octets are what the session says they are. */
  #isHello(): boolean {
    const beginning = this.#parts.isSecure
      ? 'smtp'
      : recogniseFirstOctets(this.#lines.peek() ?? Buffer.alloc(0))
    if (beginning !== 'tls' && beginning !== 'sslv2-hello') return false
    this.#parts.transcript.note('TLS began after the banner')
    this.#isOver = true
    this.#leave('tls-late')
    return true
  }

  #obey(said: string): void {
    const { transcript, desk } = this.#parts
    transcript.device(said, this.#isChallenged)
    this.#isBusy = true
    if (this.#isChallenged) {
      this.#isChallenged = false
      this.#said = ''
      this.#machine.command(said)
      return
    }
    const repaired = repairCommand(said, this.#machine)
    const line = repaired?.line ?? said
    if (repaired) {
      desk.repaired(repaired.quirks)
      transcript.note(`${repaired.quirks.join(', ')}: ${isShown(said) ? withoutSecret(line) : '****'}`)
      for (const first of repaired.before) this.#obeyUnheard(first)
    }
    const [verb = '', argument = ''] = split(line)
    this.#verb = verb
    this.#said = said
    desk.heard(verb, repaired ? (split(said)[1] ?? '') : argument)
    if (verb === 'STARTTLS') this.#startTls(argument)
    else this.#machine.command(line)
  }

  /** A command that the device did not say: its reply is not said either. */
  #obeyUnheard(line: string): void {
    this.#verb = swallowed
    this.#machine.command(line)
    this.#isBusy = true
  }

  /** RFC 3207. What was pipelined behind STARTTLS came in clear and is dropped: it may be injected. */
  #startTls(argument: string): void {
    if (argument !== '') this.#say(501, ['5.5.4 STARTTLS takes no parameter'])
    else if (this.#parts.isSecure) this.#say(503, ['5.5.1 TLS is on already'])
    else if (!this.#parts.desk.offersStartTls()) this.#say(502, ['5.5.1 STARTTLS is not offered'])
    else {
      this.#socket.pause()
      const injected = this.#lines.length + Buffer.concat(unread(this.#socket)).length
      if (injected > 0) this.#parts.transcript.note(`${injected} octets behind STARTTLS dropped`)
      this.#say(220, ['2.0.0 Ready to start TLS'])
      this.#isOver = true
      this.#leave('starttls')
    }
  }

  async #openData(): Promise<void> {
    const opened = this.#parts.desk.openData()
    const answer = opened instanceof Promise ? await opened : opened
    if (isReply(answer)) {
      this.#machine.finishData(answer.code, replyText(answer))
      return
    }
    if (this.#isOver) {
      answer.abandon()
      return
    }
    this.#data = new IncomingData(answer, this.#parts.desk.dataEnd())
    this.#deadline.limit(dataProgressMs, leastDataOctets)
    this.#say(354, ['End data with <CR><LF>.<CR><LF>'])
  }

  #takeData(): boolean {
    const octets = this.#lines.takeAll()
    const data = this.#data
    if (!octets || !data) return false
    this.#deadline.progress(octets.length)
    const { written, rest, isLax } = data.take(octets)
    this.#isBusy = true
    if (isLax) this.#hearNoMore(rest?.length ?? 0)
    if (rest !== undefined) {
      this.#lines.add(rest)
      void this.#finishData(data, written)
    } else if (!data.sink.isWorthHearing) void this.#cutOff(data.sink)
    else if (written) void this.#resumeAfter(written)
    else this.#isBusy = false
    return true
  }

  /** `dot-lf`: whoever ends DATA by LF.LF is told its reply and heard no more, so that nothing can hide behind it. */
  #hearNoMore(behind: number): void {
    this.#endsAfterReply = true
    this.#parts.desk.repaired(['dot-lf'])
    this.#parts.transcript.note(`dot-lf: DATA ended by LF.LF; ${behind} octets behind it are not run`)
  }

  /** From here the message is complete: a connection that breaks now does not undo it. */
  async #finishData(data: IncomingData, written: Promise<void> | undefined): Promise<void> {
    this.#data = undefined
    this.#parts.transcript.note(data.describe())
    if (written) await written
    const reply = await data.sink.finish()
    if (this.#isOver) return
    this.#deadline.limit(idleMs)
    if (reply.code === 250) this.#commandPace.mail()
    this.#machine.finishData(reply.code, replyText(reply))
  }

  /** A reply in the middle of DATA is the last word: what goes on would be understood as commands. */
  async #cutOff(sink: DataSink): Promise<void> {
    this.#data = undefined
    const reply = await sink.finish()
    if (this.#isOver) return
    this.#out.write(reply.code, [replyText(reply)])
    this.#hangUp()
  }

  async #resumeAfter(written: Promise<void>): Promise<void> {
    await written
    this.#isBusy = false
    this.#pump()
  }

  #say(code: number, lines: readonly string[]): void {
    if (this.#verb === swallowed) {
      this.#verb = ''
      this.#isBusy = false
      return
    }
    if (this.#isOver) return
    if (code === 250 && this.#verb === 'RCPT') this.#commandPace.recipient()
    this.#out.write(code, this.#verb === 'EHLO' && code === 250 ? this.#hello() : lines)
    if (this.#lines.length > 0 && !waitsForMore.has(this.#verb)) this.#out.flush()
    this.#isBusy = false
    this.#isChallenged = code === 334
    if (code === 500 || code === 421) this.#misunderstand(code)
    else if (code === 501 && lines[0] === signInNotUnderstood) {
      this.#parts.desk.happened({ kind: 'not-understood', what: 'sign-in', protocol: undefined })
    }
    if (this.#endsAfterReply) this.#hangUp()
    else if (code === 500 && ++this.#badCommands >= mostBadCommands) this.#refuseMore(replies.tooManyErrors)
    else if (this.#isStopping && code !== 354) this.#refuseMore(replies.shuttingDown)
    // The machine has not finished with this command yet: the next one comes after it.
    else if (!this.#isPumping) process.nextTick(() => this.#pump())
  }

  #hello(): readonly string[] {
    return [this.#parts.hostname, ...this.#parts.desk.capabilities(this.#parts.isSecure)]
  }

  #tooSlow(): void {
    if (this.#isOver || this.#isBusy) return
    if (this.#data) this.#noteCut(this.#data, this.#data.endsLoosely ? 'unended' : 'silent')
    else this.#parts.desk.happened({ kind: 'timed-out' })
    this.#refuseMore(replies.timeout)
  }

  #afterEnd(): void {
    if (this.#data) {
      this.#parts.transcript.note('the device closed the connection in the middle of DATA')
      this.#noteCut(this.#data, this.#data.endsLoosely ? 'unended' : 'closed')
    }
    this.#hangUp()
  }

  #noteCut(data: IncomingData, how: DataCut): void {
    const { transcript, desk } = this.#parts
    transcript.note(data.describeTail())
    desk.happened({ kind: 'data-cut', octets: data.octets, how })
  }

  /** The machine hangs up (421) on HTTP only. */
  #misunderstand(code: 500 | 421): void {
    const protocol = foreignProtocol(this.#said)
    if (code === 421 && protocol === undefined) return
    this.#parts.desk.happened({ kind: 'not-understood', what: 'command', protocol })
  }

  #refuseMore(reply: Reply): void {
    if (this.#isOver) return
    this.#out.write(reply.code, [replyText(reply)])
    this.#hangUp()
  }

  #hangUp(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#abandonData()
    this.#out.end(this.#parts.clock)
  }

  #abandonData(): void {
    this.#data?.sink.abandon()
    this.#data = undefined
  }

  #leave(how: ConversationEnd): void {
    this.#out.flush()
    this.#deadline[Symbol.dispose]()
    this.#socket
      .off('data', this.#hear)
      .off('end', this.#end)
      .off('close', this.#close)
      .off('drain', this.#drained)
    if (how !== 'starttls') this.#socket.off('error', this.#note).on('error', ignore)
    this.#finished.resolve(how)
  }
}

/** Whose replies may be told together with those to what was pipelined behind (RFC 2920 section 3.2). */
const waitsForMore: ReadonlySet<string> = new Set(['RSET', 'MAIL', 'RCPT'])
const swallowed = '(banner)'
const noWait = { kind: 'go' } as const
const ignore = (): void => undefined

function split(line: string): [string, string] {
  const text = line.trim()
  const space = text.search(/\s/)
  if (space < 0) return [text.toUpperCase(), '']
  return [text.slice(0, space).toUpperCase(), text.slice(space + 1).trim()]
}
