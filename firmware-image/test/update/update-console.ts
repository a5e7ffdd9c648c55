// Somebody at the Update page of a booted box, who has patience: a box that restarts, or is slow, is asked again.
import { openSync, readSync, statSync } from 'node:fs'
import type { StickBundle } from '../../../src/core/machine-update.ts'
import type { UpdateSheet, UpdateState } from '../../../src/core/update-operations.ts'
import type { Told, Visitor } from '../../../test/console/visitor.ts'
import { consoleOf, operator } from '../claimed-box.ts'
import type { VirtualBox } from '../virtual-box.ts'

type Kind = UpdateState['kind']
const pieceOctets = 4_000_000
const minuteMs = 60_000
const patienceMs = 2 * minuteMs

export class UpdateConsole {
  readonly #box: VirtualBox
  readonly #visitor: Visitor

  private constructor(box: VirtualBox, visitor: Visitor) {
    this.#box = box
    this.#visitor = visitor
  }

  /** Of a box whose gateway is ready; that somebody may have to claim first. */
  static async open(box: VirtualBox, claimCode?: string): Promise<UpdateConsole> {
    const visitor = await consoleOf(box)
    const { status } =
      claimCode === undefined
        ? await visitor.signIn(operator.name, operator.password)
        : await visitor.ask('POST', '/claim', { code: claimCode, ...operator })
    if (status !== 200) throw new Error(`the console answered ${status} to its operator`)
    return new UpdateConsole(box, visitor)
  }

  /** Rejects where it is refused. */
  async order(path: string, body: object = {}): Promise<void> {
    const told = await this.#send('POST', path, JSON.stringify(body))
    if (told.status !== 200) throw new Error(`${path}: ${told.status} ${told.body}`)
  }

  async get<T>(path: string): Promise<T> {
    const told = await this.#send('GET', path)
    if (told.status !== 200) throw new Error(`${path}: ${told.status} ${told.body}`)
    return JSON.parse(told.body)
  }

  /** From a stick, by the name of the file. Empty, or why it is not taken. */
  async fromStick(file: string): Promise<string> {
    const { bundles } = await this.get<{ readonly bundles: readonly StickBundle[] }>('/update/sticks')
    const found = bundles.find((each) => each.file === file)
    if (found === undefined) return `of ${JSON.stringify(bundles)} none is ${file}`
    return await this.#fetched({ stick: `${found.storage}/${file}` })
  }

  /** Empty, or why it is not taken. */
  fromAddress = (url: string): Promise<string> => this.#fetched({ url })

  async #fetched(from: object): Promise<string> {
    await this.order('/update/fetch', from)
    const { state } = await this.comesTo(['verified', 'failed'])
    return state.kind === 'failed' ? state.sentence : ''
  }

  /** As the page does it, piece by piece. Empty, or why it is not taken. */
  async upload(file: string): Promise<string> {
    const { size } = statSync(file)
    const begun = await this.#send('POST', '/update/upload', JSON.stringify({ octets: size }))
    const source = openSync(file, 'r')
    for (let told = begun; ; ) {
      const { offset, error = '' } = JSON.parse(told.body) as { offset?: number; error?: string }
      if (offset === undefined) return error || told.body
      if (offset === size) return ''
      const piece = Buffer.alloc(Math.min(pieceOctets, size - offset))
      readSync(source, piece, 0, piece.length, offset)
      told = await this.#send('POST', `/update/upload/${offset}`, piece)
    }
  }

  /** Once it has come to one of these, through whatever restarts; a session that a restart ended is begun anew. */
  async comesTo(kinds: readonly Kind[], longestMs = 30 * minuteMs): Promise<UpdateSheet> {
    return await this.until(({ state }) => kinds.includes(state.kind), kinds.join(' or '), longestMs)
  }

  async until(
    isSo: (sheet: UpdateSheet) => boolean,
    what: string,
    longestMs = 30 * minuteMs,
  ): Promise<UpdateSheet> {
    const latest = performance.now() + longestMs
    let last = 'nothing'
    while (performance.now() < latest) {
      // A machine that starts anew forgets its connections, and tells nobody.
      const told = await Promise.race([
        this.#send('GET', '/update').catch(() => undefined),
        pause(patienceMs),
      ])
      if (told?.status === 200) {
        const sheet = JSON.parse(told.body) as UpdateSheet
        last = told.body
        if (isSo(sheet)) return sheet
      } else if (told?.status === 401) await Promise.race([this.#signIn(), pause(patienceMs)])
      await this.#box.whileRunning(pause(3000))
    }
    throw new Error(`it did not come to ${what}: ${last}`)
  }

  async #signIn(): Promise<void> {
    await this.#visitor.signIn(operator.name, operator.password).catch(() => undefined)
  }

  #send(method: string, path: string, body?: string | Uint8Array): Promise<Told> {
    const type = typeof body === 'object' ? { 'content-type': 'application/octet-stream' } : {}
    return this.#box.whileRunning(this.#visitor.send(method, `/api/v1${path}`, body, type))
  }
}

const pause = (ms: number): Promise<undefined> => new Promise((over) => setTimeout(over, ms, undefined))
