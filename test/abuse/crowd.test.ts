// A crowd that means ill keeps no device out: the built gateway, its limits as they are.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SessionRecord } from '../../src/core/spool.ts'
import { median } from '../bench/limits.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { scanMessage } from '../scan-message.ts'
import { Peer } from '../submission/peer.ts'

const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
username = "scan1"
password = "1234"
addresses = ["127.0.0.0/16"]
max_per_hour = 10000
[[upstream]]
name = "kept"
kind = "outbox"
`
const rounds = 9
/** A machine with two busy cores: below this nobody at a panel sees a difference. */
const usualAtLeastMs = 200
const signIn = `AUTH PLAIN ${Buffer.from('\0scan1\u00001234').toString('base64')}`
const { content } = scanMessage({ octets: 150_000, fileName: 'scan.pdf' })

/** One mail as the panel sees it, from the connection to the 250, in ms. */
async function submit(connect: () => Peer): Promise<number> {
  const began = performance.now()
  using peer = connect()
  assert.match(await peer.line(), /^220 /)
  assert.match(await peer.ask('EHLO scanner'), /^250/)
  assert.equal(await peer.ask(signIn), '235 2.7.0 Authentication successful')
  assert.equal(await peer.ask('MAIL FROM:<scanner@contoso.com>'), '250 2.1.0 Ok')
  assert.equal(await peer.ask('RCPT TO:<anna@contoso.com>'), '250 2.1.5 Ok')
  assert.match(await peer.ask('DATA'), /^354 /)
  peer.says(content)
  assert.match(await peer.ask('\r\n.'), /^250 2\.0\.0 Ok /)
  return performance.now() - began
}

async function usualTime(connect: () => Peer): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await submit(connect))
  return median(times)
}

describe('a thousand slow connections and 200 broken handshakes a second', { timeout: 120_000 }, () => {
  let folder: ReturnType<typeof temporaryFolder>
  let gateway: GatewayProcess
  before(async () => {
    folder = temporaryFolder()
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('keep no device out, in clear or by TLS, and cost it no more than its usual time again', async (t) => {
    const devices = {
      'in clear': () => Peer.connect(gateway.port('plain')),
      'by TLS': () => Peer.connectTls(gateway.port('submissions')),
    }
    const usual = new Map<string, number>()
    for (const [name, connect] of Object.entries(devices)) usual.set(name, await usualTime(connect))
    const ports = [gateway.port('plain'), gateway.port('submissions')].map(String)
    const script = join(import.meta.dirname, 'crowd-client.ts')
    const attackers = spawn(process.execPath, ['--no-warnings', script, ...ports], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(attackers.stdout, 'data')
      for (const [name, connect] of Object.entries(devices)) {
        const alone = usual.get(name) ?? 0
        const crowded = await usualTime(connect)
        t.diagnostic(`${name}: ${Math.round(alone)} ms alone, ${Math.round(crowded)} ms in the crowd`)
        assert.ok(crowded <= 2 * Math.max(alone, usualAtLeastMs), `${name}: ${alone} ms, then ${crowded} ms`)
      }
      // The crowd was there, and met the limits.
      await until('a silent connection gave way', async () =>
        notes().some((text) => text.startsWith('silent:')),
      )
      await until('a handshake waited', async () =>
        notes().some((text) => text.startsWith('many handshakes')),
      )
    } finally {
      attackers.kill('SIGKILL')
    }
  })

  const notes = (): readonly string[] =>
    (gateway.ask('sessions', '--limit', '500') as readonly SessionRecord[]).flatMap(({ lines }) =>
      lines.filter(({ from }) => from === 'note').map(({ text }) => text),
    )
})
