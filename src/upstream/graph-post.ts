import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { base64Size, encodeBase64 } from '../message/base64-encoding.ts'
import { noteStreamed } from '../platform/idle-memory.ts'
import { abortTrouble, type NetworkTrouble, networkTroubleOf } from './network-trouble.ts'
import type { SmtpParcel } from './smtp-parcel.ts'

export interface GraphPost {
  readonly url: string
  readonly token: string
  readonly clientRequestId: string
  readonly parcel: SmtpParcel
  readonly agent: Agent
}

/** What one POST showed on the wire. */
export type PostAnswer =
  | { readonly kind: 'reply'; readonly response: IncomingMessage; readonly body: string }
  /** `isBodySent`: the last octet was handed over, from there on the service may have taken the mail. */
  | { readonly kind: 'trouble'; readonly trouble: NetworkTrouble; readonly isBodySent: boolean }

/** More of a reply is not read: an error of Graph has less than one kilobyte. */
const largestReply = 65_536

/**
 * Hands a mail in once, its MIME in base64 (learn.microsoft.com/graph/outlook-send-mime-message), without retry or
 * redirect. The octets stream from the spool to the socket; the last of them leave only if all are those that were
 * prepared. Never rejects for trouble with the network; rejects if the content is not the one that was prepared.
 */
export async function postMime(post: GraphPost, signal: AbortSignal): Promise<PostAnswer> {
  const upload = new Upload(post.parcel, signal)
  const request = httpsRequest(post.url, optionsOf(post, signal))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.on('error', reject)
  })
  const source = Readable.from(upload.octets(), { objectMode: false, highWaterMark: largestPiece })
  // What breaks the upload breaks the request, or stands in `failure`.
  const uploaded = pipeline(source, request).catch(() => undefined)
  try {
    const response = await answered
    const body = await textOf(response)
    return { kind: 'reply', response, body }
  } catch (error) {
    if (upload.failure instanceof ContentChanged) throw upload.failure
    const trouble = abortTrouble(signal) ?? networkTroubleOf(upload.failure ?? error)
    return { kind: 'trouble', trouble, isBodySent: upload.isComplete }
  } finally {
    // An early answer leaves an upload that nobody reads any more.
    if (!request.writableFinished) request.destroy()
    await uploaded
  }
}

const largestPiece = 65_536

const optionsOf = (post: GraphPost, signal: AbortSignal): RequestOptions => ({
  method: 'POST',
  agent: post.agent,
  signal,
  headers: {
    authorization: `Bearer ${post.token}`,
    'content-type': 'text/plain',
    'content-length': base64Size(post.parcel.size),
    'client-request-id': post.clientRequestId,
    'return-client-request-id': 'true',
  },
})

class ContentChanged extends Error {}

class Upload {
  isComplete = false
  /** What broke the reading; the request that ends by it says 'socket hang up' only. */
  failure: unknown
  readonly #parcel: SmtpParcel
  readonly #signal: AbortSignal

  constructor(parcel: SmtpParcel, signal: AbortSignal) {
    this.#parcel = parcel
    this.#signal = signal
  }

  async *octets(): AsyncGenerator<Uint8Array, void, undefined> {
    let held: Uint8Array | undefined
    try {
      for await (const piece of encodeBase64(this.#asserted())) {
        if (held) yield held
        held = piece
      }
    } catch (error) {
      this.failure = error
      throw error
    }
    this.isComplete = true
    if (held) yield held
  }

  async *#asserted(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256')
    for await (const piece of this.#parcel.read(this.#signal)) {
      hash.update(piece)
      noteStreamed(piece.length)
      yield piece
    }
    if (hash.digest('hex') !== this.#parcel.sha256)
      throw new ContentChanged('the content is not the one that was prepared')
  }
}

/** The body as far as it came: the status was said, and a line that breaks behind it takes nothing back. */
async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of response) {
      if (!Buffer.isBuffer(piece)) break
      size += piece.length
      if (size > largestReply) break
      pieces.push(piece)
    }
  } catch {
    response.destroy()
  }
  return Buffer.concat(pieces).toString()
}
