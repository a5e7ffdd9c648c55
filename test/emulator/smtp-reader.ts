// Cuts the byte stream of an SMTP connection into command lines and message content (RFC 5321 sections 2.3.8
// and 4.1.1.4). Only CRLF.CRLF ends content: a bare LF is content, to be looked at later.
import type { Readable } from 'node:stream'

const crlf = Buffer.from('\r\n')
const endOfContent = Buffer.from('\r\n.\r\n')
/** RFC 4954 section 4: the longest line that AUTH may need. */
const longestLineOctets = 12_288

export type LineRead =
  /** Without its line end. */
  | { readonly kind: 'line'; readonly text: string; readonly isBareLf: boolean }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'end' }

export type ContentRead =
  /** Still dot-stuffed; ends with CRLF unless empty; the final dot is not part of it. */
  | { readonly kind: 'content'; readonly stuffed: Buffer }
  /** `stopAtOctets` have come. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'end' }

export interface SmtpReader {
  line(): Promise<LineRead>
  content(stopAtOctets?: number): Promise<ContentRead>
  /** Exactly that many (RFC 3030); `undefined` when the client went away before. */
  octets(count: number): Promise<Buffer | undefined>
  /** Octets that came beyond what was read. */
  readonly bufferedOctets: number
  /** Stops reading this socket, throws away what is buffered and returns how much that was. */
  detach(): number
}

export function createSmtpReader(socket: Readable): SmtpReader {
  let chunks: Buffer[] = []
  let isEnded = false
  let wake = (): void => undefined

  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    wake()
  }
  const onEnd = (): void => {
    isEnded = true
    wake()
  }
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('close', onEnd)

  async function more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await promise
  }

  function joined(): Buffer {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
    return chunks[0] ?? Buffer.alloc(0)
  }

  function keep(rest: Buffer): void {
    chunks = rest.length > 0 ? [rest] : []
  }

  async function line(): Promise<LineRead> {
    for (;;) {
      const buffer = joined()
      const end = buffer.indexOf('\n')
      if (end === -1 && buffer.length <= longestLineOctets) {
        if (isEnded) return { kind: 'end' }
        await more()
        continue
      }
      keep(end === -1 ? Buffer.alloc(0) : buffer.subarray(end + 1))
      if (end === -1 || end > longestLineOctets) return { kind: 'too-long' }
      const isBareLf = buffer[end - 1] !== 0x0d
      return { kind: 'line', text: buffer.toString('utf8', 0, isBareLf ? end : end - 1), isBareLf }
    }
  }

  async function content(stopAtOctets = Number.POSITIVE_INFINITY): Promise<ContentRead> {
    // The CRLF of the DATA command counts as the one before a first dot. Whole chunks are collected and only
    // the seam between two is searched again, so that a large message is not copied once per chunk.
    const collected: Buffer[] = [crlf]
    let octets = 0
    let tail = crlf
    for (;;) {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        const window = Buffer.concat([tail, chunk])
        const end = window.indexOf(endOfContent)
        if (end !== -1) {
          const used = end + endOfContent.length - tail.length
          keep(Buffer.concat([chunk.subarray(used), ...chunks]))
          collected.push(chunk.subarray(0, used))
          const whole = Buffer.concat(collected)
          return { kind: 'content', stuffed: whole.subarray(crlf.length, whole.length - '.\r\n'.length) }
        }
        collected.push(chunk)
        octets += chunk.length
        if (octets >= stopAtOctets) return { kind: 'stopped' }
        tail = Buffer.from(window.subarray(-(endOfContent.length - 1)))
      }
      if (isEnded) return { kind: 'end' }
      await more()
    }
  }

  async function octets(count: number): Promise<Buffer | undefined> {
    while (chunks.reduce((sum, chunk) => sum + chunk.length, 0) < count) {
      if (isEnded) return undefined
      await more()
    }
    const buffer = joined()
    keep(buffer.subarray(count))
    return buffer.subarray(0, count)
  }

  function detach(): number {
    const dropped = joined().length
    chunks = []
    socket.off('data', onData)
    socket.off('end', onEnd)
    socket.off('close', onEnd)
    return dropped
  }

  return {
    line,
    content,
    octets,
    get bufferedOctets() {
      return joined().length
    },
    detach,
  }
}
