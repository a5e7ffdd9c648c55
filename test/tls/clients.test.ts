// NSS, GnuTLS and OpenSSL 3 as devices: what each of them can still speak, 1 MB each.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { VintageSocket } from '../../src/submission/edge/vintage/vintage-socket.ts'
import { oldIdentity } from '../submission/old-identities.ts'
import type { Rig } from '../submission/rig.ts'
import { gnutls, nss, openssl, type Program, speak } from './spoken.ts'
import { startTlsRelay } from './starttls-relay.ts'
import { bigMail, bodyOf, lastTls, notesOf, openVintageRig } from './vintage-rig.ts'

const modes = ['implicit', 'starttls'] as const
const names = { SSLv3: 'ssl3', TLSv1: 'tls1.0', 'TLSv1.1': 'tls1.1', 'TLSv1.2': 'tls1.2' } as const
const nssSuites = {
  'RC4-MD5': '0004',
  'RC4-SHA': '0005',
  'DES-CBC3-SHA': '000A',
  'AES256-SHA': '0035',
} as const
const gnutlsSuites = {
  'RC4-MD5': 'ARCFOUR-128:+MD5',
  'RC4-SHA': 'ARCFOUR-128:+SHA1',
  'DES-CBC3-SHA': '3DES-CBC:+SHA1',
} as const

/** What a client is said to have used, and the client. */
type Cell = readonly [tls: string, client: (port: (mode: 'implicit' | 'starttls') => number) => Program]

const nssCells: readonly Cell[] = Object.entries(names).flatMap(([protocol, name]) =>
  Object.entries(nssSuites).map(([suite, id]): Cell => {
    const isNative = protocol !== 'SSLv3' && suite.startsWith('AES')
    return [`${protocol} ${suite}${isNative ? '' : ' (weak)'}`, (port) => nss(port('implicit'), name, id)]
  }),
)

const gnutlsCells: readonly Cell[] = (['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const).flatMap((protocol) =>
  Object.entries(gnutlsSuites).flatMap(([suite, cipher]) =>
    modes.map((mode): Cell => {
      const version = protocol === 'TLSv1' ? 'TLS1.0' : protocol.replace('v', '')
      return [`${protocol} ${suite} (weak)`, (port) => gnutls(port(mode), mode, version, cipher)]
    }),
  ),
)
const opensslCells: readonly Cell[] = (['tls1', 'tls1_1', 'tls1_2'] as const).flatMap((flag) =>
  modes.map((mode): Cell => {
    const protocol = flag.replace('tls', 'TLSv').replace('_', '.')
    return [`${protocol} AES128-SHA`, (port) => openssl(port(mode), mode, flag, 'AES128-SHA')]
  }),
)

describe('clients of others', () => {
  const mail = bigMail()
  let rig: Rig
  before(async () => {
    rig = await openVintageRig()
  })
  after(() => rig[Symbol.asyncDispose]())
  const port = (mode: 'implicit' | 'starttls'): number =>
    rig.port(mode === 'implicit' ? 'submissions' : 'submission')

  for (const [library, cells] of [
    ['NSS', nssCells],
    ['GnuTLS', gnutlsCells],
    ['OpenSSL', opensslCells],
  ] as const) {
    it(`${library}: 1 MB arrives as it was sent`, async () => {
      for (const [tls, client] of cells) {
        const count = rig.spool.spooled.length
        const said = await speak(client(port), mail)
        const content = rig.spool.spooled[count]?.content
        assert.ok(content && bodyOf(content).equals(bodyOf(mail)), `${library} ${tls}: ${said.slice(-300)}`)
        assert.equal(lastTls(rig), tls)
      }
    })
  }

  it('NSS behind STARTTLS: 1 MB arrives as it was sent', async () => {
    await using relay = await startTlsRelay(port('starttls'))
    for (const [tls, client] of nssCells) {
      const count = rig.spool.spooled.length
      const said = await speak(
        client(() => relay.port),
        mail,
      )
      const content = rig.spool.spooled[count]?.content
      assert.ok(content && bodyOf(content).equals(bodyOf(mail)), `NSS ${tls}: ${said.slice(-300)}`)
      assert.equal(lastTls(rig), tls)
    }
  })

  it('is not taken in by a fallback (RFC 7507)', async () => {
    const client = gnutls(port('implicit'), 'implicit', 'TLS1.0', '3DES-CBC:+SHA1', ':%FALLBACK_SCSV')
    assert.match(await speak(client, mail), /Received alert \[86\]: Inappropriate fallback/)
    assert.ok(notesOf(rig).includes('TLS failed: it fell back from a better version'))
  })
})

/** Through the gateway AES is OpenSSL's from TLS 1.0 on; the engine can do it too, and this is who says so. */
describe('the vintage engine alone, AES, by OpenSSL', () => {
  for (const flag of ['tls1', 'tls1_1', 'tls1_2'] as const) {
    for (const cipher of ['AES128-SHA', 'AES256-SHA']) {
      it(`${flag} ${cipher}`, async () => {
        const identity = await oldIdentity('vintage')
        const clock = systemClock(wallMs(0))
        const heard: Buffer[] = []
        const server = createServer((raw) => {
          const secured = new VintageSocket(raw, { identity, clock, volume: 1e9 })
          secured
            .on('error', () => undefined)
            .on('data', (octets: Buffer) => {
              heard.push(octets)
              if (Buffer.concat(heard).includes('\r\nQUIT\r\n')) secured.end('221 Bye\r\n')
            })
        }).listen(0, '127.0.0.1')
        await once(server, 'listening')
        const bound = server.address()
        const at = typeof bound === 'object' ? (bound?.port ?? 0) : 0
        const mail = bigMail()
        assert.match(await speak(openssl(at, 'implicit', flag, cipher), mail), /^221 Bye/m)
        server.close()
        assert.ok(Buffer.concat(heard).includes(bodyOf(mail)))
      })
    }
  }
})
