import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:https'
import { basename, join } from 'node:path'
import type { Identity } from '../../../test/emulator/certificate-authority.ts'
import { onLoopback } from '../../../test/on-loopback.ts'

/** The files of a folder as any HTTPS server hands them out: by ranges, each with a mark by which it is known again. */
export function startBundleServer(
  folder: string,
  { keyPem, certificatePem }: Identity,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer({ key: keyPem, cert: certificatePem }, (request, response) => {
    const file = join(folder, basename(request.url ?? ''))
    const size = statSync(file, { throwIfNoEntry: false })?.size
    if (size === undefined) return void response.writeHead(404).end()
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(start === 0 ? 200 : 206, {
      etag: `"${size}"`,
      'content-length': size - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
    })
    createReadStream(file, { start }).pipe(response)
  })
  return onLoopback(server)
}
