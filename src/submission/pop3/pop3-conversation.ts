import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { replies } from '../../core/reply.ts'
import { minute } from '../../core/time.ts'
import { CommandLines, mostWaiting } from '../edge/command-lines.ts'
import { CommandPace } from '../edge/command-pace.ts'
import type { Talk } from '../edge/connection.ts'
import type { ConversationEnd } from '../edge/conversation.ts'
import { recogniseFirstOctets } from '../edge/first-octets.ts'
import { unread } from '../edge/first-words.ts'
import { lastWords } from '../edge/last-words.ts'
import { ProgressDeadline } from '../edge/progress-deadline.ts'
import type { Transcript } from '../edge/transcript.ts'
import { Pop3Machine } from './pop3-machine.ts'
import type { Pop3Desk } from './pop3-session.ts'

export interface Pop3ConversationParts {
  readonly clock: Clock
  readonly transcript: Transcript
  readonly desk: Pop3Desk
  readonly isSecure: boolean
}

/** RFC 1939 section 3: at least ten minutes. */
const idleMs = 10 * minute
const mostBadCommands = 100

/** One POP3 dialogue on a socket, in lock-step: the next command is answered after the one before it. */
export class Pop3Conversation implements Talk {
  readonly #socket: Duplex
  readonly #parts: Pop3ConversationParts
  readonly #machine: Pop3Machine
  readonly #lines = new CommandLines()
  readonly #deadline: ProgressDeadline
  readonly #commandPace: CommandPace
  readonly #finished = Promise.withResolvers<ConversationEnd>()
  #isBusy = false
  #hasSpoken = false
  #isStopping = false
  #isOver = false
  #badCommands = 0

  constructor(socket: Duplex, parts: Pop3ConversationParts) {
    this.#socket = socket
    this.#parts = parts
    this.#machine = new Pop3Machine(parts.desk, parts.isSecure)
    this.#commandPace = new CommandPace(parts.clock)
    this.#deadline = new ProgressDeadline(parts.clock, () => this.#tooSlow())
  }

  run(greets: boolean): Promise<ConversationEnd> {
    this.#socket
      .on('data', this.#hear)
      .on('end', this.#pump)
      .on('close', this.#close)
      .on('drain', this.#pump)
      .on('error', this.#note)
    this.#deadline.limit(idleMs)
    if (greets) this.#say([`+OK inkpost ${this.#parts.desk.stamp}`])
    return this.#finished.promise
  }

  stop(): void {
    this.#isStopping = true
    if (!this.#isBusy) this.#end(['-ERR Restarting, try again K4'])
  }

  quietSince(): number | undefined {
    return this.#isBusy ? undefined : this.#deadline.last
  }

  giveWay(): void {
    this.#end([`-ERR ${replies.tooManyConnections.text}`])
  }

  readonly #hear = (octets: Buffer): void => {
    if (this.#isOver) return
    this.#lines.add(octets)
    this.#pump()
  }

  readonly #close = (): void => {
    this.#isOver = true
    this.#leave('closed')
  }

  readonly #note = (error: Error): void => {
    this.#parts.transcript.note(`connection error: ${error.message}`)
  }

  readonly #pump = (): void => {
    while (!this.#isBusy && !this.#isOver && !this.#socket.writableNeedDrain && this.#step());
    if (this.#isOver) return
    // A client is not heard on that does not read its answers, or talks on while one is looked for.
    if (this.#socket.writableNeedDrain || this.#lines.length > mostWaiting) this.#socket.pause()
    else this.#socket.resume()
    if (this.#socket.readableEnded && !this.#isBusy) this.#end([])
  }

  /** False where nothing more can be done now. */
  #step(): boolean {
    if (!this.#hasSpoken && this.#isHello()) return false
    const next = this.#lines.next()
    switch (next.kind) {
      case 'none':
        return false
      case 'flood':
        this.#tooManyErrors()
        return false
      case 'too-long':
        this.#say(['-ERR Line too long'])
        return true
      case 'line':
        this.#hasSpoken = true
        this.#deadline.touch()
        this.#obeyInTime(next.line)
        return true
    }
  }

  #obeyInTime(line: string): void {
    const pace = this.#commandPace.next()
    switch (pace.kind) {
      case 'go':
        void this.#obey(line)
        return
      case 'wait':
        if (pace.isFirst) this.#parts.transcript.note('many commands: each is answered later now')
        this.#isBusy = true
        this.#parts.clock.after(pace.ms, () => {
          if (!this.#isOver) void this.#obey(line)
        })
        return
      case 'end':
        this.#parts.desk.refused(replies.tooManyCommands)
        this.#end([`-ERR ${replies.tooManyCommands.text}`])
    }
  }

  /** As on the SMTP ports: a ClientHello behind the banner is told from a command. */
  #isHello(): boolean {
    if (this.#parts.isSecure) return false
    const beginning = recogniseFirstOctets(this.#lines.peek() ?? Buffer.alloc(0))
    if (beginning !== 'tls' && beginning !== 'sslv2-hello') return false
    this.#parts.transcript.note('TLS began after the banner')
    this.#isOver = true
    this.#leave('tls-late')
    return true
  }

  async #obey(line: string): Promise<void> {
    this.#parts.transcript.device(line, false)
    this.#parts.desk.heard()
    this.#isBusy = true
    const answer = await this.#machine.command(line)
    this.#isBusy = false
    if (this.#isOver) return
    switch (answer.kind) {
      case 'stls':
        this.#startTls(answer.lines)
        return
      case 'bye':
        this.#end(answer.lines)
        return
      case 'error':
        this.#say(answer.lines)
        if (++this.#badCommands >= mostBadCommands) this.#tooManyErrors()
        break
      case 'ok':
        this.#say(answer.lines)
    }
    if (this.#isStopping) this.stop()
    else this.#pump()
  }

  /** RFC 2595 section 4: what came in clear behind STLS may be injected, and is dropped. */
  #startTls(lines: readonly string[]): void {
    this.#socket.pause()
    const injected = this.#lines.length + Buffer.concat(unread(this.#socket)).length
    if (injected > 0) this.#parts.transcript.note(`${injected} octets behind STLS dropped`)
    this.#say(lines)
    this.#isOver = true
    this.#leave('starttls')
  }

  #say(lines: readonly string[]): void {
    for (const line of lines) this.#parts.transcript.box(line)
    if (lines.length > 0) this.#socket.write(`${lines.join('\r\n')}\r\n`)
  }

  #tooManyErrors(): void {
    this.#parts.desk.happened({ kind: 'not-understood', what: 'command', protocol: undefined })
    this.#end(['-ERR Too many errors N3'])
  }

  #tooSlow(): void {
    this.#parts.desk.happened({ kind: 'timed-out' })
    this.#end(['-ERR Timed out N4'])
  }

  #end(lines: readonly string[]): void {
    if (this.#isOver) return
    this.#say(lines)
    this.#isOver = true
    lastWords(this.#socket, this.#parts.clock)
  }

  #leave(how: ConversationEnd): void {
    this.#deadline[Symbol.dispose]()
    this.#socket
      .off('data', this.#hear)
      .off('end', this.#pump)
      .off('close', this.#close)
      .off('drain', this.#pump)
    if (how !== 'starttls') this.#socket.off('error', this.#note).on('error', () => undefined)
    this.#finished.resolve(how)
  }
}
