import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { Adoption } from '../core/learning.ts'
import { unknownDevice } from '../core/learning.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { day, hour, wallMs } from '../core/time.ts'
import { later, noon, octetsOf, published, recipientsOf, testSpool } from './spool-fixture.ts'

const address = '192.168.7.23'
const held: Partial<NewMessage> = { device: unknownDevice(address), isUnadopted: true }
const adoption = (changes: Partial<Adoption> = {}): Adoption => ({
  address,
  device: 'Copier',
  priority: 'normal',
  route: undefined,
  allowedRecipients: [],
  ...changes,
})

async function states(spool: Spool, id: MessageId): Promise<readonly string[]> {
  return (await spool.message(id))?.recipients.map(({ state }) => state) ?? []
}

describe('mail of an unknown device', () => {
  it('is held from its first moment and never due', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), held)
    assert.deepEqual(await states(box.spool, id), ['held'])
    assert.deepEqual(await box.spool.due(later(400 * day), 10), [])
    assert.equal(await box.spool.nextDueAt(), undefined)
  })

  it('is not let go by anything but an adoption', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), held)
    for (const selector of ['all', { message: id }] as const) {
      assert.equal(await box.spool.operate('release', selector, noon), 0)
      assert.equal(await box.spool.operate('retry', selector, noon), 0)
    }
    await box.spool.wake('acs', 100, noon)
    await box.spool.shiftTimes({ byMs: 30 * day, from: noon })
    const spool = await box.reopen()
    await spool.recover(later(31 * day))
    assert.deepEqual(await states(spool, id), ['held'])
    assert.deepEqual(await spool.due(later(400 * day), 10), [])
  })

  it('is counted by address with its age', async () => {
    await using box = await testSpool()
    await published(box.spool, octetsOf(100), { ...held, acceptedWall: later(hour) })
    await published(box.spool, octetsOf(50), { ...held, ...recipientsOf('a@contoso.com', 'b@contoso.com') })
    await published(box.spool, octetsOf(70), { ...held, device: unknownDevice('10.0.0.9') })
    await published(box.spool)
    assert.deepEqual(await box.spool.unadopted(), [
      { address: '10.0.0.9', mails: 1, octets: 70, oldest: noon, heldMs: 0 },
      { address, mails: 2, octets: 150, oldest: noon, heldMs: 0 },
    ])
  })

  it('leaves as the adopted device’s: its name, priority and route', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), held)
    const other = await published(box.spool, octetsOf(100), { ...held, device: unknownDevice('10.0.0.9') })
    const changes = { priority: 'alarm', route: ['hub'] } as const
    assert.equal(await box.spool.adopt(adoption(changes), later(hour)), 1)
    const [due, ...others] = await box.spool.due(later(hour), 10)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [due?.id, due?.device, due?.priority, due?.route, due?.recipients[0]?.lifetime.since],
      [id, 'Copier', 'alarm', ['hub'], later(hour)],
    )
    assert.deepEqual(await states(box.spool, other), ['held'])
    assert.equal(await box.spool.adopt(adoption(changes), later(hour)), 0)
  })

  it('loses recipients that the device may not write to, and says so', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), {
      ...held,
      ...recipientsOf('anna@contoso.com', 'eve@fabrikam.com'),
    })
    const alone = await published(box.spool, octetsOf(100), { ...held, ...recipientsOf('eve@fabrikam.com') })
    await box.spool.adopt(adoption({ allowedRecipients: ['*@contoso.com'] }), noon)
    assert.deepEqual(await states(box.spool, id), ['queued', 'dropped'])
    const reason = (await box.spool.message(id))?.recipients[1]?.reason
    assert.equal(reason, 'Copier may not write to this address')
    assert.deepEqual(await states(box.spool, alone), ['dropped'])
    await box.spool.tidy(noon, 30 * day, 7 * day)
    assert.equal(await box.spool.content(alone), undefined)
    assert.notEqual(await box.spool.content(id), undefined)
  })

  it('loses recipients that servers behind the allowed domain may send on, as at RCPT', async () => {
    await using box = await testSpool()
    const all = ['victim%elsewhere@contoso.com', 'elsewhere!victim@contoso.com', '"v@elsewhere"@contoso.com']
    const id = await published(box.spool, octetsOf(100), {
      ...held,
      ...recipientsOf('anna@contoso.com', ...all),
    })
    await box.spool.adopt(adoption({ allowedRecipients: ['*@contoso.com', all[1] ?? ''] }), noon)
    assert.deepEqual(await states(box.spool, id), ['queued', 'dropped', 'queued', 'dropped'])
    const free = await published(box.spool, octetsOf(100), { ...held, ...recipientsOf(...all) })
    await box.spool.adopt(adoption(), noon)
    assert.deepEqual(await states(box.spool, free), ['queued', 'queued', 'queued'])
  })

  it('is dropped when it was held too long, with its body', async () => {
    await using box = await testSpool()
    const old = await published(box.spool, octetsOf(100), held)
    await box.spool.ageUnadopted(hour)
    const fresh = await published(box.spool, octetsOf(100), held)
    const known = await published(box.spool)
    await box.spool.ageUnadopted(day)
    assert.equal((await box.spool.unadopted())[0]?.heldMs, day + 1)
    assert.equal(await box.spool.dropUnadopted(2 * day), 0)
    assert.equal(await box.spool.dropUnadopted(day), 1)
    assert.deepEqual(await states(box.spool, old), ['dropped'])
    assert.equal(await box.spool.content(old), undefined)
    assert.deepEqual(await states(box.spool, fresh), ['held'])
    assert.deepEqual(await states(box.spool, known), ['queued'])
    assert.equal(await box.spool.adopt(adoption(), noon), 1)
  })

  it('is as old as the time that was counted, whatever stands on disk and however often the box starts', async () => {
    await using box = await testSpool()
    await published(box.spool, octetsOf(100), { ...held, acceptedWall: wallMs(0) })
    await box.spool.ageUnadopted(30 * day)
    const spool = await box.reopen()
    assert.equal(await spool.dropUnadopted(hour), 0)
    await spool.ageUnadopted(hour)
    assert.equal(await spool.dropUnadopted(day), 0)
    assert.equal(await spool.dropUnadopted(hour), 1)
  })

  it('may be dropped by hand', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), held)
    assert.equal(await box.spool.operate('drop', { message: id }, noon), 1)
    assert.equal(await box.spool.adopt(adoption(), noon), 0)
    assert.deepEqual(await box.spool.unadopted(), [])
  })

  it('moves with a clock that is set, so that it is held for as long as it was', async () => {
    await using box = await testSpool()
    await published(box.spool, octetsOf(100), held)
    await box.spool.shiftTimes({ byMs: 10 * day, from: noon })
    assert.equal((await box.spool.unadopted())[0]?.oldest, later(10 * day))
  })

  it('is let go whole, however much there is', async () => {
    await using box = await testSpool()
    for (let mail = 0; mail < 45; mail++) await published(box.spool, octetsOf(10), held)
    assert.equal(await box.spool.adopt(adoption(), noon), 45)
    assert.equal((await box.spool.due(noon, 100)).length, 45)
    assert.deepEqual(await box.spool.unadopted(), [])
  })

  it('is found by an index that other mail is not in', async () => {
    await using box = await testSpool()
    await published(box.spool)
    await published(box.spool, octetsOf(10), held)
    const database = new Sqlite(box.file)
    const plan = database
      .prepare<[], { detail: string }>(
        `EXPLAIN QUERY PLAN SELECT DISTINCT message FROM delivery WHERE code = 'awaits-adoption'
           AND counted_ms >= 1 ORDER BY message LIMIT 20`,
      )
      .all()
      .map(({ detail }) => detail)
    database.close()
    assert.deepEqual(plan, ['SCAN delivery USING INDEX delivery_unadopted'])
  })
})

describe('the take-over window on disk', () => {
  it('is there after a restart, moves with the clock, and goes', async () => {
    await using box = await testSpool()
    assert.equal(await box.spool.takeOver(), undefined)
    const window = { subnet: '10.0.0.0/24', openedBy: 'anna', openedAt: noon, until: later(hour) }
    await box.spool.setTakeOver({ ...window, openedBy: 'ben' })
    await box.spool.setTakeOver(window)
    const spool = await box.reopen()
    assert.deepEqual(await spool.takeOver(), window)
    await spool.shiftTimes({ byMs: 1000, from: noon })
    const moved = { openedAt: wallMs(noon + 1000), until: later(hour + 1000) }
    assert.deepEqual(await spool.takeOver(), { ...window, ...moved })
    await spool.setTakeOver(undefined)
    assert.equal(await spool.takeOver(), undefined)
  })
})
