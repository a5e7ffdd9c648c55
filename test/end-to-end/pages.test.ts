// What the console's pages Home, Devices, Queue, Message and Upstreams do, through a real gateway.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Done, Operations } from '../../src/core/operations.ts'
import type { MailSearch } from '../../src/core/queue-operations.ts'
import { hour, minute, wallMs } from '../../src/core/time.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

const who = 'anna'
const clock = () => new RunningClock(wallMs(Date.UTC(2026, 10, 29, 12)))
const setup = `schema = 1
[gateway]
name = "branch-07"
postmaster = "it@contoso.com"
sender = "box@contoso.com"
${testListeners}
[[device]]
name = "Scanner"
username = "scan1"
password = "48151623"
sender = "scanner@contoso.com"
[[device]]
name = "Panel"
addresses = ["127.0.0.1"]
sender = "panel@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`
const smarthost = { name: 'hub', kind: 'smarthost', host: '127.0.0.1', port: 1, security: 'plain' }
const looking: MailSearch = {
  q: '',
  isOpen: false,
  device: undefined,
  state: undefined,
  limit: 50,
  cursor: undefined,
}

function did<T>(done: Done<T>): T {
  if (done.kind === 'refused') assert.fail(done.reason)
  return done
}
function refusal(done: Done<unknown>) {
  if (done.kind === 'done') assert.fail('it was done')
  return done
}

async function onBox(play: (gateway: GatewayInProcess, time: RunningClock) => Promise<void>): Promise<void> {
  using folder = temporaryFolder()
  const time = clock()
  await using gateway = await GatewayInProcess.start(folder.path, setup, { clock: time })
  await play(gateway, time)
}

/** One session from an address of loopback; the reply to each line. */
async function talk(port: number, from: string, ...lines: readonly string[]): Promise<readonly string[]> {
  using client = await SmtpClient.connect(port, '127.0.0.1', from)
  const replies: string[] = []
  for (const line of lines) replies.push(await client.command(line))
  return replies
}
const login = (password: string): string =>
  `AUTH PLAIN ${Buffer.from(`\0scan1\0${password}`).toString('base64')}`

const sheetOf = async (operations: Operations, name: string) => did(await operations.deviceSheet(name)).sheet
const pageOf = async (operations: Operations, search: Partial<MailSearch>) =>
  did(await operations.search({ ...looking, ...search })).page

describe('home', () => {
  it('says that everything works, then the worst problem, then that it works again', () =>
    onBox(async ({ operations }, time) => {
      const before = await operations.home()
      assert.deepEqual([before.sentence, before.problems], ['Everything works.', []])
      assert.deepEqual(
        before.devices.map(({ name, health }) => [name, health.word]),
        [
          ['Scanner', 'never seen'],
          ['Panel', 'never seen'],
        ],
      )
      did(await operations.pause('kept', who))
      await time.jump(minute)
      const paused = await operations.home()
      assert.equal(paused.sentence, 'kept is paused: paused by hand.')
      assert.deepEqual(paused.problems[0]?.cure, { kind: 'resume-upstream', upstream: 'kept' })
      time.believable = () => false
      await time.jump(minute)
      const worst = await operations.home()
      assert.equal(worst.problems[0]?.problem.kind, 'clock-wrong')
      assert.deepEqual(
        worst.problems.map(({ problem }) => problem.kind),
        ['clock-wrong', 'upstream-paused'],
      )
      time.believable = () => true
      did(await operations.resume('kept', who))
      await time.jump(minute)
      assert.equal((await operations.home()).sentence, 'Everything works.')
    }))

  it('counts what was sent today and what waits, and shows a device in trouble', () =>
    onBox(async (gateway, time) => {
      const { operations } = gateway
      const { id } = await gateway.send({ to: ['a@contoso.com', 'b@contoso.com'] })
      await gateway.messageIs(id, 'accepted')
      await talk(gateway.port('plain'), '127.0.0.9', 'EHLO x', login('48151624'))
      await time.jump(minute)
      const home = await until('the session is over', async () => {
        const view = await operations.home()
        await time.jump(2000)
        return view.problems.some(({ problem }) => problem.kind === 'device-trouble') && view
      })
      assert.equal(home.sentToday, 2)
      const [scanner, panel] = home.devices
      assert.deepEqual([scanner?.health.word, panel?.health.word], ['wrong password', 'OK'])
      assert.ok(panel?.lastMail)
      assert.match(home.sentence, /^Scanner: The password is wrong\.$/)
      assert.deepEqual(home.problems[0]?.cure, { kind: 'page', page: 'device', name: 'Scanner' })
      assert.ok((home.disk.mails ?? 0) > 0)
      const { history } = did(await operations.deviceHistory('Scanner'))
      assert.deepEqual(history.days.at(-1)?.refused, { A5: 1 })
      assert.deepEqual([history.days.length, history.days.at(-1)?.date], [14, '2026-11-29'])
    }))

  it('forecasts when what waits will have left', () =>
    onBox(async (gateway, time) => {
      const { operations } = gateway
      did(await operations.editUpstream('kept', { quota: { per_minute: 2 } }, who))
      for (let n = 0; n < 6; n++) await gateway.send({ to: ['a@contoso.com'] })
      const home = await until('four wait', async () => {
        await time.jump(1100)
        const view = await operations.home()
        return view.upstreams[0]?.waiting === 4 && view
      })
      const forecast = home.upstreams[0]?.forecast
      assert.equal(forecast?.kind, 'leaves')
      const inMs = forecast.kind === 'leaves' ? forecast.lastInMs : 0
      assert.ok(inMs > minute && inMs <= 2 * minute, String(inMs))
    }))
})

describe('a device', () => {
  it('is edited by the rules of the setup document, only where it was named', () =>
    onBox(async ({ operations }) => {
      const before = await sheetOf(operations, 'Scanner')
      const change = { sender: 'desk@contoso.com', max_per_hour: 10, also_known_as: ['Old Login'] }
      const edited = did(await operations.editDevice('Scanner', change, who, before.revision))
      assert.equal(edited.revision, before.revision + 1)
      const after = await sheetOf(operations, 'Scanner')
      assert.deepEqual(after.settings, { ...before.settings, ...change })
      did(await operations.editDevice('Scanner', { sender: null, max_per_hour: null }, who))
      const { settings } = await sheetOf(operations, 'Scanner')
      assert.deepEqual([settings.sender, settings.max_per_hour], [undefined, 200])

      const wrong = refusal(
        await operations.editDevice('Scanner', { max_per_hour: 0, owner: 'nobody', username: 'panel' }, who),
      )
      assert.equal(wrong.isWrongInput, true)
      assert.deepEqual(wrong.trouble, {
        why: 'invalid',
        fields: [
          { field: 'max_per_hour', sentence: 'must be 1 to 1000000' },
          { field: 'owner', sentence: '"nobody" is no mail address' },
        ],
      })
      const [entry] = await operations.audit(1)
      assert.deepEqual(
        [entry?.who, entry?.what],
        [who, 'device "Scanner": sender changed; device "Scanner": max_per_hour changed'],
      )
    }))

  it('is not edited from what somebody else has changed', () =>
    onBox(async ({ operations }) => {
      const { revision } = await sheetOf(operations, 'Scanner')
      did(await operations.editDevice('Panel', { subject_prefix: '[panel] ' }, who))
      const late = refusal(await operations.editDevice('Scanner', { enabled: false }, who, revision))
      assert.deepEqual(late.trouble, { why: 'outdated', revision: revision + 1 })
      const unknown = refusal(await operations.editDevice('Nobody', { enabled: false }, who))
      assert.deepEqual(unknown.trouble, { why: 'unknown' })
    }))

  it('keeps password, history and waiting mail under a new name', () =>
    onBox(async (gateway) => {
      const { operations } = gateway
      const { id } = await gateway.send({ to: ['a@contoso.com'] })
      await gateway.messageIs(id, 'accepted')
      did(await operations.editDevice('Scanner', { name: 'Desk', username: 'desk1' }, who))
      did(await operations.editDevice('Panel', { name: 'Door' }, who))
      const card = did(await operations.card('Desk'))
      assert.deepEqual([card.username, card.password], ['desk1', '48151623'])
      assert.equal((await gateway.message(id)).device, 'Door')
      const { history } = did(await operations.deviceHistory('Door'))
      assert.deepEqual([history.days.at(-1)?.mails, history.days.at(-1)?.sent], [1, 1])
      assert.equal((await sheetOf(operations, 'Door')).health.word, 'OK')
    }))

  it('may be raised for today', () =>
    onBox(async (gateway, time) => {
      const { operations } = gateway
      did(await operations.editDevice('Panel', { max_per_hour: 1 }, who))
      did(await operations.raiseLimit('Panel', 3, undefined, who))
      const { settings, effective } = await sheetOf(operations, 'Panel')
      assert.deepEqual([settings.raised_until, effective.maxPerHour], ['2026-11-29', 3])
      for (let n = 0; n < 3; n++) {
        const { id } = await gateway.send({ to: ['a@contoso.com'] })
        await gateway.messageIs(id, 'accepted')
      }
      const { id } = await gateway.send({ to: ['a@contoso.com'] })
      const [row] = (await pageOf(operations, { q: id })).rows
      assert.equal(row?.kind === 'mail' && row.wait?.kind, 'paced')
      await time.jump(13 * hour)
      assert.equal((await sheetOf(operations, 'Panel')).effective.maxPerHour, 1)
    }))

  it('is replaced: the new one is known by its login, and bound as the old one was', () =>
    onBox(async (gateway) => {
      const { operations } = gateway
      const bound = { addresses: ['127.0.0.20'] }
      did(await operations.editDevice('Scanner', bound, who))
      did(await operations.replaceDevice('Scanner', who))
      const waiting = await sheetOf(operations, 'Scanner')
      assert.deepEqual(waiting.settings.addresses, [])
      assert.ok((waiting.replacement?.leftMs ?? 0) > 23 * hour)
      const replies = await talk(gateway.port('plain'), '127.0.0.21', 'EHLO new', login('48151623'), 'QUIT')
      assert.match(replies[1] ?? '', /^235/)
      const bind = await until('bound', async () => {
        const { settings } = await sheetOf(operations, 'Scanner')
        return settings.addresses.length > 0 && settings
      })
      assert.deepEqual(bind.addresses, ['127.0.0.21'])
      assert.equal((await sheetOf(operations, 'Scanner')).replacement, undefined)
      assert.match(refusal(await operations.replaceDevice('Panel', who)).reason, /^Panel has no password/)
    }))

  it('gets its card printed only where it is, beside the box', () =>
    onBox(async ({ operations }) => {
      const unknown = refusal(await operations.printCard('Scanner', undefined, who))
      assert.match(unknown.reason, /^it is not known where Scanner is/)
      const foreign = refusal(await operations.printCard('Panel', '192.0.2.7', who))
      assert.equal(foreign.reason, '192.0.2.7 is no address of Panel')
      const own = refusal(await operations.printCard('Panel', '127.0.0.1', who))
      assert.match(own.reason, /^127\.0\.0\.1 is in no network of this box/)
    }))
})

describe('queue and message', () => {
  it('finds mail and sessions, page by page', () =>
    onBox(async (gateway) => {
      const { operations } = gateway
      const ids: string[] = []
      for (const subject of ['alpha', 'beta', 'gamma'])
        ids.unshift((await gateway.send({ to: [`${subject}@contoso.com`], subject })).id)
      const first = await pageOf(operations, { limit: 2 })
      const second = await pageOf(operations, { limit: 2, cursor: first.next })
      const all = [...first.rows, ...second.rows].map((row) => (row.kind === 'mail' ? row.message : ''))
      assert.deepEqual(all, ids)
      assert.equal(second.next, undefined)
      const [found] = (await pageOf(operations, { q: 'BETA' })).rows
      assert.equal(found?.kind === 'mail' && found.subject, 'beta')
      assert.match(refusal(await operations.search({ ...looking, cursor: 'x' })).reason, /no cursor/)

      await talk(gateway.port('plain'), '127.0.0.9', 'EHLO x', login('48151624'))
      const session = await until('the session is written', async () => {
        const [row] = (await pageOf(operations, { q: 'a5' })).rows
        return row?.kind === 'session' && row
      })
      assert.deepEqual([session.device, session.code], ['Scanner', 'A5'])
    }))

  it('says why mail waits, drops it, and brings it back', () =>
    onBox(async (gateway, time) => {
      const { operations } = gateway
      did(await operations.pause('kept', who))
      const { id } = await gateway.send({ to: ['a@contoso.com'] })
      await gateway.messageIs(id, 'deferred')
      const [waits] = (await pageOf(operations, { isOpen: true })).rows
      assert.ok(waits?.kind === 'mail')
      assert.deepEqual([waits.wait?.kind, waits.wait?.upstream], ['upstream-paused', 'kept'])
      assert.equal(waits.wait?.sentence, 'kept is paused: paused by hand.')

      const dropped = did(await operations.drop(id, who))
      assert.equal(dropped.undoUntil, wallMs(dropped.undoUntil))
      did(await operations.resume('kept', who))
      assert.deepEqual(await gateway.states(id), ['dropped'])
      assert.equal((await operations.story(id))?.undoUntil, dropped.undoUntil)
      did(await operations.undoDrop(id, who))
      await gateway.messageIs(id, 'accepted')

      did(await operations.pause('kept', who))
      const gone = (await gateway.send({ to: ['a@contoso.com'] })).id
      await gateway.messageIs(gone, 'deferred')
      did(await operations.drop(gone, who))
      await time.jump(3 * minute)
      await until('its body is gone', async () => (await operations.content(gone, who)) === undefined)
      assert.match(refusal(await operations.undoDrop(gone, who)).reason, /can no more be undone/)
      assert.deepEqual(await gateway.states(gone), ['dropped'])
      const said = (await operations.audit(20)).map(({ what }) => what)
      assert.ok(said.includes(`queue: drop of ${id} undone (1 delivery)`), said.join('\n'))
    }))

  it('ends a drop that an earlier process began', async () => {
    using folder = temporaryFolder()
    const time = clock()
    let id = ''
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, { clock: time })
      did(await gateway.operations.pause('kept', who))
      id = (await gateway.send({ to: ['a@contoso.com'] })).id
      await gateway.messageIs(id, 'deferred')
      did(await gateway.operations.drop(id, who))
    }
    await time.jump(3 * minute)
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: time })
    assert.equal(await gateway.operations.content(id, who), undefined)
    assert.match(refusal(await gateway.operations.undoDrop(id, who)).reason, /can no more be undone/)
  })

  it('tells the whole way with its three ticks, and who read the content', () =>
    onBox(async (gateway) => {
      const { operations } = gateway
      const { id } = await gateway.send({ to: ['a@contoso.com'] })
      await gateway.messageIs(id, 'accepted')
      const story = await operations.story(id)
      assert.deepEqual(story?.recipients[0]?.ticks, {
        boxHasIt: true,
        wayOutTookIt: true,
        delivered: 'not told by this way out',
      })
      assert.deepEqual(
        story.steps.map(({ kind }) => kind),
        ['accepted', 'handed-over', 'attempt'],
      )
      assert.equal(await operations.story('ZZZ'), undefined)
      assert.ok(await operations.content(id, who))
      assert.equal((await operations.audit(1))[0]?.what, `message ${id}: its content was downloaded`)
    }))
})

describe('ways out and settings', () => {
  it('are added, changed and removed; a secret goes in and never out', () =>
    onBox(async ({ operations }) => {
      const { revision } = await operations.settingsSheet()
      const secret = { kind: 'password', username: 'box', password: 'hunter2-hunter2' }
      const row = { ...smarthost, security: 'starttls', credential: secret }
      did(await operations.addUpstream(row, who, revision))
      const { sheet } = did(await operations.upstreamSheet('hub'))
      assert.doesNotMatch(JSON.stringify(sheet), /hunter2/)
      assert.deepEqual(sheet.settings['credential'], { ...secret, password: '(kept)' })
      did(
        await operations.editUpstream(
          'hub',
          { credential: sheet.settings['credential'] ?? null, port: 2 },
          who,
        ),
      )
      assert.match(await operations.exportSetup(), /port = 2/)

      const named = refusal(await operations.editUpstream('hub', { name: 'other' }, who))
      assert.deepEqual(named.trouble?.why === 'invalid' && named.trouble.fields[0]?.field, 'name')
      const bad = refusal(await operations.addUpstream({ ...smarthost, name: 'two', host: '' }, who))
      assert.deepEqual(bad.trouble?.why === 'invalid' && bad.trouble.fields[0]?.field, 'host')

      did(await operations.editDevice('Scanner', { route: ['hub'] }, who))
      const used = refusal(await operations.removeUpstream('hub', who))
      assert.match(used.reason, /Scanner/)
      did(await operations.editDevice('Scanner', { route: null }, who))
      did(await operations.removeUpstream('hub', who))
      assert.deepEqual(refusal(await operations.removeUpstream('hub', who)).trouble, { why: 'unknown' })
    }))

  it('shows what a way out was used for, and whose mail may take it', () =>
    onBox(async (gateway, time) => {
      const { operations } = gateway
      const price = { per_message: 0.5, per_megabyte: 0, currency: 'EUR' }
      did(await operations.editUpstream('kept', { price, quota: { per_minute: 5 } }, who))
      await time.jump(hour)
      const { id } = await gateway.send({ to: ['a@contoso.com', 'b@contoso.com'] })
      await gateway.messageIs(id, 'accepted')
      const { sheet } = did(await operations.upstreamSheet('kept'))
      assert.deepEqual(sheet.devices, ['Scanner', 'Panel'])
      assert.deepEqual([sheet.use.mails, sheet.use.recipients], [1, 2])
      assert.deepEqual(sheet.use.cost, { amount: 1, currency: 'EUR' })
      assert.ok((sheet.use.expected?.amount ?? 0) > 1 && (sheet.use.expected?.amount ?? 9) < 1.1)
      assert.deepEqual(
        sheet.quota.map(({ windowMs, of, limit, left }) => [windowMs, of, limit, left]),
        [[minute, 'messages', 5, 4]],
      )
    }))

  it('are changed on the objects that they belong to', () =>
    onBox(async ({ operations }) => {
      const before = await operations.settingsSheet()
      const change = { timezone: 'Europe/Berlin', default_domain: 'contoso.com' }
      did(await operations.editSettings('gateway', change, who, before.revision))
      did(await operations.editSettings('limits', { recipients: 10 }, who))
      const { tables } = await operations.settingsSheet()
      assert.deepEqual(tables.gateway, { ...before.tables.gateway, ...change })
      assert.equal(tables.limits['recipients'], 10)
      const wrong = refusal(await operations.editSettings('gateway', { name: 'Not A Label!' }, who))
      assert.deepEqual(wrong.trouble?.why === 'invalid' && wrong.trouble.fields.map(({ field }) => field), [
        'name',
      ])
      const late = refusal(await operations.editSettings('limits', { recipients: 9 }, who, before.revision))
      assert.equal(late.trouble?.why, 'outdated')
    }))

  it('can be looked at and changed while no gateway runs', async () => {
    using folder = temporaryFolder()
    const time = clock()
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, { clock: time })
      await gateway.messageIs((await gateway.send({ to: ['a@contoso.com'] })).id, 'accepted')
    }
    await using operations = await openOffline(`${folder.path}/data`, { clock: time })
    const home = await operations.home()
    assert.equal(home.problems[0]?.problem.kind, 'not-running')
    assert.equal(home.devices[1]?.health.word, 'OK')
    did(await operations.editDevice('Panel', { name: 'Door' }, who))
    assert.equal((await pageOf(operations, { device: 'Door' })).rows.length, 1)
  })
})
