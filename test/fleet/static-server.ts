// What an administrator of a fleet has: a web server that serves a folder, and a program that takes what boxes tell.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'

export interface Asked {
  readonly path: string
  readonly status: number
}

/** Serves `published`, and keeps what is posted as `statuses/NAME.json`. */
export class StaticServer implements AsyncDisposable {
  readonly asked: Asked[] = []
  readonly told: string[] = []
  readonly caFile: string
  readonly url: string
  readonly #close: () => Promise<void>

  private constructor(caFile: string, url: string, close: () => Promise<void>) {
    this.caFile = caFile
    this.url = url
    this.#close = close
  }

  static async start(folder: string): Promise<StaticServer> {
    const authority = await createCertificateAuthority()
    const identity = await authority.issue({ names: ['localhost'] })
    const caFile = await authority.writeCa(folder)
    let site: StaticServer | undefined
    const server = createServer(
      { key: identity.keyPem, cert: identity.certificatePem },
      (request, response) => {
        void site?.answer(folder, request, response)
      },
    )
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    site = new StaticServer(caFile, url, async () => {
      server.closeAllConnections()
      server.close()
    })
    return site
  }

  private async answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (request.method === 'POST') return this.keep(folder, request, response)
    const file = join(folder, 'published', path)
    const text = existsSync(file) ? readFileSync(file) : undefined
    const tag = `"${createHash('sha256')
      .update(text ?? '')
      .digest('hex')}"`
    const isSame = request.headers['if-none-match'] === tag
    const status = text === undefined ? 404 : isSame ? 304 : 200
    this.asked.push({ path, status })
    response.writeHead(status, { etag: tag })
    response.end(status === 200 ? text : undefined)
  }

  private async keep(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(request)).toString()
    this.told.push(text)
    const { payload } = JSON.parse(text)
    const { name } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    mkdirSync(join(folder, 'statuses'), { recursive: true })
    writeFileSync(join(folder, 'statuses', `${name}.json`), text)
    response.writeHead(204).end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}
