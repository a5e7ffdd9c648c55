import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createCertificateAuthority } from '../../test/emulator/certificate-authority.ts'
import type { OpenedUrl } from '../update/ports.ts'
import { openUrlWith } from './update-source.ts'

const octets = Buffer.alloc(50_000, 'bundle')
let folder = ''
let server: Server
let caFile = ''

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-source-'))
  const authority = await createCertificateAuthority()
  const { keyPem, certificatePem } = await authority.issue({ names: ['localhost'] })
  caFile = await authority.writeCa(folder)
  server = createServer({ key: keyPem, cert: certificatePem }, answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
after(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  rmSync(folder, { recursive: true })
})

/** As servers of files do (RFC 9110 sections 13.1.5 and 14.2). */
function answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
  const etag = url === '/weak' ? 'W/"1"' : '"1"'
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  if (url === '/moved') return void response.writeHead(302, { location: '/file' }).end()
  if (url === '/gone') return void response.writeHead(404).end()
  if (url === '/busy') return void response.writeHead(503).end()
  if (from === 0 || headers['if-range'] !== etag)
    return void response.writeHead(200, { etag, 'content-length': octets.length }).end(octets)
  const range = `bytes ${from}-${octets.length - 1}/${octets.length}`
  response.writeHead(206, { etag, 'content-range': range }).end(octets.subarray(from))
}

const open = (path: string, offset = 0, etag = '', trusts = caFile): Promise<OpenedUrl> => {
  const { port } = server.address() as AddressInfo
  const { signal } = new AbortController()
  const wish = { url: `https://localhost:${port}${path}`, offset, etag, signal }
  return openUrlWith(() => ({ caFile: trusts, proxy: '' }))(wish)
}

async function bodyOf(opened: OpenedUrl): Promise<Buffer> {
  assert.ok(opened.kind === 'open', JSON.stringify(opened))
  return Buffer.concat(await Array.fromAsync(opened.body))
}

describe('the source of a bundle', () => {
  it('gives it whole, and from an octet on while it is the same file', async () => {
    const whole = await open('/file')
    assert.partialDeepStrictEqual(whole, { offset: 0, octets: octets.length, etag: '"1"' })
    assert.ok((await bodyOf(whole)).equals(octets))
    const rest = await open('/file', 20_000, '"1"')
    assert.partialDeepStrictEqual(rest, { offset: 20_000, octets: octets.length })
    assert.ok((await bodyOf(rest)).equals(octets.subarray(20_000)))
    const another = await open('/file', 20_000, '"0"')
    assert.partialDeepStrictEqual(another, { offset: 0 })
    await bodyOf(another)
  })

  it('knows a file again by a mark that promises its octets alone', async () => {
    const weak = await open('/weak')
    assert.partialDeepStrictEqual(weak, { etag: '' })
    await bodyOf(weak)
  })

  it('is not followed elsewhere, and says what is wrong', async () => {
    for (const [path, detail, mayPass] of [
      ['/moved', /answered 302: it sends elsewhere/, false],
      ['/gone', /answered 404: nothing is there/, false],
      ['/busy', /answered 503$/, true],
    ] as const) {
      const refused = await open(path)
      assert.ok(refused.kind === 'failed')
      assert.match(refused.detail, detail)
      assert.equal(refused.mayPass, mayPass)
    }
  })

  it('is verified', async () => {
    const refused = await open('/file', 0, '', '')
    assert.ok(refused.kind === 'failed')
    assert.match(refused.detail, /certificate/)
  })
})
