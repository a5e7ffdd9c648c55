// Verdicts on encryption, made by OpenSSL, NSS and a client whose handshake can be broken anywhere.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { day, wallMs } from '../../src/core/time.ts'
import { type Verdict, verdictLine } from '../../src/core/verdict.ts'
import { ssl30, tls10 } from '../../src/submission/edge/vintage/versions.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { device, listener, setup } from '../submission/setup.ts'
import { until } from '../submission/until.ts'
import { RawClient, record } from '../tls/raw-client.ts'
import { nss, speak } from '../tls/spoken.ts'
import { openVintageRig, vintageSetup } from '../tls/vintage-rig.ts'

const rc4 = 0x0005
const tripleDes = 0x000a
const exportRc4 = 0x0003
const run = promisify(execFile)

async function last(rig: Rig, open = 0): Promise<Verdict> {
  await until(() => rig.submission.openConnections() === open)
  const found = rig.submission.sessions().find((session) => session.verdict)?.verdict
  assert.ok(found, 'no verdict')
  return found
}

/** Says these octets on the TLS port, hears the first answer, does what the test wants, and goes. */
async function raw(
  rig: Rig,
  octets: Uint8Array,
  from = '127.0.0.1',
  then: (socket: Socket) => void = () => undefined,
): Promise<void> {
  const socket = connect({ port: rig.port('submissions'), host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  socket.write(octets)
  await once(socket, 'data')
  then(socket)
  socket.end()
}

const ssl3 = (...suites: readonly number[]) => new RawClient({ version: ssl30, suites }).hello()

/** OpenSSL as the device, on the TLS port. */
async function openssl(rig: Rig, ...flags: readonly string[]): Promise<void> {
  const at = ['s_client', '-connect', `127.0.0.1:${rig.port('submissions')}`, ...flags]
  await run('openssl', at, { timeout: 10_000 }).catch(() => undefined)
}

const modern = () =>
  Rig.open({
    setup: setup({
      listeners: [listener('submission'), listener('submissions', { security: 'implicit' })],
      devices: [device('New', { addresses: ['127.0.0.1'], tls: 'modern' })],
    }),
  })

describe('a verdict on encryption', () => {
  it('T1: TLS begins behind the greeting', async () => {
    await using rig = await openVintageRig()
    using peer = Peer.connect(rig.port())
    await peer.line()
    peer.says(ssl3(rc4))
    await peer.closed()
    assert.match(
      verdictLine(await last(rig)),
      /^T1: it starts encrypted after the greeting .* Try again: the box knows it now/,
    )
  })

  it('T2: TLS 1.0 where the device is held to 1.2', async () => {
    await using rig = await modern()
    await openssl(rig, '-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0')
    const found = await last(rig)
    assert.equal(
      verdictLine(found),
      'T2: it knows no better than TLS 1.0. Allow legacy encryption for 127.0.0.1, or set it to no encryption.',
    )
    assert.deepEqual(found.evidence, ['offers up to TLS 1.0 with AES'])
    assert.ok(
      found.cure?.kind === 'device-setting' && found.cure.key === 'tls' && found.cure.value === 'legacy',
    )
  })

  it('T2: and no cure passes the floor of the box', async () => {
    await using rig = await modern()
    await rig.change(setup({ gateway: { weakestTls: 'modern' }, listeners: rig.listeners() }))
    await openssl(rig, '-tls1_1', '-cipher', 'AES128-SHA:@SECLEVEL=0')
    const found = await last(rig)
    assert.match(found.sentence, /TLS 1\.1, and this box allows TLS 1\.2 and up only \(weakest_tls\)/)
    assert.equal(found.cure?.kind, 'advice')
  })

  it('T3: SSL 3.0 and what would cure it, for a device, a stranger, and a box that forbids it', async () => {
    await using rig = await openVintageRig()
    await raw(rig, ssl3(rc4), '127.0.0.2')
    const known = await last(rig)
    const line =
      'T3: it offers only SSL 3.0 with RC4. Allow vintage encryption for 127.0.0.2, or set it to no encryption.'
    assert.equal(verdictLine(known), line)
    assert.deepEqual(known.cure, {
      kind: 'device-setting',
      device: 'Ordinary',
      key: 'tls',
      value: 'vintage',
      words: 'Allow vintage encryption for 127.0.0.2, or set it to no encryption.',
    })

    await raw(rig, new RawClient({ version: tls10, suites: [tripleDes] }).hello(), '127.0.0.9')
    const stranger = await last(rig)
    assert.equal(stranger.sentence, 'It offers only TLS 1.0 with 3DES.')
    assert.equal(stranger.cure?.kind, 'adopt')

    await raw(rig, new RawClient({ version: 0x0303, suites: [rc4] }).hello(), '127.0.0.2')
    const upToDate = await last(rig)
    assert.equal(upToDate.sentence, 'It offers only TLS 1.2 with RC4.')
    assert.equal(upToDate.cure?.kind, 'device-setting')

    await rig.change(
      setup({ ...vintageSetup(), gateway: { weakestTls: 'legacy' }, listeners: rig.listeners() }),
    )
    await raw(rig, ssl3(rc4, tripleDes))
    const forbidden = await last(rig)
    assert.equal(
      forbidden.sentence,
      'It offers only SSL 3.0 with RC4 and 3DES. This box allows none of that (weakest_tls).',
    )
    assert.equal(forbidden.cure?.kind, 'advice')
  })

  it('T3: old encryption was allowed until a date', async () => {
    const over = device('Old', { addresses: ['127.0.0.1'], tls: 'vintage', weakUntil: '2020-01-31' })
    await using rig = await openVintageRig({ devices: [over] })
    await raw(rig, ssl3(rc4))
    const found = await last(rig)
    assert.equal(found.code, 'T3')
    assert.ok(found.cure?.kind === 'device-setting' && found.cure.key === 'weak_until')
    assert.ok(wallMs(Date.now()) > Date.parse(over.weakUntil) + day)
  })

  for (const protocol of ['-tls1_2', '-tls1_3', '-tls1']) {
    it(`T4: OpenSSL does not trust the certificate, ${protocol}`, async () => {
      await using rig = await openVintageRig()
      await openssl(
        rig,
        protocol,
        '-verify_return_error',
        '-no-CApath',
        '-no-CAstore',
        '-cipher',
        'ALL:@SECLEVEL=0',
      )
      const found = await last(rig)
      assert.equal(found.code, 'T4')
      assert.match(found.evidence.join(), /its alert: (unknown ca|bad certificate)/)
      assert.match(found.cure?.words ?? '', /Import the box's CA at its panel/)
    })
  }

  it('T4: a vintage device does not trust the certificate', async () => {
    await using rig = await openVintageRig()
    const unknownCa = record(21, Uint8Array.of(2, 48))
    await raw(rig, ssl3(rc4), '127.0.0.1', (socket) => socket.write(unknownCa))
    const found = await last(rig)
    assert.equal(found.code, 'T4')
    assert.ok(found.evidence.includes('its alert: unknown ca'))
  })

  it('T5: no cipher in common, of OpenSSL and of the last century', async () => {
    await using rig = await openVintageRig()
    await openssl(rig, '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256')
    assert.equal((await last(rig)).code, 'T5')
    await raw(rig, ssl3(exportRc4))
    assert.equal(
      verdictLine(await last(rig)),
      'T5: it offers only SSL 3.0 with export ciphers. The box can serve none of it. Set it to no encryption.',
    )
  })

  it('T6: hangs up in the handshake, breaks it, or says nothing behind it', async () => {
    await using rig = await openVintageRig()
    await raw(rig, ssl3(rc4))
    assert.equal((await last(rig)).sentence, 'It hung up while encryption was being set up.')
    await raw(rig, ssl3(rc4), '127.0.0.1', (socket) => socket.write(record(22, Buffer.from('nonsense'))))
    assert.equal((await last(rig)).code, 'T6')
    using peer = Peer.connectTls(rig.port('submissions'))
    await peer.line()
    peer.socket.end()
    assert.equal((await last(rig)).sentence, 'It hung up right after encryption was set up.')
  })

  it('T7: begins like TLS and is none', async () => {
    await using rig = await openVintageRig()
    using peer = Peer.connect(rig.port('submissions'))
    peer.says(Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0x05, 0x09, 0, 0, 1, 0))
    await peer.closed()
    assert.equal((await last(rig)).sentence, 'What it says begins like encryption and is none.')
  })

  it('F3: mail over SSL 3.0 is fine, with a note', async () => {
    await using rig = await openVintageRig()
    const mail = Buffer.from('Subject: x\r\n\r\nbody\r\n')
    assert.match(await speak(nss(rig.port('submissions'), 'ssl3', '000A'), mail), /^250 2\.0\.0 Ok/m)
    assert.equal((await last(rig)).code, 'F3')
  })

  it('K3: more vintage sessions than the box takes', async () => {
    await using rig = await openVintageRig()
    const open = Array.from({ length: 16 }, () => connect(rig.port('submissions'), '127.0.0.1'))
    for (const socket of open) {
      socket.on('error', () => undefined).write(ssl3(rc4))
      await once(socket, 'data')
    }
    await raw(rig, ssl3(rc4))
    assert.equal((await last(rig, open.length)).sentence, 'Too many sessions with old encryption were open.')
    for (const socket of open) socket.destroy()
  })
})
