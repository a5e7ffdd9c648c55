import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../../test/clock.ts'
import { createCertificateAuthority } from '../../../../test/emulator/certificate-authority.ts'
import { SambaShare } from '../../../../test/independent/samba-share.ts'
import type { Alert } from '../../../core/alerts.ts'
import { day, hour, wallMs } from '../../../core/time.ts'
import { openStores, type Stores } from '../../boot.ts'
import { keepNightlyCopy } from '../nightly-files.ts'
import { sendCopies, targetStates, testTarget } from './target-round.ts'

let folder = ''
let stores: Stores
let clock: JumpingClock
let alerts: Map<string, Alert>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-targets-'))
  clock = new JumpingClock(wallMs(Date.parse('2026-11-29T03:10:00Z')))
  stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
  stores.records.saveFact('recovery', '{"confirmed":{"n":2,"r":1,"p":1,"salt":"","recipient":"","since":0}}')
  alerts = new Map()
})
afterEach(async () => {
  await stores[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const world = () => ({
  dataDir: folder,
  settings: stores.settings,
  records: stores.records,
  clock,
  signal: new AbortController().signal,
  alerts: {
    raise: (alert: Alert) => void alerts.set(alert.key, alert),
    clear: (key: string) => void alerts.delete(key),
    active: () => [...alerts.values()].map((alert) => ({ ...alert, since: clock.wall() })),
  },
  log: { write() {} },
})

function apply(rows: string): void {
  const done = stores.settings.apply(`schema = 1\n[gateway]\nname = "branch-07"\n${rows}`, { who: 'a test' })
  assert.equal(done.kind, 'applied', JSON.stringify(done))
}

const copy = (date: string, text = `the copy of ${date}`): Promise<void> =>
  keepNightlyCopy(
    folder,
    `nightly-${date}.inkpost-backup`,
    (async function* () {
      yield Buffer.from(text)
    })(),
  )

const troubleOf = (name: string): string =>
  targetStates(world()).find((each) => each.name === name)?.trouble ?? ''

describe('copies to an HTTPS server', () => {
  let ca = ''
  let place = ''
  let files: Map<string, string>
  let asked: IncomingMessage[]
  let status: (request: IncomingMessage) => number
  /** Answers without listening to the end, and hangs up some time later. */
  let isHasty = false
  const servers: { close(): void }[] = []

  before(async () => {
    place = mkdtempSync(join(tmpdir(), 'inkpost-https-'))
    const authority = await createCertificateAuthority()
    ca = await authority.writeCa(place)
    const identity = await authority.issue({ names: ['localhost'] })
    const server = createServer(
      { key: identity.keyPem, cert: identity.certificatePem },
      async (request, response) => {
        asked.push(request)
        if (isHasty) {
          request.socket.setTimeout(300, () => request.socket.destroy())
          return void response.writeHead(status(request), { connection: 'keep-alive' }).end()
        }
        const body = Buffer.concat(await Array.fromAsync(request)).toString()
        const code = status(request)
        const path = decodeURIComponent(new URL(request.url ?? '', 'https://x').pathname)
        if (code < 300 && request.method === 'PUT') files.set(path, body)
        if (request.method === 'DELETE') files.delete(path)
        response.writeHead(code, { location: 'https://elsewhere.example/' }).end()
      },
    )
    server.listen(0, 'localhost')
    await once(server, 'listening')
    servers.push(server)
    url = `https://localhost:${(server.address() as AddressInfo).port}/boxes`
  })
  after(() => {
    for (const server of servers) server.close()
    rmSync(place, { recursive: true })
  })
  let url = ''
  beforeEach(() => {
    files = new Map()
    asked = []
    isHasty = false
    status = () => 201
  })
  const target = (more: string, trust = ca): string =>
    `[[backup]]\nname = "cloud"\nkind = "https"\nurl = "${url}"\nca_file = "${trust}"\n${more}\n`

  it('are put there once, the newest, and the oldest beyond `keep` are removed', async () => {
    apply(target('keep = 2'))
    await sendCopies(world())
    assert.equal(asked.length, 0, 'there is no copy yet')
    for (const date of ['2026-11-27', '2026-11-28', '2026-11-29']) {
      await copy(date)
      await sendCopies(world())
      await sendCopies(world())
    }
    assert.deepEqual(
      [...files],
      ['2026-11-28', '2026-11-29'].map((date) => [
        `/boxes/branch-07-nightly-${date}.inkpost-backup`,
        `the copy of ${date}`,
      ]),
    )
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['PUT', 'PUT', 'PUT', 'DELETE'],
    )
    assert.equal(targetStates(world())[0]?.arrivedAt, clock.wall())
  })

  for (const [auth, more, header] of [
    ['bearer', '', 'Bearer s3cret value'],
    ['basic', 'username = "box"', `Basic ${Buffer.from('box:s3cret value').toString('base64')}`],
  ] as const)
    it(`say who they are by ${auth}`, async () => {
      apply(target(`auth = "${auth}"\nsecret = "s3cret value"\n${more}`))
      await copy('2026-11-29')
      await sendCopies(world())
      assert.equal(asked[0]?.headers.authorization, header)
      assert.doesNotMatch(stores.settings.export(), /s3cret/)
      assert.match(stores.settings.export(), /secret = "\(kept\)"/)
    })

  it('say who they are by a SAS, which no refusal repeats', async () => {
    apply(target('auth = "sas"\nsecret = "sv=2026&sig=s3cret%3D"'))
    await copy('2026-11-29')
    await sendCopies(world())
    assert.match(asked[0]?.url ?? '', /inkpost-backup\?sv=2026&sig=s3cret%3D$/)
    assert.equal(asked[0]?.headers['x-ms-blob-type'], 'BlockBlob')
    status = () => 403
    assert.deepEqual(await testTarget(world(), 'cloud', 'anna'), {
      kind: 'refused',
      reason: 'cloud: it answered 403: its secret is wrong or has ended, or may not write there',
    })
  })

  it('do not follow where they are sent', async () => {
    apply(target(''))
    status = () => 307
    await copy('2026-11-29')
    await sendCopies(world())
    assert.equal(troubleOf('cloud'), 'it answered 307: it sends elsewhere, set url to where it leads')
    assert.equal(asked.length, 1)
  })

  it('have not arrived where the server did not listen to the end, whatever it says', async () => {
    apply(target(''))
    isHasty = true
    await copy('2026-11-29', 'x'.repeat(30e6))
    await sendCopies(world())
    assert.match(troubleOf('cloud'), /: it answered 201 before everything was sent$/)
    assert.equal(targetStates(world())[0]?.arrivedAt, undefined)
  })

  it('that are refused before the end say why', async () => {
    apply(target(''))
    isHasty = true
    status = () => 413
    await copy('2026-11-29', 'x'.repeat(30e6))
    await sendCopies(world())
    assert.equal(troubleOf('cloud'), 'it answered 413: there is no room')
  })

  it('are brought to a place that the target has moved to, and what was wrong with the old one is over', async () => {
    apply(target(''))
    await copy('2026-11-29')
    await sendCopies(world())
    apply(target('').replace('/boxes', '/elsewhere'))
    assert.equal(targetStates(world())[0]?.arrivedAt, undefined)
    await sendCopies(world())
    assert.deepEqual(
      [...files.keys()],
      ['/boxes', '/elsewhere'].map((at) => `${at}/branch-07-nightly-2026-11-29.inkpost-backup`),
    )
    world().alerts.raise({ key: 'backup-target/cloud', severity: 'warning', sentence: '', remedy: '' })
    apply(target('').replace('/boxes', '/third'))
    status = () => 507
    await sendCopies(world())
    assert.deepEqual([troubleOf('cloud'), alerts.size], ['it answered 507: there is no room', 0])
  })

  it('that failed are tried again at once after a test that worked', async () => {
    apply(target(''))
    await copy('2026-11-29')
    status = () => 507
    await sendCopies(world())
    status = () => 201
    await sendCopies(world())
    assert.equal(files.size, 0, 'it rests')
    assert.deepEqual(await testTarget(world(), 'cloud', 'anna'), { kind: 'done' })
    await sendCopies(world())
    assert.deepEqual([files.size, troubleOf('cloud')], [1, ''])
  })

  it('that nobody could open are not made: that is said where somebody waits for them', async () => {
    apply(target(''))
    stores.records.saveFact('recovery', '{}')
    assert.match(troubleOf('cloud'), /no recovery code yet, and without one no nightly copy is made/)
    apply(target('enabled = false'))
    assert.equal(troubleOf('cloud'), '')
  })

  it('are not given to a server whose certificate nobody vouches for', async () => {
    apply(target('auth = "bearer"\nsecret = "s3cret"', ''))
    await copy('2026-11-29')
    await sendCopies(world())
    assert.match(troubleOf('cloud'), /^https:\/\/localhost:\d+: .*certificate/)
    assert.equal(asked.length, 0)
  })

  it('that fail are tried again every hour, and an alert says so after three days', async () => {
    apply(target(''))
    await copy('2026-11-29')
    status = () => 507
    for (let n = 0; n < 4; n += 1) {
      await sendCopies(world())
      await clock.jump(hour / 2)
    }
    assert.equal(asked.length, 2)
    assert.equal(alerts.size, 0)
    await clock.jump(3 * day)
    await sendCopies(world())
    const alert = alerts.get('backup-target/cloud')
    assert.match(
      alert?.sentence ?? '',
      /^The nightly copies do not reach cloud \(https:.*for three days: it answered 507: there is no room\.$/,
    )
    assert.match(alert?.remedy ?? '', /backup-target test cloud/)
    status = () => 200
    await clock.jump(hour)
    await sendCopies(world())
    assert.deepEqual([alerts.size, files.size, troubleOf('cloud')], [0, 1, ''])
    status = () => 507
    await copy('2026-11-30')
    await sendCopies(world())
    assert.equal(alerts.size, 0, 'three days begin anew')
  })

  it('end their alert with the target', async () => {
    apply(target(''))
    world().alerts.raise({ key: 'backup-target/cloud', severity: 'warning', sentence: '', remedy: '' })
    apply('')
    await sendCopies(world())
    assert.equal(alerts.size, 0)
    assert.equal((await testTarget(world(), 'cloud', 'anna')).kind, 'refused')
  })

  it('are tested with a small file, which goes again', async () => {
    apply(target(''))
    assert.deepEqual(await testTarget(world(), 'cloud', 'anna'), { kind: 'done' })
    assert.deepEqual(
      asked.map(({ method, url: path }) => `${method} ${path}`),
      ['PUT /boxes/branch-07-test.txt', 'DELETE /boxes/branch-07-test.txt'],
    )
    assert.equal(files.size, 0)
    assert.match(stores.settings.audit(1)[0]?.what.join() ?? '', /backup "cloud": tested/)
  })
})

describe('copies to a share of Samba', () => {
  let samba: SambaShare

  before(async () => {
    samba = await SambaShare.start('backups', 'boxes')
  })
  after(() => samba[Symbol.asyncDispose]())

  const target = (share: string, secret = 'pass word'): string =>
    `[[backup]]\nname = "nas"\nkind = "smb"\nshare = "//127.0.0.1:${samba.port}/${share}"\nusername = "${samba.user}"\nsecret = "${secret}"\nkeep = 1\n`

  it('arrive whole, replace what is there, and the oldest go', async () => {
    apply(target('backups/boxes'))
    await copy('2026-11-28', 'first')
    await sendCopies(world())
    assert.equal(troubleOf('nas'), '')
    await copy('2026-11-29', 'second')
    await sendCopies(world())
    const name = 'branch-07-nightly-2026-11-29.inkpost-backup'
    assert.deepEqual(readdirSync(join(samba.folder, 'boxes')), [name])
    clock.setWall(wallMs(clock.wall() + day))
    await copy('2026-11-29', 'the same day once more')
    await sendCopies(world())
    assert.equal(readFileSync(join(samba.folder, 'boxes', name), 'utf8'), 'the same day once more')
    assert.deepEqual(await testTarget(world(), 'nas', 'anna'), { kind: 'done' })
    assert.equal(existsSync(join(samba.folder, 'boxes/branch-07-test.txt')), false)
  })

  for (const [what, share, secret, says] of [
    ['a wrong password', 'backups', 'another', /the user name or the password is wrong/],
    ['no such share', 'music', 'pass word', /there is no such share/],
    ['no such folder', 'backups/none', 'pass word', /there is no such folder: make it/],
  ] as const)
    it(`say what is wrong: ${what}`, async () => {
      apply(target(share, secret))
      const tested = await testTarget(world(), 'nas', 'anna')
      assert.match(tested.kind === 'refused' ? tested.reason : '', says)
      assert.doesNotMatch(JSON.stringify(tested), /pass word|another/)
    })
})
