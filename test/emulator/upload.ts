// Reads a request body while counting it, without destroying the connection when it stops early.
import type { IncomingMessage } from 'node:http'

export type Upload =
  | { readonly kind: 'complete'; readonly body: Buffer }
  /** `stopAtBytes` have come; the rest is unread. */
  | { readonly kind: 'stopped' }
  /** More than `maxBytes` are announced or have come; the rest is unread. */
  | { readonly kind: 'too-large' }
  /** The client went away. */
  | { readonly kind: 'broken' }

export interface UploadLimits {
  readonly maxBytes: number
  readonly stopAtBytes?: number
  readonly onBytes?: (total: number) => void
}

export async function receive(request: IncomingMessage, limits: UploadLimits): Promise<Upload> {
  const stopAt = limits.stopAtBytes ?? Number.POSITIVE_INFINITY
  if (stopAt <= 0) return { kind: 'stopped' }
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) return { kind: 'too-large' }
  const chunks: Buffer[] = []
  let total = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('a request body must arrive as bytes')
      total += chunk.length
      limits.onBytes?.(total)
      if (total >= stopAt) return { kind: 'stopped' }
      if (total > limits.maxBytes) return { kind: 'too-large' }
      chunks.push(chunk)
    }
  } catch (error) {
    if (request.destroyed && !request.complete) return { kind: 'broken' }
    throw error
  }
  return { kind: 'complete', body: Buffer.concat(chunks, total) }
}
