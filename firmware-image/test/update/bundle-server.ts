import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import type { Identity } from '../../../test/emulator/certificate-authority.ts'

/** The files of a folder as any HTTPS server hands them out: by ranges, each with a mark by which it is known again. */
export async function startBundleServer(
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
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
