// Java 17 as the device, with its own TLS and with Bouncy Castle's: protocol by protocol, suite by suite, 1 MB each.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '../gateway-process.ts'
import type { Rig } from '../submission/rig.ts'
import { JavaDevice, type JavaJob } from './java-device.ts'
import { bigMail, bodyOf, lastTls, mailFile, notesOf, openVintageRig } from './vintage-rig.ts'

const protocols = { SSLv3: 'SSLv3', TLSv1: 'TLSv1', 'TLSv1.1': 'TLSv1.1', 'TLSv1.2': 'TLSv1.2' } as const
const suites = {
  'RC4-MD5': 'SSL_RSA_WITH_RC4_128_MD5',
  'RC4-SHA': 'SSL_RSA_WITH_RC4_128_SHA',
  'DES-CBC3-SHA': 'SSL_RSA_WITH_3DES_EDE_CBC_SHA',
  'AES128-SHA': 'TLS_RSA_WITH_AES_128_CBC_SHA',
  'AES256-SHA': 'TLS_RSA_WITH_AES_256_CBC_SHA',
} as const
const allSuites = Object.values(suites)

describe('Java as a device', () => {
  const mail = bigMail()
  let folder: ReturnType<typeof temporaryFolder>
  let java: JavaDevice
  let rig: Rig
  before(async () => {
    folder = temporaryFolder()
    java = new JavaDevice(mailFile(folder.path, mail))
    rig = await openVintageRig()
  })
  after(async () => {
    java[Symbol.dispose]()
    await rig[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const submit = (job: Omit<JavaJob, 'port'>) =>
    java.submit({ ...job, port: rig.port(job.mode === 'implicit' ? 'submissions' : 'submission') })

  async function arrives(job: Omit<JavaJob, 'port'>): Promise<string> {
    const count = rig.spool.spooled.length
    const said = await submit(job)
    assert.match(said, /^OK /)
    const content = rig.spool.spooled[count]?.content
    assert.ok(content && bodyOf(content).equals(bodyOf(mail)), `not the same octets after ${said}`)
    return said
  }

  for (const [name, protocol] of Object.entries(protocols)) {
    for (const [suite, javaSuite] of Object.entries(suites)) {
      it(`${name} ${suite}`, async () => {
        for (const mode of ['implicit', 'starttls'] as const) {
          const said = await arrives({ mode, protocols: [protocol], suites: [javaSuite] })
          const isNative = protocol !== 'SSLv3' && suite.startsWith('AES')
          const tls = protocol === 'TLSv1.2' && isNative ? '2048 SHA256withRSA' : '2048 SHA1withRSA'
          assert.match(said, new RegExp(`^OK ${name.replace('.', '\\.')} ${javaSuite} ${tls}`))
          assert.equal(lastTls(rig), `${name} ${suite}${isNative ? '' : ' (weak)'}`)
        }
      })
    }
  }

  for (const protocol of ['SSLv3', 'TLSv10', 'TLSv11', 'TLSv12'] as const) {
    it(`Bouncy Castle: ${protocol} 3DES and AES`, async () => {
      for (const [suite, name] of [
        ['000A', 'DES-CBC3-SHA'],
        ['0035', 'AES256-SHA'],
      ] as const)
        for (const mode of ['implicit', 'starttls'] as const) {
          await arrives({ engine: 'bc', mode, protocols: [protocol], suites: [suite] })
          assert.match(lastTls(rig), new RegExp(` ${name}`))
        }
    })
  }

  for (const [with2, best] of [
    [['SSLv2Hello', 'SSLv3'], 'SSLv3 AES128-SHA (weak)'],
    [['SSLv2Hello', 'SSLv3', 'TLSv1'], 'TLSv1 AES128-SHA'],
  ] as const) {
    it(`an SSLv2-format hello for ${best}`, async () => {
      for (const mode of ['implicit', 'starttls'] as const) {
        await arrives({ mode, protocols: with2, suites: allSuites })
        assert.equal(lastTls(rig), best)
      }
    })
  }

  it('an SSLv2-format hello without AES', async () => {
    const old = [suites['RC4-MD5'], suites['DES-CBC3-SHA']]
    await arrives({ mode: 'implicit', protocols: ['SSLv2Hello', 'SSLv3', 'TLSv1'], suites: old })
    assert.equal(lastTls(rig), 'TLSv1 DES-CBC3-SHA (weak)')
  })

  it('is shown a 1024-bit certificate where its setup says so', async () => {
    const small = { from: '127.0.0.3', mode: 'implicit' } as const
    for (const [protocol, suite] of [
      ['SSLv3', 'RC4-SHA'],
      ['TLSv1', 'AES128-SHA'],
      ['TLSv1.2', 'AES128-SHA'],
    ] as const) {
      const said = await arrives({ ...small, protocols: [protocol], suites: [suites[suite]] })
      assert.match(said, / 1024 SHA1withRSA$/)
    }
  })

  it('gets modern TLS wherever it can do it, listed or not', async () => {
    for (const from of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) {
      const offer = { from, mode: 'starttls', protocols: ['SSLv3', 'TLSv1', 'TLSv1.2', 'TLSv1.3'] } as const
      const said = await arrives({ ...offer, suites: ['TLS_AES_128_GCM_SHA256', ...allSuites] })
      assert.equal(said, 'OK TLSv1.3 TLS_AES_128_GCM_SHA256 2048 SHA256withRSA')
      assert.equal(lastTls(rig), 'TLSv1.3 TLS_AES_128_GCM_SHA256')
    }
  })

  it('gets nothing vintage where it is not listed for it', async () => {
    const from = '127.0.0.2'
    const refused = [
      { protocols: ['SSLv3'], suites: allSuites },
      { protocols: ['TLSv1'], suites: [suites['RC4-SHA']] },
      { protocols: ['TLSv1.2'], suites: [suites['DES-CBC3-SHA']] },
      { protocols: ['SSLv2Hello', 'SSLv3'], suites: allSuites },
    ]
    for (const offer of refused) {
      assert.match(await submit({ from, mode: 'implicit', ...offer }), /^FAIL .*handshake_failure/)
    }
    const notes = notesOf(rig)
    for (const why of ['it knows SSL 3.0 only', 'it offers no AES suite'])
      assert.ok(notes.includes(`TLS refused: ${why}: tls = "vintage" would take it`), notes.join('\n'))
  })
})
