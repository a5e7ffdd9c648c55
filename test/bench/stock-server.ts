// A server of the stock measurements in a process of its own: `bare` is smtp-server as it comes, draining DATA; `stock` is
// smtp-server that does with DATA what the house needs of every mail, its SHA-256 and its part index; `edge` our submission
// room with a spool that keeps nothing. Says its ports, then its CPU seconds whenever it is asked.
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer } from 'smtp-server'
import { contentOf } from '../../src/core/content.ts'
import type { Reception } from '../../src/core/spool.ts'
import { PartScanner } from '../../src/message/part-scanner.ts'
import { oldIdentity } from '../submission/old-identities.ts'
import { Rig } from '../submission/rig.ts'
import { device, listener, setup } from '../submission/setup.ts'
import { SpoolDouble } from '../submission/spool-double.ts'

export interface StockPorts {
  readonly plain: number
  readonly tls: number
}

/** Keeps nothing: what is measured is the way there. */
class KeepsNothing extends SpoolDouble {
  override receive(id: Parameters<SpoolDouble['receive']>[0]): Reception {
    return {
      id,
      write: () => Promise.resolve(),
      content: () => contentOf(new Uint8Array()),
      publish: () => Promise.resolve({ kind: 'stored' }),
      abandon: () => Promise.resolve(),
    }
  }
}

async function edge(): Promise<StockPorts> {
  const rig = await Rig.open({
    spool: new KeepsNothing(),
    setup: setup({
      listeners: [listener('plain', { security: 'plain' }), listener('tls', { security: 'implicit' })],
      devices: [device('Scanner', { addresses: ['127.0.0.1'], maxPerHour: 1e6 })],
    }),
  })
  return { plain: rig.port('plain'), tls: rig.port('tls') }
}

type Drain = (stream: Readable, done: () => void) => void

const bare: Drain = (stream, done) => void stream.on('end', done).resume()

const indexed: Drain = (stream, done) => {
  const digest = createHash('sha256')
  const scanner = new PartScanner()
  stream.on('data', (octets: Buffer) => {
    digest.update(octets)
    scanner.feed(octets)
  })
  stream.on('end', () => {
    digest.digest()
    scanner.finish()
    done()
  })
}

/** The certificate that our edge shows to old TLS, and its ciphers. */
async function stock(drain: Drain): Promise<StockPorts> {
  const { keyPem, certificatePem } = await oldIdentity('sha1')
  const tls = { key: keyPem, cert: certificatePem, minVersion: 'TLSv1', honorCipherOrder: true } as const
  const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0'
  return { plain: await listen({}, drain), tls: await listen({ ...tls, ciphers, secure: true }, drain) }
}

async function listen(options: ConstructorParameters<typeof SMTPServer>[0], drain: Drain): Promise<number> {
  const server = new SMTPServer({
    ...options,
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      drain(stream, () => done())
    },
  })
  const bound = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => bound.once('listening', resolve))
  return (bound.address() as AddressInfo).port
}

const servers: Readonly<Record<string, () => Promise<StockPorts>>> = {
  edge,
  stock: () => stock(indexed),
  bare: () => stock(bare),
}
const start = servers[process.argv[2] ?? '']
if (start) {
  const ports = await start()
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1e6)
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(ports)
}
