import { createHmac } from 'node:crypto'
import type { WallMs } from '../core/time.ts'

export interface RequestToSign {
  readonly method: string
  readonly url: string
  /** Base64 SHA-256 of the body's octets. */
  readonly contentSha256: string
  /** The service's time as far as we know it: up to 5 minutes off is taken. */
  readonly at: WallMs
}

/** Base64 SHA-256 of no octets: what a GET signs. */
export const emptyContentSha256 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/**
 * The headers that prove possession of a base64 access key
 * (https://learn.microsoft.com/rest/api/communication/authentication).
 */
export function signatureHeaders(request: RequestToSign, key: string): Readonly<Record<string, string>> {
  const url = new URL(request.url)
  const date = new Date(request.at).toUTCString()
  const stringToSign = [
    request.method.toUpperCase(),
    `${url.pathname}${url.search}`,
    `${date};${url.host};${request.contentSha256}`,
  ].join('\n')
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(stringToSign).digest('base64')
  return {
    host: url.host,
    'x-ms-date': date,
    'x-ms-content-sha256': request.contentSha256,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  }
}
