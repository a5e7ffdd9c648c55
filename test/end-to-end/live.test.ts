// What a technician sees who stands at the printer with a phone: every step while it happens, and the cure of the red one.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { CureView } from '../../src/core/cure-operations.ts'
import { day, second, wallMs } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import {
  EventStream,
  isDelivery,
  isEnd,
  isNotice,
  isStale,
  isStep,
  isVerdict,
  type StreamPlace,
} from '../event-stream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, testListeners } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'
import { Peer } from '../submission/peer.ts'

const password = '48213377'

const setupText = (more: string): string => `schema = 1
[gateway]
postmaster = "it@contoso.com"
${testListeners}
[[listener]]
name = "pop"
address = "127.0.0.1"
port = 0
security = "plain"
protocol = "pop3"
[[device]]
name = "Front desk"
username = "scan1"
password = "${password}"
sender = "scanner@contoso.com"
allowed_recipients = ["*@contoso.com"]
[[device]]
name = "Copier"
addresses = ["127.0.0.2"]
${more}`

/** What the contract gives a stop. */
const longestStopMs = 10 * second

/** swaks as a printer; whether it got through. */
function swaks(
  port: number,
  ...commandLine: readonly string[]
): Promise<{ readonly ok: boolean; readonly said: string }> {
  return new Promise((resolve) => {
    execFile('swaks', ['--server', `127.0.0.1:${port}`, ...commandLine], (error, stdout, stderr) =>
      resolve({ ok: error === null, said: `${stdout}${stderr}` }),
    )
  })
}

const signedIn = (to: string, secret = password): readonly string[] => [
  ...['--tls', '--from', 'scanner@contoso.com', '--to', to],
  ...['--auth', 'LOGIN', '--auth-user', 'scan1', '--auth-password', secret],
]

describe('watching a printer', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let gateway: GatewayProcess
  let azure: Azure
  const place = (more: Partial<StreamPlace> = {}): StreamPlace => ({
    socketPath: join(gateway.data, 'control.sock'),
    ...more,
  })
  before(async () => {
    folder = temporaryFolder()
    azure = await startAzure({ senders: ['scanner@contoso.com'] })
    mkdirSync(join(folder.path, 'data'))
    gateway = await GatewayProcess.start(join(folder.path, 'data'), {
      setup: setupText(`[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
ca_file = "${await azure.writeCa(folder.path)}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`),
    })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    await azure[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('shows the whole way of a mail, step by step, under the name that it signed in with', async () => {
    using stream = await EventStream.open(place({ query: 'device=Front%20desk' }))
    const sent = await swaks(gateway.port('submission'), ...signedIn('anna@contoso.com'))
    assert.ok(sent.ok, sent.said)
    const connected = await stream.next('connected', isStep('connected'))
    assert.equal(connected.detail, 'submission')
    assert.match((await stream.next('secured', isStep('secured'))).detail, /^TLSv1\.3 /)
    assert.equal((await stream.next('signed in', isStep('signed-in', 'Front desk'))).detail, 'scan1')
    assert.equal((await stream.next('addressed', isStep('addressed', 'Front desk'))).recipients, 1)
    const received = await stream.next('received', isStep('received', 'Front desk'))
    assert.ok((received.octets ?? 0) > 100)
    assert.equal(received.files, undefined, 'only of a test mail')
    const delivered = await stream.next('sent', isDelivery('accepted', 'confirmed'))
    assert.deepEqual(
      [delivered.message, delivered.upstream, delivered.recipients],
      [received.message, 'acs', 1],
    )
    assert.equal(azure.ledger.length, 1)
    assert.equal(stream.told.filter(isStep('connected')).length, 1)
  })

  it('answers a mail to test with its files and their pages', async () => {
    using stream = await EventStream.open(place({ query: 'address=127.0.0.1' }))
    const pdf = join(folder.path, 'scan.pdf')
    writeFileSync(
      pdf,
      `%PDF-1.4\n1 0 obj <</Type /Pages /Count 3>>\n${'2 0 obj <</Type /Page>>\n'.repeat(3)}`,
    )
    const sent = await swaks(
      gateway.port('submission'),
      ...signedIn('test'),
      ...['--attach-type', 'application/pdf', '--attach-name', 'Scan 0042.pdf', '--attach', `@${pdf}`],
      ...['--attach-type', 'application/pdf', '--attach-name', `${password}.pdf`, '--attach', `@${pdf}`],
    )
    assert.ok(sent.ok, sent.said)
    for (;;) {
      const { files } = await stream.next('a test mail', isStep('received'))
      if (!files) continue
      assert.deepEqual(
        files.map(({ type, pages }) => [type, pages]),
        [
          ['application/pdf', 3],
          ['application/pdf', 3],
        ],
      )
      assert.deepEqual(
        files.map(({ name }) => name),
        ['Scan 0042.pdf', ''],
        'a password is no name',
      )
      break
    }
    assert.equal((await stream.next('the outbox', isDelivery('accepted'))).detail, 'kept in the outbox')
  })

  it('opens a refusal to its verdict, whose cure works at once and can be taken back', async () => {
    using stream = await EventStream.open(place({ query: 'device=Front%20desk' }))
    await swaks(gateway.port('submission'), ...signedIn('anna@contoso.com', '4821 3377'))
    const slip = await stream.next('a likely slip', isVerdict('A2'))
    assert.equal(slip.verdict.cure?.kind, 'advice')
    const none = gateway.run('cure', slip.session)
    assert.deepEqual(
      [none.code, /nothing to apply here: Type the password/.test(none.stderr)],
      [1, true],
      none.stderr,
    )

    const mail = signedIn('someone@fabrikam.test')
    assert.ok(!(await swaks(gateway.port('submission'), ...mail)).ok)
    const refused = await stream.next('the refusal', isVerdict('R1'))
    assert.deepEqual([refused.device, refused.isOver], ['Front desk', false], 'while it lasts')
    const cured = gateway.ask('cure', refused.session) as { readonly cure: CureView }
    assert.deepEqual(cured.cure.changes, [
      'device "Front desk": allowed_recipients + "someone@fabrikam.test"',
    ])
    await stream.ever('the setup is stale', isStale('setup'))
    assert.ok((await swaks(gateway.port('submission'), ...mail)).ok)
    await stream.next('received', isStep('received', 'Front desk'))
    const undone = gateway.run('cure', refused.session, '--undo')
    assert.equal(undone.code, 0, undone.stderr)
    assert.match(undone.stdout, /allowed_recipients - "someone@fabrikam.test"/)
    assert.ok(!(await swaks(gateway.port('submission'), ...mail)).ok)
    assert.equal(gateway.run('cure', refused.session, '--undo').code, 1)
    assert.equal(gateway.run('cure', refused.session, '--for', '2y').code, 2)
  })

  it('adopts whoever sends without signing in', async () => {
    using stream = await EventStream.open(place({ query: 'address=127.0.0.9' }))
    const stranger = async (): Promise<string> => {
      using client = await SmtpClient.connect(gateway.port('plain'), '127.0.0.1', '127.0.0.9')
      await client.command('HELO ricoh')
      return await client.command('MAIL FROM:<ricoh@contoso.com>')
    }
    assert.match(await stranger(), /^530 .* A4$/)
    const { session, device } = await stream.next('a stranger', isVerdict('A4'))
    assert.equal(device, undefined)
    await stream.next('it hung up', isEnd('A4'))
    const adopted = gateway.run('cure', session, '--name', 'Ricoh')
    assert.equal(adopted.code, 0, adopted.stderr)
    assert.match(adopted.stdout, /device "Ricoh" added/)
    assert.match(await stranger(), /^250/)
    assert.equal(gateway.run('cure', session, '--undo').code, 0)
    assert.match(await stranger(), /^530/)
  })

  it('shows a sign-in by POP3, right and wrong', async () => {
    using stream = await EventStream.open(place({ query: 'device=Front%20desk' }))
    for (const secret of [password, 'nonsense']) {
      using panel = Peer.connect(gateway.port('pop'))
      await panel.line()
      panel.says(`USER scan1\r\nPASS ${secret}\r\nQUIT\r\n`)
      for (let n = 0; n < 3; n += 1) await panel.line()
    }
    while ((await stream.next('connected', isStep('connected'))).detail !== 'pop');
    assert.equal((await stream.next('signed in', isStep('signed-in'))).detail, 'scan1')
    await stream.next('fine', isEnd('F5'))
    await stream.next('wrong', isVerdict('A5'))
    assert.ok(!stream.text.includes('nonsense'))
  })

  it('tells why a mail waits, and what else is not as it was', async () => {
    using stream = await EventStream.open(place())
    gateway.run('pause', 'acs')
    await swaks(gateway.port('submission'), ...signedIn('anna@contoso.com'))
    const waits = await stream.next('it waits', isDelivery('deferred'))
    assert.equal(waits.detail, 'paused by hand')
    for (const what of ['alerts', 'upstreams', 'queue', 'home']) await stream.ever(what, isStale(what))
    gateway.run('resume', 'acs')
    await stream.next('sent', isDelivery('accepted', 'confirmed'))
  })

  it('goes on after a cut where it was, and begins anew after a restart', async () => {
    let lastId: string | undefined
    {
      using stream = await EventStream.open(place({ query: 'address=127.0.0.2' }))
      const copier = Peer.connect(gateway.port('plain'), { localAddress: '127.0.0.2' })
      await stream.next('connected', isStep('connected', 'Copier'))
      lastId = stream.lastId
      stream[Symbol.dispose]()
      copier.says('QUIT\r\n')
      await copier.line()
      copier[Symbol.dispose]()
    }
    using again = await EventStream.open(place({ query: 'address=127.0.0.2', lastEventId: lastId }))
    const ended = await again.next('what it missed', isVerdict('F4'))
    assert.equal(ended.isOver, true)
    assert.deepEqual(again.told.filter(isStep('connected')), [], 'told before')
    await gateway.stop()
    gateway = await GatewayProcess.start(gateway.data)
    using anew = await EventStream.open(place({ lastEventId: again.lastId }))
    assert.equal((await anew.next('a reset', isNotice('reset'))).why, 'restarted')
  })

  it('opens 32 streams; a stop waits for none of them, nor for one that is stalled', async () => {
    const streams = await Promise.all(Array.from({ length: 32 }, () => EventStream.open(place())))
    await assert.rejects(EventStream.open(place()), /503 .*32 pages are watching already: close one of them/)
    streams[0]?.stall()
    streams[1]?.[Symbol.dispose]()
    for (let n = 0; n < 50; n += 1) {
      using client = await SmtpClient.connect(gateway.port('plain'), '127.0.0.1', '127.0.0.2')
      await client.command('QUIT')
    }
    const tooLate = setTimeout(() => void gateway.kill(), longestStopMs)
    assert.equal(await gateway.stop(), 0)
    clearTimeout(tooLate)
    for (const stream of streams.slice(2)) assert.ok(stream.isComplete, 'ended, not cut off')
    for (const stream of streams) stream[Symbol.dispose]()
    gateway = await GatewayProcess.start(gateway.data)
  })

  it('is told what is wrong with a question', async () => {
    for (const query of ['device=', `address=${'x'.repeat(256)}`])
      await assert.rejects(
        EventStream.open(place({ query })),
        /400 .*has to be a name of 1 to 255 characters/,
      )
    const head = spawnSync('curl', ['-sI', '--unix-socket', place().socketPath, 'http://x/api/v1/events'])
    assert.match(head.stdout.toString(), /^HTTP\/1\.1 200 [\s\S]*content-type: text\/event-stream/)
  })
})

describe('old encryption for a week', () => {
  const setup = (weakest: string): string => `schema = 1
[gateway]
weakest_tls = "${weakest}"
[[listener]]
name = "modern"
address = "127.0.0.1"
port = 0
security = "starttls"
tls = "modern"
[console]
port = 0
[[device]]
name = "Old panel"
addresses = ["127.0.0.1"]
[[upstream]]
name = "kept"
kind = "outbox"
`
  /** Whether TLS 1.0 is served. */
  const tls10 = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const flags = ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0', '-starttls', 'smtp']
      const child = execFile(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${port}`, ...flags],
        (_error, out) => resolve(/Cipher is AES128-SHA/.test(out)),
      )
      child.stdin?.end('QUIT\r\n')
    })

  it('is one cure of a refused handshake, and ends by itself', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, setup('legacy'), { clock })
    const port = gateway.port('modern')
    using stream = await EventStream.open({ socketPath: join(folder.path, 'data', 'control.sock') })
    assert.equal(await tls10(port), false)
    const refused = await stream.next('T2', isVerdict('T2'))
    assert.equal(refused.device, 'Old panel')
    const options = { forMs: undefined, name: undefined, mayChangeBox: true }
    const cured = await gateway.operations.cure(refused.session, 'anna', options)
    assert.equal(cured.kind, 'done', JSON.stringify(cured))
    assert.equal(await tls10(port), true)
    assert.match((await stream.next('secured', isStep('secured'))).detail, /^TLSv1 AES128-SHA/)
    const [entry] = await gateway.operations.calendar()
    assert.match(entry?.what ?? '', /Weak encryption of Old panel ends/)
    // Streams live for ten minutes.
    await clock.jump(6 * day)
    assert.equal(await tls10(port), true)
    await clock.jump(2 * day)
    assert.equal(await tls10(port), false)
    using later = await EventStream.open({ socketPath: join(folder.path, 'data', 'control.sock') })
    const over = await later.next('T2 again', isVerdict('T2'))
    assert.deepEqual(over.verdict.cure?.kind === 'device-setting' && over.verdict.cure.key, 'weak_until')
  })

  it('is none where weakest_tls forbids it', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, setup('modern'), { clock })
    using stream = await EventStream.open({ socketPath: join(folder.path, 'data', 'control.sock') })
    assert.equal(await tls10(gateway.port('modern')), false)
    const { session, verdict } = await stream.next('T2', isVerdict('T2'))
    assert.equal(verdict.cure?.kind, 'advice')
    const options = { forMs: undefined, name: undefined, mayChangeBox: true }
    assert.equal((await gateway.operations.cure(session, 'anna', options)).kind, 'refused')
    assert.equal(await tls10(gateway.port('modern')), false)
  })
})
