// Ten boxes under one head office: what is common reaches all in the right order, what is bad stops at the canaries.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { readSigningKey } from '../../src/fleet/keys.ts'
import { signFile } from '../../src/fleet/signed-file.ts'
import { headOffice } from '../../src/gateway/fleet/head-office.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { StaticServer } from './static-server.ts'

const names = Array.from({ length: 10 }, (_, index) => `branch-${String(index + 1).padStart(2, '0')}`)
const canaries = names.slice(0, 2)
const others = names.slice(2)
/** Those that branch-10 looks at. */
const listed = ['branch-04', 'branch-05']
const secret = 'for branch-03 alone'

let folder: ReturnType<typeof temporaryFolder>
let office = ''
let server: StaticServer
let relay: SmtpUpstream
let clock: RunningClock
let publicKey = ''
let keys: string[] = []
const boxes = new Map<string, GatewayInProcess>()

const box = (name: string): GatewayInProcess => boxes.get(name) ?? assert.fail(`no box ${name}`)
const write = (file: string, text: string): void => writeFileSync(join(office, file), text)

/** What stands at the site before head office comes. */
const site = (name: string): string => `schema = 1
[gateway]
name = "${name}"
sender = "box@contoso.com"
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[console]
port = 0
tls = "${listed.includes(name) ? 'self-signed' : 'off'}"
[[device]]
name = "Front desk"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
allowed_recipients = ["*@contoso.com"]
[[upstream]]
name = "kept"
kind = "outbox"
[fleet]
url = "${server.url}"
public_keys = ["${publicKey}"]
canary = ${canaries.includes(name)}
ca_file = "${server.caFile}"
status_url = "${server.url}/status"
`

const relayRow = (port: number): string => `[[upstream]]
name = "relay"
kind = "smarthost"
host = "localhost"
port = ${port}
ca_file = "${join(folder.path, 'relay', 'ca.pem')}"
senders = ["*@contoso.com"]
`

/** As the site has it, without what a technician tapped there. */
const frontDesk = `[[device]]
name = "Front desk"
sender = "scanner@contoso.com"
allowed_recipients = ["*@contoso.com"]
`

const common = (more = ''): string => `[history]
keep = "60d"
[[alias]]
name = "helpdesk"
to = ["helpdesk@contoso.com"]
${more}`

const sign = () => {
  const wish = { folder: office, keys, passphrase: '', out: join(office, 'published') }
  const signed = headOffice.sign({ ...wish, serial: undefined, now: clock.wall() })
  return signed.kind === 'done' ? signed.serial : assert.fail(signed.reason)
}

const release = (serial: number) =>
  headOffice.release({
    folder: office,
    keys,
    passphrase: '',
    out: join(office, 'published'),
    statuses: join(office, 'statuses'),
    serial,
    isAnyway: false,
    now: clock.wall(),
  })

const pull = async (name: string) => {
  const pulled = await box(name).operations.pullFleet('a test')
  return pulled.kind === 'done' ? pulled.view : assert.fail(pulled.reason)
}
const pullAll = (which: readonly string[]) => Promise.all(which.map(pull))
const serials = async (which: readonly string[]) =>
  (await pullAll(which)).map(({ managed }) => managed?.serial ?? 0)

/** A day at once: nothing that boxes do meanwhile is looked at here. */
async function nextDay(): Promise<void> {
  clock.stand(day + hour)
  await pullAll(canaries)
}

/** Why a serial stays with the canaries; empty: it does not. */
const held = (serial: number): string => {
  const released = release(serial)
  return released.kind === 'refused' ? released.reason : ''
}

before(async () => {
  folder = temporaryFolder()
  office = join(folder.path, 'office')
  mkdirSync(join(office, 'boxes'), { recursive: true })
  mkdirSync(join(folder.path, 'relay'))
  clock = new RunningClock(wallMs(Date.now()))
  server = await StaticServer.start(office)
  relay = await startSmtpUpstream()
  await relay.certificateAuthority.writeCa(join(folder.path, 'relay'))
  const made = headOffice.makeKey(join(folder.path, 'office.key'), '')
  publicKey = made.kind === 'done' ? made.publicKey : assert.fail(made.reason)
  keys = [join(folder.path, 'office.key')]
  write(
    'fleet.toml',
    `name = "contoso"\ncontact = "it@contoso.com"\ncanaries = ${JSON.stringify(canaries)}\n`,
  )
  await Promise.all(
    names.map(async (name) => {
      boxes.set(name, await GatewayInProcess.start(join(folder.path, name), site(name), { clock }))
    }),
  )
  for (const name of names) {
    const own = await box(name).operations.fleetIdentity()
    write(`boxes/${name}.identity`, own.kind === 'done' ? own.identity : assert.fail(own.reason))
    write(`boxes/${name}.toml`, '')
  }
})

after(async () => {
  await Promise.all([...boxes.values()].map((each) => each[Symbol.asyncDispose]()))
  await server[Symbol.asyncDispose]()
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('ten boxes under one head office', { timeout: 120_000 }, () => {
  it('take what is common: canaries at once, the others after a day of health', async () => {
    const sealed = headOffice.seal(office, 'branch-03', secret)
    assert.ok(sealed.kind === 'done')
    write('common.toml', common(relayRow(relay.port)))
    write(
      'boxes/branch-03.toml',
      `[[upstream]]\nname = "spare"\nkind = "smarthost"\nhost = "spare.contoso.com"\n[upstream.credential]\nkind = "password"\nusername = "b3"\npassword = "${sealed.sealed}"\n`,
    )
    assert.equal(sign(), 1)
    assert.deepEqual(
      await serials(names),
      names.map((name) => (canaries.includes(name) ? 1 : 0)),
    )
    assert.match(held(1), /branch-01 is well for 0 h only, of 24/)
    assert.deepEqual(
      await serials(others),
      others.map(() => 0),
    )
    clock.setWall(wallMs(clock.wall() + day + hour))
    await pullAll(canaries)
    assert.match(held(1), /branch-01 is well for 0 h only, of 24/, 'a clock that is set is no day of health')
    clock.setWall(wallMs(clock.wall() - day - hour))
    await box('branch-02')[Symbol.asyncDispose]()
    clock.stand(day + hour)
    boxes.set('branch-02', await GatewayInProcess.start(join(folder.path, 'branch-02'), undefined, { clock }))
    await pullAll(canaries)
    assert.doesNotMatch(held(1), /branch-01/)
    assert.match(held(1), /branch-02 is well for 0 h only, of 24/, 'nor is a night without power')
    await nextDay()
    assert.deepEqual(release(1), { kind: 'done', serial: 1 })
    assert.deepEqual(
      await serials(others),
      others.map(() => 1),
    )
    for (const name of names) {
      const text = await box(name).operations.exportSetup()
      assert.match(text, /keep = "60d"/)
      assert.match(text, /name = "helpdesk"/)
    }
    const { id } = await box('branch-07').send({ to: ['anna@contoso.com'] })
    await box('branch-07').messageIs(id, 'accepted')
  })

  it('write into the audit who changed them', async () => {
    const audit = await box('branch-07').operations.audit(20)
    const [row] = audit.filter(({ who }) => who === 'head office, serial 1')
    assert.match(row?.what ?? '', /alias "helpdesk": added/)
  })

  it('fetch what did not change no second time', async () => {
    const from = server.asked.length
    await pullAll(others)
    assert.deepEqual(
      server.asked.slice(from),
      others.map(() => ({ path: '/released.json', status: 304 })),
    )
  })

  it('open a sealed secret on its own box alone, and publish none in clear', async () => {
    assert.match(await box('branch-03').operations.exportSetup(), /password = "\(kept\)"/)
    const published = readFileSync(join(office, 'published/1/branch-03.json'), 'utf8')
    assert.doesNotMatch(
      Buffer.from(JSON.parse(published).payload, 'base64url').toString(),
      new RegExp(secret),
    )
    write('boxes/branch-02.toml', readFileSync(join(office, 'boxes/branch-03.toml'), 'utf8'))
    sign()
    const { state, reason, managed } = await pull('branch-02')
    assert.deepEqual([state, reason, managed?.serial], ['refused', 'sealed', 1])
    assert.doesNotMatch(await box('branch-02').operations.exportSetup(), /spare/)
    write(
      'boxes/branch-02.toml',
      `[[upstream]]\nname = "spare"\nkind = "smarthost"\nhost = "x.contoso.com"\n[upstream.credential]\nkind = "password"\nusername = "b2"\npassword = "in clear"\n`,
    )
    assert.throws(() => sign(), /branch-02: upstream "spare": credential.password: must be sealed/)
    write('boxes/branch-02.toml', '')
  })

  it('open no sealed secret where it would be shown', async () => {
    const sealed = headOffice.seal(office, 'branch-02', secret)
    assert.ok(sealed.kind === 'done')
    write('boxes/branch-02.toml', `[[alias]]\nname = "shown"\nto = ["${sealed.sealed}"]\n`)
    assert.throws(() => sign(), /branch-02: alias "shown": to: is no place for a secret/)
    write('boxes/branch-02.toml', '')
    const serial = sign()
    const key = readSigningKey(readFileSync(keys[0] ?? '', 'utf8'), '') ?? assert.fail('no key')
    const rest = { fleet: 'contoso', contact: '', made: clock.wall(), keys: [] }
    const parts = { alias: [{ name: 'shown', to: [sealed.sealed] }] }
    const text = signFile('bundle', { ...rest, box: 'branch-02', serial, parts }, [key])
    write(`published/${serial}/branch-02.json`, text)
    const { state, reason, detail } = await pull('branch-02')
    assert.deepEqual(
      [state, reason, detail],
      ['refused', 'rules', 'alias "shown": to: is no place for a secret'],
    )
  })

  it('keep what is the site’s: its own device, and a cure that was tapped there', async () => {
    const { operations } = box('branch-01')
    await box('branch-01')
      .send({ to: ['anna@fabrikam.com'] })
      .catch(() => undefined)
    const session = await until('the verdict is there', async () =>
      (await operations.sessions(20)).find(({ verdict }) => verdict?.cure !== undefined),
    )
    const cured = await operations.cure(session.id, 'a technician', {
      forMs: undefined,
      name: undefined,
      mayChangeBox: true,
    })
    assert.equal(cured.kind, 'done', JSON.stringify(cured))
    const wish = {
      sender: undefined,
      owner: undefined,
      allowedRecipients: [],
      strong: false,
      passwordless: false,
    }
    const added = await operations.addDevice(
      { name: 'New scanner', addresses: ['127.0.0.7'], ...wish },
      'anna',
    )
    assert.equal(added.kind, 'done')
    write('common.toml', common(`${relayRow(relay.port)}[limits]\nrecipients = 77\n`))
    const serial = sign()
    assert.deepEqual(await serials(canaries), [serial, serial])
    const text = await operations.exportSetup()
    assert.match(text, /recipients = 77/)
    assert.match(text, /New scanner/)
    assert.match(text, /anna@fabrikam\.com/)
    assert.equal((await operations.cures()).length, 1)
  })

  it('refuse changes of what is head office’s with the place and whom to ask', async () => {
    const { operations } = box('branch-01')
    const place = /limits: is managed by head office \(contoso, serial \d+\): ask it@contoso\.com/
    const edited = await operations.editSettings('limits', { recipients: 5 }, 'anna')
    assert.ok(edited.kind === 'refused')
    assert.match(edited.reason, place)
    assert.deepEqual(edited.trouble, { why: 'managed' })
    const removed = await operations.removeAlias('helpdesk', 'anna')
    assert.match(removed.kind === 'refused' ? removed.reason : '', /^alias 1 "helpdesk": is managed/)
    const text = await operations.exportSetup()
    const applied = await operations.applySetup(text.replace('recipients = 77', 'recipients = 78'), {
      check: false,
      who: 'anna',
    })
    assert.match(
      applied.kind === 'invalid' ? (applied.remarks[0]?.sentence ?? '') : '',
      /is managed by head office/,
    )
    const same = await operations.applySetup(text, { check: false, who: 'anna' })
    assert.deepEqual(same.kind === 'applied' && same.changes, [])
  })

  it('give back what stops their mail', async () => {
    // Nobody vouches for the relay any more.
    write('common.toml', common(relayRow(relay.port).replace(/ca_file.*\n/, '')))
    sign()
    const taken = await pull('branch-02')
    assert.equal(taken.state, 'current')
    assert.equal(
      (await box('branch-02').operations.alerts()).active.some(({ key }) => key === 'fleet-rolled-back'),
      false,
    )
    const { id } = await box('branch-02').send({ to: ['anna@contoso.com'] })
    await box('branch-02').upstreamIs('relay', 'paused')
    const { state, reason, detail } = await pull('branch-02')
    assert.deepEqual([state, reason, detail], ['rolled-back', 'cannot-send', 'relay'])
    await box('branch-02').messageIs(id, 'accepted')
  })

  it('give back what cuts them off from head office', async () => {
    const before = await box('branch-02').operations.exportSetup()
    const gateway = '[gateway]\nsender = "box@contoso.com"\nproxy = "http://127.0.0.1:1"\n'
    write('common.toml', common(`${relayRow(relay.port)}${gateway}`))
    sign()
    const { state, reason } = await pull('branch-02')
    assert.deepEqual([state, reason], ['rolled-back', 'cut-off'])
    assert.equal(await box('branch-02').operations.exportSetup(), before)
  })

  it('keep what they took where somebody pauses the ways out by hand', async () => {
    write('common.toml', common(relayRow(relay.port)))
    const serial = sign()
    assert.equal((await pull('branch-02')).state, 'current')
    const { operations } = box('branch-02')
    for (const name of ['relay', 'kept']) await operations.pause(name, 'a technician')
    await box('branch-02').upstreamIs('relay', 'paused')
    const { state, managed } = await pull('branch-02')
    assert.deepEqual([state, managed?.serial], ['current', serial])
    for (const name of ['relay', 'kept']) await operations.resume(name, 'a technician')
  })

  it('give back what closes a listener, and it goes no further than to the canaries', async () => {
    const busy = createServer().listen(0, '127.0.0.1')
    await until('somebody has the port', () => busy.address() !== null)
    const address = busy.address()
    const port = typeof address === 'object' ? address?.port : 0
    const before = await box('branch-01').operations.exportSetup()
    write(
      'common.toml',
      common(
        `${relayRow(relay.port)}${frontDesk}[[listener]]\nname = "plain"\naddress = "127.0.0.1"\nport = ${port}\nsecurity = "plain"\n`,
      ),
    )
    const serial = sign()
    for (const name of canaries) {
      const { state, reason, detail } = await pull(name)
      assert.deepEqual([state, reason, detail], ['rolled-back', 'listener', 'plain'])
    }
    busy.close()
    assert.equal(await box('branch-01').operations.exportSetup(), before)
    const cures = await box('branch-01').operations.cures()
    assert.equal(cures.length, 1, 'what was tapped there can be undone again')
    const { active } = await box('branch-01').operations.alerts()
    assert.match(
      active.find(({ key }) => key === 'fleet-rolled-back')?.sentence ?? '',
      /a listener could not be opened \(plain\)/,
    )
    await nextDay()
    const refused = release(serial)
    assert.match(
      refused.kind === 'refused' ? refused.reason : '',
      /branch-01 gave back what was published \(listener\)/,
    )
    assert.deepEqual(
      await serials(others),
      others.map(() => 1),
    )
  })

  it('refuse what another key signed, what was changed, what is older and what is another box’s', async () => {
    const published = join(office, 'published')
    const [mark, bundle] = [
      join(published, 'newest.json'),
      (serial: number) => join(published, `${serial}/branch-01.json`),
    ]
    write('common.toml', common(relayRow(relay.port)))
    const good = sign()
    assert.equal((await pull('branch-01')).state, 'current')
    const refusal = async () => {
      const { state, reason, managed } = await pull('branch-01')
      assert.equal(state, 'refused')
      assert.equal(managed?.serial, good)
      return reason
    }
    cpSync(join(published, 'newest.json'), join(folder.path, 'kept.json'))
    cpSync(join(published, 'released.json'), mark)
    assert.equal(await refusal(), 'tampered', 'a mark of another kind')

    headOffice.makeKey(join(folder.path, 'stranger.key'), '')
    const strangers = join(folder.path, 'strangers')
    const wish = { folder: office, keys: [join(folder.path, 'stranger.key')], passphrase: '', out: strangers }
    headOffice.sign({ ...wish, serial: good + 1, now: clock.wall() })
    cpSync(join(strangers, 'newest.json'), mark)
    assert.equal(await refusal(), 'wrong-key')

    cpSync(join(folder.path, 'kept.json'), mark)
    const next = sign()
    const text = readFileSync(bundle(next), 'utf8')
    const file = JSON.parse(text)
    const payload = Buffer.from(file.payload, 'base64url')
      .toString()
      .replace('helpdesk@contoso.com', 'helpdesk@fabrikam.com')
    writeFileSync(
      bundle(next),
      JSON.stringify({ ...file, payload: Buffer.from(payload).toString('base64url') }),
    )
    assert.equal(await refusal(), 'tampered')
    cpSync(join(published, `${next}/branch-02.json`), bundle(next))
    assert.equal(await refusal(), 'wrong-box')
    cpSync(bundle(good), bundle(next))
    assert.equal(await refusal(), 'older')
    writeFileSync(bundle(next), text)
    const mended = await pull('branch-01')
    assert.deepEqual([mended.state, mended.managed?.serial], ['current', next])
    cpSync(join(folder.path, 'kept.json'), mark)
    const old = await pull('branch-01')
    assert.deepEqual([old.state, old.reason, old.managed?.serial], ['refused', 'older', next])
    const { active } = await box('branch-01').operations.alerts()
    assert.match(
      active.find(({ key }) => key === 'fleet-refused')?.sentence ?? '',
      /it is older than what this box has taken/,
    )
  })

  it('know the next key by a bundle of the present one', async () => {
    const made = headOffice.makeKey(join(folder.path, 'next.key'), 'a passphrase')
    assert.ok(made.kind === 'done')
    const told = readFileSync(join(office, 'fleet.toml'), 'utf8')
    write('fleet.toml', `${told}keys = ["${made.publicKey}"]\n`)
    const out = join(office, 'published')
    const both = [...keys, join(folder.path, 'next.key')]
    const wish = { folder: office, passphrase: 'a passphrase', out, now: clock.wall() }
    const alone = headOffice.sign({ ...wish, keys, serial: 50 })
    assert.match(alone.kind === 'refused' ? alone.reason : '', /fleet\.toml: keys: none of them signs here/)
    const first = headOffice.sign({ ...wish, keys: both, serial: 50 })
    assert.equal(first.kind, 'done')
    assert.equal((await pull('branch-01')).managed?.serial, 50)
    assert.equal(headOffice.sign({ ...wish, keys: both, serial: 51 }).kind, 'done')
    assert.equal((await pull('branch-01')).managed?.serial, 51)
    write('fleet.toml', told)
    assert.equal(headOffice.sign({ ...wish, keys: [...keys], serial: 52 }).kind, 'done')
    assert.equal((await pull('branch-01')).reason, 'wrong-key')
  })

  it('list each other by address, authority and token, silent ones first', async () => {
    const listing = box('branch-10').operations
    const rows = await Promise.all(
      listed.map(async (name) => {
        const { operations, console } = box(name)
        const token = await operations.addToken(
          { name: 'list', role: 'viewer', days: 30, maker: undefined },
          'anna',
        )
        const { fingerprint } = await operations.claim()
        assert.ok(token.kind === 'done')
        return `[[fleet.box]]\nname = "${name}"\naddress = "${new URL(console).host}"\nfingerprint = "${fingerprint}"\ntoken = "${token.token}"\n`
      }),
    )
    const text = await listing.exportSetup()
    const applied = await listing.applySetup(`${text}${rows.join('')}`, { check: false, who: 'anna' })
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
    assert.doesNotMatch(await listing.exportSetup(), /inkpost_/)
    const seen = async () =>
      (await listing.fleetBoxes()).map(({ name, mood, serial, trouble }) => [name, mood, serial, trouble])
    assert.deepEqual(
      await seen(),
      listed.map((name) => [name, 'unknown', 0, '']),
      'nobody waits for those that are asked first',
    )
    await until('both have answered', async () => (await seen()).every(([, mood]) => mood === 'good'))
    assert.deepEqual(
      await seen(),
      listed.map((name) => [name, 'good', 1, '']),
    )
    await box('branch-05')[Symbol.asyncDispose]()
    boxes.delete('branch-05')
    clock.stand(2 * minute)
    const [worst, best] = await until('one is silent', async () => {
      const known = await listing.fleetBoxes()
      return known[0]?.mood === 'silent' && known
    })
    assert.deepEqual([worst?.name, best?.name, best?.mood], ['branch-05', 'branch-04', 'good'])
  })

  it('is told to head office without addresses or secrets', () => {
    const told = server.told
      .map((text) => Buffer.from(JSON.parse(text).payload, 'base64url').toString())
      .join('\n')
    assert.ok(told.includes('"name":"branch-10"'))
    for (const leak of ['@', '127.0.0', 'localhost', secret]) assert.ok(!told.includes(leak), leak)
    const view = headOffice.told(office, join(office, 'statuses'), clock.wall())
    assert.equal(view.kind === 'done' && view.boxes.length, 10)
  })

  it('leave with everything as it is, and it is theirs', async () => {
    const { operations } = box('branch-08')
    const text = await operations.exportSetup()
    const left = text.replace(/\[fleet\][\s\S]*?\n\n/, '').replace('keep = "60d"', 'keep = "61d"')
    const applied = await operations.applySetup(left, { check: false, who: 'anna' })
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
    assert.match(await operations.exportSetup(), /name = "helpdesk"/)
    assert.deepEqual((await operations.fleet()).managed, undefined)
    const back = await operations.applySetup(text.replace('keep = "60d"', 'keep = "61d"'), {
      check: false,
      who: 'anna',
    })
    assert.equal(back.kind, 'applied', JSON.stringify(back))
    const { state, managed } = await pull('branch-08')
    assert.deepEqual([state, managed?.serial], ['current', 1], 'and come back')
    assert.match(await operations.exportSetup(), /keep = "60d"/)
  })

  it('keep what they took where they start before their address is there', async () => {
    const name = 'branch-02'
    const doors = ['127.0.0.1', '192.0.2.5']
      .map((address) => `[[listener]]\nname = "at ${address}"\naddress = "${address}"\nport = 0\n`)
      .join('')
    write('common.toml', common(`${relayRow(relay.port)}${doors}`))
    const serial = sign()
    const taken = await pull(name)
    assert.deepEqual([taken.state, taken.managed?.serial], ['current', serial])
    await box(name)[Symbol.asyncDispose]()
    boxes.set(name, await GatewayInProcess.start(join(folder.path, name), undefined, { clock }))
    assert.equal((await box(name).operations.fleet()).state, 'current')
    const { state, managed } = await pull(name)
    assert.deepEqual([state, managed?.serial], ['current', serial])
  })
})
