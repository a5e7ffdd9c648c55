// A box whose cloud is changed by one `apply` while mail waits: nothing is lost, nothing goes twice, no device is touched.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { startExchangeMx } from '../emulator/exchange-mx.ts'
import { acsError } from '../emulator/http-answer.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import type { GatewayInProcess } from '../gateway-in-process.ts'
import { until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'
import {
  apply,
  box,
  copies,
  everyone,
  inTime,
  openStage,
  type Stage,
  sender,
  subjectOf,
} from './moving-stage.ts'

const anna = 'anna@contoso.com'
const eve = 'eve@elsewhere.example'
const sending = { method: 'POST', path: /^\/emails:send/ } as const
const asking = { method: 'GET', path: /^\/emails\/operations\// } as const
const tooMany = acsError(429, 'TooManyRequests', 'Too many requests.', { 'retry-after': '3000' })
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const bodyOf = (raw: Buffer): Buffer => raw.subarray(raw.indexOf('\r\n\r\n') + 4)

const atExchange = ({ exchange }: Stage) => exchange.ledger.map(({ raw }) => subjectOf(raw))
const atAcs = ({ azure }: Stage) => azure.ledger.map(({ subject }) => subject)
const once = (subjects: readonly string[]) => Object.fromEntries(subjects.map((subject) => [subject, 1]))

/** Sent to a service whose answer is lost; `isTaken` as that answer would have said. */
async function leaveInDoubt(gateway: GatewayInProcess, { azure }: Stage, subject: string, isTaken: boolean) {
  azure.faults.push({ ...sending, ...(isTaken ? { kind: 'reply-lost' } : { kind: 'reset-at', bytes: 1e9 }) })
  const { id } = await gateway.send({ to: [anna], subject })
  await gateway.messageIs(id, 'indeterminate')
  return id
}

const nothingBounced = async (gateway: GatewayInProcess): Promise<void> => {
  const rows = await gateway.operations.queue({ all: true, limit: 1000 })
  assert.deepEqual(
    rows.filter(({ state }) => ['bounced', 'expired', 'dropped'].includes(state)),
    [],
  )
}

const alertKeys = async (gateway: GatewayInProcess): Promise<readonly string[]> =>
  (await gateway.operations.status()).alerts.map(({ key }) => key)

describe('a queue that is moved by one apply', () => {
  it('leaves by Exchange instead of ACS; what is in doubt is asked for at ACS first', {
    timeout: 60_000,
  }, async () => {
    await using stage = await openStage()
    const { azure, exchange, acsWay, exchangeWay } = stage
    await using gateway = await stage.start(box(acsWay))
    // A device that holds its session all the while.
    using device = await SmtpClient.connect(gateway.port('plain'))
    await device.command('HELO scanner')
    // ACS has no answer about them before the move.
    azure.faults.push({ ...asking, kind: 'status-503', count: 1000 })
    const taken = await leaveInDoubt(gateway, stage, 'scan taken', true)
    const lost = await leaveInDoubt(gateway, stage, 'scan lost', false)
    azure.faults.push({ ...sending, kind: 'answer', answer: tooMany, count: 1000 })
    const texts = Array.from({ length: 20 }, (_, n) => `page ${n}\r\n`.repeat(n % 5 === 0 ? 250_000 : 3))
    const ids: string[] = []
    for (const [n, text] of texts.entries())
      ids.push((await gateway.send({ to: [anna, eve], subject: `scan ${n}`, text })).id)
    await gateway.upstreamIs('acs', 'throttled')
    for (const id of ids) await gateway.messageIs(id, 'deferred', 'queued')
    assert.deepEqual(atAcs(stage), ['scan taken'])

    await apply(gateway, box(exchangeWay))
    const content = `From: ${sender}\r\nTo: ${anna}\r\nSubject: scan 20\r\n\r\nafter the move`
    const reply = await device.send({ from: sender, to: [anna], content })
    assert.match(reply, /^250 /)
    await exchange.ledgerReaches(21)
    const moved = [...texts.keys(), 20].map((n) => `scan ${n}`)
    assert.deepEqual(copies(atExchange(stage)), once(moved))
    for (const { raw } of exchange.ledger) {
      const text = texts[Number(subjectOf(raw).slice('scan '.length))]
      if (text !== undefined) assert.equal(sha256(bodyOf(raw)), sha256(`${text}\r\n`))
    }
    assert.ok(exchange.ledger.every(({ user, tls }) => user === sender && tls !== undefined))
    assert.equal((await gateway.upstream('acs')).state, 'retired')
    assert.deepEqual(
      [await gateway.states(taken), await gateway.states(lost)],
      [['indeterminate'], ['indeterminate']],
    )

    azure.faults.clear()
    await inTime(gateway, stage, 'no doubt is left', async () => {
      const views = await Promise.all([gateway.message(taken), gateway.message(lost)])
      return views.every((view) => everyone(view, 'accepted', 'confirmed'))
    })
    assert.deepEqual(copies(atExchange(stage)), { ...once(moved), 'scan lost': 1 })
    assert.deepEqual(atAcs(stage), ['scan taken'])
    for (const id of ids) await gateway.messageIs(id, 'accepted')
    await nothingBounced(gateway)
    await inTime(gateway, stage, 'ACS is forgotten', async () =>
      (await gateway.operations.status()).upstreams.every(({ name }) => name !== 'acs'),
    )
  })

  it('leaves by ACS again; what Exchange may have taken stays with Exchange', {
    timeout: 60_000,
  }, async () => {
    await using stage = await openStage()
    const { azure, exchange, acsWay, exchangeWay } = stage
    await using gateway = await stage.start(box(exchangeWay))
    exchange.script.add({ on: 'CONTENT', count: 1, action: { kind: 'drop', isStored: true } })
    const doubtful = (await gateway.send({ to: [anna], subject: 'scan doubtful' })).id
    await gateway.messageIs(doubtful, 'indeterminate')
    exchange.tenant.tenantBlock =
      '550 5.7.705 Access denied, tenant has exceeded threshold. [Hostname=exchange.test]'
    const ids: string[] = []
    for (let n = 0; n < 10; n += 1)
      ids.push((await gateway.send({ to: [anna, eve], subject: `scan ${n}` })).id)
    await gateway.upstreamIs('exchange', 'paused')

    await apply(gateway, box(acsWay))
    await azure.ledgerReaches(10)
    for (const id of ids) await gateway.messageIs(id, 'accepted', 'confirmed')
    assert.deepEqual(copies(atAcs(stage)), once(ids.map((_, n) => `scan ${n}`)))
    assert.deepEqual(atExchange(stage), ['scan doubtful'])
    assert.deepEqual(await gateway.states(doubtful), ['indeterminate'])

    exchange.tenant.tenantBlock = undefined
    await inTime(gateway, stage, 'no doubt is left', async () =>
      everyone(await gateway.message(doubtful), 'accepted'),
    )
    // SMTP can't be asked: the one repeat goes where the first may lie, under the same Message-ID.
    assert.deepEqual(copies(atExchange(stage)), { 'scan doubtful': 2 })
    const ids2 = new Set(exchange.ledger.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw.toString())?.[1]))
    assert.equal(ids2.size, 1)
    assert.equal(copies(atAcs(stage))['scan doubtful'], undefined)
    await nothingBounced(gateway)
  })

  it('waits, and tells, where Direct Send leaves recipients without a way; a second way takes them', {
    timeout: 60_000,
  }, async () => {
    await using stage = await openStage()
    const { azure, acsWay, ca } = stage
    const { certificateAuthority } = azure
    await using mx = await startExchangeMx({ upstream: { certificateAuthority } })
    await using hub = await startSmtpUpstream({ certificateAuthority })
    const direct = `[[upstream]]\nname = "direct"\nkind = "exchange-direct"\nhost = "localhost"\nport = ${mx.port}\naccepted_domains = ["contoso.com"]\nca_file = "${ca}"\n`
    const relay = `[[upstream]]\nname = "hub"\nkind = "smarthost"\nhost = "localhost"\nport = ${hub.port}\nca_file = "${ca}"\n`
    await using gateway = await stage.start(box(acsWay))
    azure.faults.push({ ...sending, kind: 'answer', answer: tooMany, count: 1000 })
    const both = (await gateway.send({ to: [anna, eve], subject: 'scan both' })).id
    const outside = (await gateway.send({ to: [eve], subject: 'scan outside' })).id
    await gateway.upstreamIs('acs', 'throttled')

    await apply(gateway, box(direct))
    await mx.ledgerReaches(1)
    await until('the rest waits', async () => {
      const states = [await gateway.states(both), await gateway.states(outside)]
      return JSON.stringify(states) === '[["accepted","deferred"],["deferred"]]'
    })
    await until('the queue says why', async () => {
      const rows = await gateway.operations.queue({ all: false, limit: 10 })
      return rows.every(({ reason }) => reason === 'no way out takes it: direct (external-recipient)')
    })
    await until('it is told', async () => {
      const { alerts } = await gateway.operations.status()
      return alerts.some(({ sentence }) => /no way out for 2 recipients/.test(sentence))
    })
    const doctor = await gateway.operations.doctor()
    assert.match(JSON.stringify(doctor), /no way out for 2 recipients/)
    const { reply } = await gateway.send({ to: [eve], subject: 'scan refused' })
    assert.match(reply, /^55\d 5\.\d\.\d /, 'a device that sends now sees it at its panel')
    await stage.clock.jump(3 * 24 * 60 * 60_000)
    await nothingBounced(gateway)
    await until('the postmaster has a mail about it', async () =>
      mx.ledger.some(
        ({ raw, recipients }) =>
          recipients[0]?.address === 'it@contoso.com' && raw.includes('no way out for 2 recipients'),
      ),
    )

    await apply(gateway, box(direct + relay))
    await gateway.messageIs(both, 'accepted')
    await gateway.messageIs(outside, 'accepted')
    await until('the alert is over', async () => !(await alertKeys(gateway)).includes('no-way-out'))
    assert.deepEqual(
      hub.ledger
        .map(({ raw, recipients }) => [subjectOf(raw), recipients.map(({ address }) => address)])
        .toSorted(),
      [
        ['scan both', [eve]],
        ['scan outside', [eve]],
      ],
    )
    const inside = mx.ledger.filter(({ raw }) => subjectOf(raw).startsWith('scan '))
    assert.deepEqual(
      inside.map(({ recipients }) => recipients.map(({ address }) => address)),
      [[anna]],
    )
    assert.equal(azure.ledger.length, 0)
  })
})

describe('one device first', () => {
  it('goes by Exchange while the rest stays with ACS, and back by taking its route away', {
    timeout: 60_000,
  }, async () => {
    await using stage = await openStage()
    const { acsWay, exchangeWay } = stage
    const pilot = (route: string): string =>
      `[[device]]\nname = "Pilot"\naddresses = ["127.0.0.2"]\nsender = "${sender}"\n${route}`
    const ways = `${acsWay}${exchangeWay}`
    await using gateway = await stage.start(box(ways, pilot('')))
    /** Both devices send one mail each. */
    const day = async (n: number): Promise<void> => {
      const { id } = await gateway.send({ to: [anna], subject: `scan rest ${n}` })
      using client = await SmtpClient.connect(gateway.port('plain'), '127.0.0.1', '127.0.0.2')
      await client.command('HELO pilot')
      const content = `From: ${sender}\r\nTo: ${anna}\r\nSubject: scan pilot ${n}\r\n\r\nhello`
      const reply = await client.send({ from: sender, to: [anna], content })
      await gateway.messageIs(id, 'accepted', 'confirmed')
      await gateway.messageIs(/([0-9A-Z]+)$/.exec(reply)?.[1] ?? '', 'accepted', 'confirmed')
    }
    await day(1)
    await apply(gateway, box(ways, pilot('route = ["exchange"]\n')))
    await day(2)
    await apply(gateway, box(ways, pilot('')))
    await day(3)
    assert.deepEqual(atExchange(stage), ['scan pilot 2'])
    assert.deepEqual(
      copies(atAcs(stage)),
      once(['scan pilot 1', 'scan pilot 3', 'scan rest 1', 'scan rest 2', 'scan rest 3']),
    )
  })
})
