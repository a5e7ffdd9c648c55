// Broken commands, broken hellos of today's stacks, broken dialogues on real sockets: whatever comes, no error escapes, no
// socket stays, and nothing is left in memory.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '../../src/core/clock.ts'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { readClientHello } from '../../src/submission/edge/client-hello.ts'
import { repairCommand } from '../../src/submission/edge/dialect.ts'
import { readAddressCommand } from '../../src/submission/edge/path.ts'
import { commandQuirks } from '../../src/submission/edge/quirks.ts'
import { below, mutated, noise, pick, seed } from '../mutations.ts'
import { helloOf } from '../submission/hello.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { device, listener, passwordOf, setup } from '../submission/setup.ts'
import { until } from '../submission/until.ts'

const isSoak = process.env['INKPOST_SOAK'] !== undefined
const commands = isSoak ? 300_000 : 20_000
const hellos = isSoak ? 300_000 : 10_000
const sessions = isSoak ? 20_000 : 600
const atOnce = 20
const sessionsOfRig = 300
/** What means something to SMTP. */
const telling = [0, 0x0a, 0x0d, 0x20, 0x22, 0x2e, 0x3a, 0x3c, 0x3e, 0x40, 0x5c, 0xc3] as const

const said: readonly [string, ...string[]] = [
  'EHLO scanner.contoso.com',
  'HELO',
  'MAIL FROM:<scanner@contoso.com> SIZE=1234 BODY=8BITMIME',
  'RCPT TO:<anna@contoso.com> NOTIFY=NEVER',
  'RCPT TO: "Anna, Front desk" <anna@contoso.com>',
  'AUTH PLAIN AHNjYW4xADEyMzQ=',
  'AUTH LOGIN',
  'VRFY anna',
  'NOOP',
  ...commandQuirks.map(({ says }) => says),
]

describe(`broken dialogues (INKPOST_SEED=${seed})`, () => {
  it(`${commands} commands: each is one command before and after its repair`, () => {
    const counts = { same: 0, repaired: 0, addresses: 0 }
    for (let n = 0; n < commands; n++) {
      const line = mutated(Buffer.from(pick(said)), telling)
        .toString('utf8')
        .replace(/\n.*$/s, '')
      const dialogue = { hasGreeted: below(2) === 0, hasSender: below(2) === 0 }
      const repaired = repairCommand(line, dialogue)
      counts[repaired ? 'repaired' : 'same']++
      for (const each of [...(repaired?.before ?? []), repaired?.line ?? line]) {
        assert.ok(!each.includes('\n'), JSON.stringify([line, each]))
        for (const verb of ['MAIL FROM', 'RCPT TO'] as const) {
          const read = readAddressCommand(verb, each)
          if (!read) continue
          counts.addresses++
          // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for.
          assert.doesNotMatch(read.path, /[\x00-\x1f\x7f]/, JSON.stringify(line))
        }
      }
    }
    for (const [kind, count] of Object.entries(counts)) assert.ok(count > commands / 100, `${count} ${kind}`)
  })

  it('commands of 8 KB: repaired in the time of short ones', () => {
    for (const { says } of commandQuirks) {
      for (const filler of [' ', '<', '>', '"', '\\', '@', '.', ':', 'a', '\t', '"\\', '<"', ' <', 'é']) {
        repairCommand(says + filler.repeat(8192 / filler.length), { hasGreeted: true, hasSender: true })
      }
    }
  })

  it(`${hellos} hellos: each is read, waited for or nonsense, and no part of one is one`, async () => {
    const whole = [
      await helloOf({ minVersion: 'TLSv1.3' }),
      await helloOf({ maxVersion: 'TLSv1.2', servername: 'box.local' }),
      await helloOf({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' }),
    ] as const
    for (const hello of whole) {
      assert.equal(readClientHello(hello).kind, 'hello')
      for (let length = 0; length < hello.length; length++) {
        assert.equal(readClientHello(hello.subarray(0, length)).kind, 'incomplete')
      }
    }
    const kinds = { hello: 0, incomplete: 0, nonsense: 0 }
    for (let n = 0; n < hellos; n++) kinds[readClientHello(mutated(pick(whole))).kind]++
    for (const [kind, count] of Object.entries(kinds)) assert.ok(count > hellos / 100, `${count} ${kind}`)
  })

  it(`${sessions} sessions: each comes to its end, and leaves nothing`, { timeout: 1_800_000 }, async (t) => {
    const hello = await helloOf({ maxVersion: 'TLSv1.2' })
    const ends = { accepted: 0, empty: 0 }
    let warm: number | undefined
    for (let left = sessions; left > 0; left -= sessionsOfRig) {
      const outcome = await playRig(Math.min(left, sessionsOfRig), hello)
      ends.accepted += outcome.accepted
      ends.empty += outcome.silent
      // Code is compiled and caches fill for a while.
      if (sessions - left + sessionsOfRig >= sessions / 4) warm ??= heapOctets()
    }
    const grown = heapOctets() - (warm ?? 0)
    t.diagnostic(
      `${sessions} sessions: ${ends.accepted} mails, ${ends.empty} heard nothing, heap ${Math.round(grown / 1024)} KiB`,
    )
    assert.ok(ends.accepted > sessions / 20 && ends.empty < sessions, JSON.stringify(ends))
    assert.ok(grown < 4e6, `${grown} octets of heap stayed`)
  })
})

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
function heapOctets(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Real time, but nobody waits for the answer to a wrong password. */
function impatientClock(): Clock {
  const clock = systemClock(wallMs(0))
  return {
    wall: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    isBelievable: () => clock.isBelievable(),
    after: (ms, callback) => clock.after(ms, callback),
    limit: (ms, callback) => clock.limit(ms, callback),
    sleep: () => Promise.resolve(),
  }
}

/** Sessions at a room of their own; how many mails it took, and how many clients heard nothing. */
async function playRig(count: number, hello: Buffer) {
  await using rig = await Rig.open({
    clock: impatientClock(),
    passwords: { [passwordOf('Scanner')]: '1234' },
    setup: setup({
      listeners: [listener('submission'), listener('submissions', { security: 'implicit' })],
      devices: [
        device('Scanner', { username: 'scan1', password: passwordOf('Scanner') }),
        device('Panel', { addresses: ['127.0.0.2'], maxPerHour: 1e6 }),
        device('Lax', { addresses: ['127.0.0.3'], maxPerHour: 1e6, dataEnd: 'lf' }),
      ],
    }),
  })
  let silent = 0
  for (let begun = 0; begun < count; begun += atOnce) {
    const heard = await Promise.all(Array.from({ length: atOnce }, () => playBroken(rig, hello)))
    silent += heard.filter((octets) => octets === 0).length
  }
  await until(() => rig.submission.openConnections() === 0)
  assert.equal(rig.memory.used, 0)
  assert.equal(rig.spool.open, 0)
  const faults = rig.log.filter(({ event }) => event.endsWith('-failed'))
  assert.deepEqual(faults, [])
  const accepted = rig.accepted.length
  using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
  await peer.play(
    'S: 220 *\nC: HELO a\nS: 250 *\nC: MAIL FROM:<a@b.test>\nS: 250 *\nC: RCPT TO:<x@y.test>\nS: 250 *\nC: DATA\nS: 354 *\nC: .\nS: 250 *',
  )
  return { accepted, silent }
}

/** One client that says its piece in pieces, then no more; how many octets it heard. Rejects where it is kept. */
function playBroken(rig: Rig, hello: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const port = rig.port(pick(['submission', 'submission', 'submissions']))
    const socket = connect({
      port,
      host: '127.0.0.1',
      localAddress: `127.0.0.${1 + below(3)}`,
      allowHalfOpen: true,
    })
    const octets = below(5) === 0 ? Buffer.concat([mutated(hello), noise(below(80))]) : brokenDialogue()
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error(`kept after ${JSON.stringify(octets.toString('latin1'))}`))
    }, 8000)
    socket
      .on('error', () => undefined)
      .on('data', () => undefined)
      .on('end', () => socket.end())
    socket.on('close', () => {
      clearTimeout(late)
      resolve(socket.bytesRead)
    })
    for (let at = 0; at < octets.length; ) {
      const next = at + 1 + below(400)
      socket.write(octets.subarray(at, next))
      at = next
    }
    if (below(8) === 0) socket.resetAndDestroy()
    else socket.end()
  })
}

const body = ['Subject: scan', 'To: anna@contoso.com', '', 'text', '..dot', ''].join('\r\n')
const course = ['EHLO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@y.test>', 'DATA', `${body}.`]

/** A course of SMTP with other commands in it, some of it changed. */
function brokenDialogue(): Buffer {
  const lines = [...course]
  for (let more = below(6); more > 0; more--) lines.splice(below(lines.length), 0, pick(said))
  if (below(4) === 0) lines.splice(below(lines.length), 1)
  lines.push(pick(['QUIT', 'STARTTLS', 'RSET', ...course.slice(1, 4)]))
  const octets = Buffer.from(`${lines.join(pick(['\r\n', '\r\n', '\r\n', '\n']))}\r\n`)
  return below(3) === 0 ? octets : mutated(octets, telling)
}
