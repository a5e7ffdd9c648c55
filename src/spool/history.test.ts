import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageId } from '../core/message-id.ts'
import type { ClientMemory, Pause, SessionRecord, Spool } from '../core/spool.ts'
import { day, hour, minute } from '../core/time.ts'
import { numberOf } from './message-number.ts'
import { countIn, pretendSize, rowsOf } from './spool-file.ts'
import {
  changeTo,
  delivered,
  later,
  newMessage,
  noon,
  octetsOf,
  partKey,
  published,
  readAll,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const keepMs = 30 * day
const keepTranscriptsMs = 7 * day

const session = (id: string, endedAt = noon, text = 'RCPT TO:<anna@contoso.com>'): SessionRecord => ({
  id,
  startedAt: later(endedAt - noon - 100),
  endedAt,
  address: '192.168.7.20',
  listener: 'submission',
  device: undefined,
  helo: 'scanner',
  tls: 'TLSv1.2',
  messages: [],
  result: 'ok',
  verdict: undefined,
  lines: [{ at: 3, from: 'device', text }],
})

async function kept(spool: Spool, at = noon, size = 100): Promise<MessageId> {
  const id = await published(spool, octetsOf(size))
  await spool.start(startOf(partKey(id)))
  await spool.keep({
    message: id,
    upstream: 'outbox',
    at,
    header: Buffer.from('Subject: Scan\r\n\r\n'),
    bodyStart: 12,
    sender: 'scanner@contoso.com',
    recipients: ['anna@contoso.com'],
  })
  await spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'accepted')]))
  return id
}

describe('the outbox', () => {
  it('keeps header and body of what was not sent', async () => {
    await using box = await testSpool()
    const id = await kept(box.spool)
    const view = await box.spool.message(id)
    assert.deepEqual(view?.outbox, {
      at: noon,
      header: 'Subject: Scan\r\n\r\n',
      bodyStart: 12,
      sender: 'scanner@contoso.com',
    })
    assert.equal((await readAll(await box.spool.content(id), { start: 12, end: 100 })).length, 88)
  })

  it('adds the recipients of a second part', async () => {
    await using box = await testSpool()
    const id = await kept(box.spool)
    const entry = { message: id, upstream: 'outbox', at: later(1), header: Buffer.from('x'), bodyStart: 1 }
    await box.spool.keep({
      ...entry,
      sender: 's@contoso.com',
      recipients: ['ben@contoso.com', 'anna@contoso.com'],
    })
    const rows = rowsOf<{ recipients: string }>(box.file, 'SELECT recipients FROM outbox')
    assert.deepEqual(rows, [{ recipients: '["anna@contoso.com","ben@contoso.com"]' }])
  })

  it('forgets after 7 days', async () => {
    await using box = await testSpool()
    const old = await kept(box.spool, noon)
    const fresh = await kept(box.spool, later(1))
    await box.spool.tidy(later(7 * day + 1), keepMs, keepTranscriptsMs)
    assert.equal(await box.spool.content(old), undefined)
    assert.equal((await box.spool.message(old))?.outbox, undefined)
    assert.ok(await box.spool.content(fresh))
  })

  it('forgets the oldest above 200 MB', async () => {
    await using box = await testSpool()
    const old = await kept(box.spool)
    const fresh = await kept(box.spool)
    const huge = await published(box.spool, octetsOf(100))
    await box.spool.start(startOf(partKey(huge)))
    await box.spool.settle(settlementOf(partKey(huge), [changeTo(huge, 1, 'accepted')]))
    await box.spool.tidy(noon, keepMs, keepTranscriptsMs)
    assert.ok(await box.spool.content(old), 'below the limit nothing goes')
    pretendSize(box.file, numberOf(fresh), 199_999_950)
    await box.spool.tidy(noon, keepMs, keepTranscriptsMs)
    assert.equal(await box.spool.content(old), undefined)
    assert.ok((await box.spool.message(fresh))?.hasBody)
  })
})

describe('history', () => {
  it('ends for finished messages after the time it is kept, and for nothing that is open', async () => {
    await using box = await testSpool()
    const done = await published(box.spool, octetsOf(300_000))
    const open = await published(box.spool)
    await delivered(box.spool, done)
    await box.spool.tidy(noon, keepMs, keepTranscriptsMs)
    await box.spool.tidy(later(keepMs), keepMs, keepTranscriptsMs)
    assert.ok(await box.spool.message(done))
    await box.spool.tidy(later(keepMs + 1), keepMs, keepTranscriptsMs)
    assert.equal(await box.spool.message(done), undefined)
    assert.ok(await box.spool.message(open))
    for (const table of ['part', 'part_recipient', 'attempt'])
      assert.equal(countIn(box.file, table), 0, table)
    assert.equal(countIn(box.file, 'delivery'), 1)
  })

  it('goes through more than one slice', async () => {
    await using box = await testSpool()
    await Promise.all(Array.from({ length: 450 }, () => published(box.spool)))
    assert.equal(await box.spool.operate('drop', 'all', noon), 450)
    await box.spool.tidy(noon, keepMs, keepTranscriptsMs)
    await box.spool.tidy(later(keepMs + 1), keepMs, keepTranscriptsMs)
    assert.equal(countIn(box.file, 'message'), 0)
  })

  it('drops transcripts before the sessions, and what was used or learned long ago', async () => {
    await using box = await testSpool()
    const { spool } = box
    await spool.saveSessions([session('old'), session('new', later(keepTranscriptsMs))])
    const client: ClientMemory = {
      address: '192.168.7.20',
      speaksFirst: 'tls',
      device: undefined,
      seenAt: noon,
    }
    await spool.rememberClients([client])
    await spool.recordUse({ upstream: 'acs', what: 'ask', at: noon, messages: 1, recipients: 0, external: 0 })
    await spool.tidy(later(keepTranscriptsMs + 1), keepMs, keepTranscriptsMs)
    assert.deepEqual((await spool.session('old'))?.lines, [])
    assert.equal((await spool.session('new'))?.lines.length, 1)
    assert.equal((await spool.clients(noon)).length, 1)
    assert.equal((await spool.quotaUse(noon)).length, 1)
    await spool.tidy(later(keepMs + 1), keepMs, keepTranscriptsMs)
    assert.deepEqual(
      (await spool.sessions(10)).map(({ id }) => id),
      ['new'],
    )
    assert.deepEqual(await spool.clients(noon), [])
    assert.deepEqual(await spool.quotaUse(noon), [])
  })
})

describe('forgetting an address', () => {
  it('erases it from finished messages and transcripts, and from nothing else', async () => {
    await using box = await testSpool()
    const { spool } = box
    const both = {
      ...recipientsOf('Anna@contoso.com', 'joanna@contoso.com'),
      subject: 'for anna@contoso.com!',
    }
    const done = await published(spool, octetsOf(1), both)
    const open = await published(spool, octetsOf(1), recipientsOf('anna@contoso.com'))
    const reason = 'RCPT <anna@contoso.com> refused'
    await spool.settle(
      settlementOf(undefined, [changeTo(done, 1, 'bounced', { reason }), changeTo(done, 2, 'accepted')]),
    )
    await spool.saveSessions([session('S1'), session('S2', noon, 'RCPT TO:<joanna@contoso.com>')])
    assert.equal(await spool.forget('anna@contoso.com'), 3)
    const view = await spool.message(done)
    assert.deepEqual(
      view?.recipients.map((row) => row.address),
      ['(forgotten)', 'joanna@contoso.com'],
    )
    assert.equal(view?.recipients[0]?.reason, 'RCPT <(forgotten)> refused')
    assert.equal(view?.subject, 'for (forgotten)!')
    assert.equal((await spool.message(open))?.recipients[0]?.address, 'anna@contoso.com')
    assert.equal((await spool.session('S1'))?.lines[0]?.text, 'RCPT TO:<(forgotten)>')
    assert.equal((await spool.session('S2'))?.lines[0]?.text, 'RCPT TO:<joanna@contoso.com>')
    assert.equal(await spool.forget('anna@contoso.com'), 0)
  })

  it('goes through more than one slice, and takes what the outbox keeps', async () => {
    await using box = await testSpool()
    const { spool } = box
    const id = await kept(spool)
    await Promise.all(Array.from({ length: 1100 }, () => published(spool)))
    await spool.operate('drop', 'all', noon)
    await spool.saveSessions(Array.from({ length: 250 }, (_, n) => session(`S${n}`)))
    assert.equal(await spool.forget('anna@contoso.com'), 1101 + 250)
    assert.equal(await spool.content(id), undefined)
    assert.equal((await spool.message(id))?.outbox, undefined)
  })
})

describe('what is remembered', () => {
  it('pauses, until they are cleared', async () => {
    await using box = await testSpool()
    const pause: Pause = {
      upstream: 'acs',
      sender: undefined,
      code: 'secret-expired',
      reason: 'The secret expired',
      remedy: 'Make a new one',
      mayProbe: true,
      since: noon,
      byOperator: false,
      nextProbeAt: later(5 * minute),
      probes: 0,
    }
    const ofSender = {
      ...pause,
      sender: 'scanner@contoso.com',
      mayProbe: false,
      byOperator: true,
      nextProbeAt: undefined,
    }
    await box.spool.setPause(pause)
    await box.spool.setPause(ofSender)
    await box.spool.setPause({ ...pause, probes: 1 })
    const spool = await box.reopen()
    assert.deepEqual(await spool.pauses(), [{ ...pause, probes: 1 }, ofSender])
    await spool.clearPause('acs', undefined)
    assert.deepEqual(await spool.pauses(), [ofSender])
    await spool.clearPause('acs', 'scanner@contoso.com')
    assert.deepEqual(await spool.pauses(), [])
  })

  it('quota use, added up', async () => {
    await using box = await testSpool()
    const use = { upstream: 'acs', what: 'send', at: noon, messages: 1, recipients: 3, external: 2 } as const
    await box.spool.recordUse(use)
    await box.spool.recordUse(use)
    await box.spool.recordUse({ ...use, at: later(1), what: 'ask' })
    assert.deepEqual(await box.spool.quotaUse(noon), [
      { ...use, messages: 2, recipients: 6, external: 4 },
      { ...use, at: later(1), what: 'ask' },
    ])
    assert.equal((await box.spool.quotaUse(later(1))).length, 1)
  })

  it('which device sent when, out of order as mails end', async () => {
    await using box = await testSpool()
    await published(box.spool, octetsOf(1), { acceptedWall: noon })
    await published(box.spool, octetsOf(1), { acceptedWall: later(9), device: 'other' })
    await published(box.spool, octetsOf(1), { acceptedWall: later(5) })
    await published(box.spool, octetsOf(1), { acceptedWall: later(6), device: undefined })
    assert.deepEqual(await box.spool.acceptedSince(later(1)), [
      { device: 'scanner', at: later(5) },
      { device: 'other', at: later(9) },
    ])
  })

  it('sessions, latest first', async () => {
    await using box = await testSpool()
    const first = {
      ...session('A'),
      device: 'scanner',
      messages: [newMessage(await box.spool.takeId(), 1).id],
    }
    await box.spool.saveSessions([first, session('B', later(1))])
    assert.deepEqual(await box.spool.sessions(1), [session('B', later(1))])
    assert.deepEqual(await box.spool.session('A'), first)
    assert.equal(await box.spool.session('C'), undefined)
  })

  it('clients by address', async () => {
    await using box = await testSpool()
    const client: ClientMemory = { address: '::1', speaksFirst: 'smtp', device: 'scanner', seenAt: noon }
    await box.spool.rememberClients([client, { ...client, seenAt: later(hour), device: undefined }])
    assert.deepEqual(await box.spool.clients(later(1)), [
      { ...client, seenAt: later(hour), device: undefined },
    ])
    assert.deepEqual(await box.spool.clients(later(day)), [])
  })

  it('alerts while they last', async () => {
    await using box = await testSpool()
    const alert = {
      key: 'vault-locked',
      severity: 'alarm',
      sentence: 'The key is lost',
      remedy: 'Restore it',
    } as const
    await box.spool.saveAlert(alert, noon)
    await box.spool.saveAlert({ ...alert, sentence: 'Still lost' }, noon)
    assert.deepEqual(await box.spool.alerts(), [{ ...alert, sentence: 'Still lost', since: noon }])
    await box.spool.clearAlert('vault-locked', later(5))
    assert.deepEqual(await box.spool.alerts(), [])
  })
})
