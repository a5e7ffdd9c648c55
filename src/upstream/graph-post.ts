import type { IncomingMessage } from 'node:http'
import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { base64Size, encodeBase64 } from '../message/base64-encoding.ts'
import { assertedContent, ContentChanged } from './asserted-content.ts'
import { abortTrouble, type NetworkTrouble, networkTroubleOf } from './network-trouble.ts'
import type { SmtpParcel } from './smtp-parcel.ts'
import { Upload } from './upload.ts'

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
  using upload = new Upload(encodeBase64(assertedContent(post.parcel, signal)))
  const request = httpsRequest(post.url, optionsOf(post, signal))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.on('error', reject)
  })
  // What breaks the upload breaks the request, or stands in `failure`.
  const uploaded = pipeline(upload.stream, request).catch(() => undefined)
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
