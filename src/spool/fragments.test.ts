import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gather, mostOpenSets } from '../core/fragment.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Publication, Spool } from '../core/spool.ts'
import { day } from '../core/time.ts'
import { countIn } from './spool-file.ts'
import {
  changeTo,
  later,
  newMessage,
  noon,
  octetsOf,
  opened,
  published,
  publishing,
  readAll,
  recipientsOf,
  settlementOf,
  sha256,
  testSpool,
} from './spool-fixture.ts'

interface Piece {
  readonly id?: string
  readonly number: number
  readonly total?: number
  readonly content?: string
  readonly mostOctets?: number
}

const as = ({ id = 'x@y', number, total, content, mostOctets = 1e6 }: Piece): Partial<NewMessage> => ({
  collected: { fragment: { id, number, total }, mostOctets },
  contentSha256: (content ?? `${id} ${number}`).padEnd(64, '.'),
})

const came = (spool: Spool, piece: Piece, with_: Partial<NewMessage> = {}): Promise<MessageId> =>
  published(spool, octetsOf(100, piece.number), { ...as(piece), ...with_ })

const refusal = async (spool: Spool, piece: Piece, with_: Partial<NewMessage> = {}): Promise<Publication> =>
  (await publishing(spool, octetsOf(100), { ...as(piece), ...with_ })).publication

async function joined(
  spool: Spool,
  fragments: readonly MessageId[],
  with_: Partial<NewMessage> = {},
): Promise<{ readonly id: MessageId; readonly publication: Publication }> {
  const id = await spool.takeId()
  const reception = spool.receive(id)
  await reception.write(octetsOf(300_000))
  const message = newMessage(id, 300_000, { joinedFrom: fragments.length, ...with_ })
  return { id, publication: await reception.publish(message, { fragments, letters: [] }) }
}

const stateOf = async (spool: Spool, id: MessageId): Promise<readonly string[]> =>
  (await spool.message(id))?.recipients.map(({ state }) => state) ?? []

const stored = { kind: 'stored' } as const

describe('a fragment in the spool', () => {
  it('is collecting, due at no time, and shows how many are there', async () => {
    await using box = await testSpool()
    const first = await came(box.spool, { number: 1 })
    const last = await came(box.spool, { number: 3, total: 3 })
    assert.equal(await box.spool.nextDueAt(), undefined)
    assert.deepEqual(await box.spool.due(later(30 * day), 10), [])
    const rows = await box.spool.queue({ all: false, limit: 10 })
    assert.deepEqual(
      rows.map(({ message, state, reason }) => [message, state, reason]),
      [last, first].map((id) => [id, 'collecting', '2 of 3 pieces']),
    )
    const view = await box.spool.message(first)
    assert.deepEqual(view?.fragment, { number: 1, total: 3, here: 2, joinedInto: undefined })
  })

  it('belongs to a set by device, envelope and id', async () => {
    await using box = await testSpool()
    await came(box.spool, { number: 1, total: 2 })
    await came(box.spool, { number: 2, total: 2 }, { device: 'copier' })
    await came(box.spool, { number: 2, total: 2 }, recipientsOf('berta@contoso.com'))
    await came(box.spool, { number: 2, total: 2, id: 'other' })
    assert.equal((await box.spool.collecting()).length, 4)
    await came(box.spool, { number: 2, total: 2 })
    const sets = await box.spool.collecting()
    assert.deepEqual(
      sets.map(({ fragments }) => gather(fragments).kind),
      ['complete', 'incomplete', 'incomplete', 'incomplete'],
    )
  })

  it('is taken once, under its first id, also after the joining and a restart', async () => {
    await using box = await testSpool()
    const first = await came(box.spool, { number: 1, total: 2 })
    const repeat = { kind: 'repeat', of: first }
    assert.deepEqual(await refusal(box.spool, { number: 1, total: 2 }), repeat)
    const second = await came(box.spool, { number: 2, total: 2 })
    assert.deepEqual((await joined(box.spool, [first, second])).publication, stored)
    const spool = await box.reopen()
    assert.deepEqual(await refusal(spool, { number: 1, total: 2 }), repeat)
    // A day later it is a new scan under an old id.
    assert.deepEqual(await refusal(spool, { number: 1, total: 2 }, { acceptedWall: later(day + 1) }), stored)
  })

  it('that differs from the one with its number is kept beside it', async () => {
    await using box = await testSpool()
    await came(box.spool, { number: 1, total: 2 })
    const again = await came(box.spool, { number: 1, total: 2, content: 'other date' })
    const last = await came(box.spool, { number: 2, total: 2 })
    const [set] = await box.spool.collecting()
    const gathered = gather(set?.fragments ?? [])
    assert.equal(gathered.kind, 'complete')
    if (gathered.kind !== 'complete') return
    assert.deepEqual(
      gathered.fragments.map(({ message }) => message),
      [again, last],
    )
  })

  it('is refused where its set becomes too large, and repeats do not count twice', async () => {
    await using box = await testSpool()
    const most = { mostOctets: 250 }
    await came(box.spool, { number: 1, ...most })
    await came(box.spool, { number: 1, content: 'again', ...most })
    await came(box.spool, { number: 2, ...most })
    assert.deepEqual(await refusal(box.spool, { number: 3, ...most }), { kind: 'too-large' })
  })

  it('is refused where too many sets of its device wait; those that wait go on', async () => {
    await using box = await testSpool()
    for (let n = 0; n < mostOpenSets; n++) await came(box.spool, { id: `set ${n}`, number: 1 })
    assert.deepEqual(await refusal(box.spool, { id: 'one more', number: 1 }), { kind: 'too-many-sets' })
    assert.deepEqual(await refusal(box.spool, { id: 'set 3', number: 2 }), stored)
    assert.deepEqual(await refusal(box.spool, { id: 'one more', number: 1 }, { device: 'copier' }), stored)
    const full = countIn(box.file, 'chunk')
    assert.deepEqual(await refusal(box.spool, { id: 'one more', number: 1 }), { kind: 'too-many-sets' })
    assert.equal(countIn(box.file, 'chunk'), full)
  })
})

describe('a joined message', () => {
  it('takes the place of its fragments: bodies and deliveries of these are gone', async () => {
    await using box = await testSpool()
    const fragments = [await came(box.spool, { number: 1, total: 2 }), await came(box.spool, { number: 2 })]
    const { id, publication } = await joined(box.spool, fragments)
    assert.deepEqual(publication, stored)
    assert.deepEqual(await stateOf(box.spool, id), ['queued'])
    for (const fragment of fragments) {
      const view = await box.spool.message(fragment)
      assert.deepEqual([view?.recipients, view?.hasBody, view?.fragment?.joinedInto], [[], false, id])
    }
    assert.equal((await box.spool.message(id))?.joinedFrom, 2)
    assert.deepEqual(await box.spool.collecting(), [])
    const pages = await Array.fromAsync(box.spool.history(noon))
    assert.deepEqual(
      pages.flat().map((mail) => mail.id),
      [id],
      'the history counts it once',
    )
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'accepted')]))
    await box.spool.tidy(noon, 30 * day, 7 * day)
    const { devices } = await box.spool.finishedMail(noon, later(1))
    assert.deepEqual(devices, [{ device: 'scanner', mails: 1 }])
    assert.deepEqual(
      (await box.spool.monthUse('2026-11')).map(({ mails }) => mails),
      [1],
    )
  })

  it('is not published where its set has changed, and nothing is left of it', async () => {
    await using box = await testSpool()
    const first = await came(box.spool, { number: 1, total: 2 })
    const second = await came(box.spool, { number: 2, total: 2 })
    const changed = { kind: 'changed' }
    await came(box.spool, { number: 2, total: 2, content: 'repeat' })
    assert.deepEqual((await joined(box.spool, [first, second])).publication, changed, 'one came')
    await box.spool.operate('hold', { message: first }, noon)
    assert.deepEqual((await joined(box.spool, [first, second])).publication, changed, 'held')
    while (countIn(box.file, 'reception') > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(countIn(box.file, 'chunk'), 3)
  })

  it('is held from the beginning where it is said so', async () => {
    await using box = await testSpool()
    const fragments = [await came(box.spool, { number: 1, total: 1 })]
    const { id } = await joined(box.spool, fragments, { held: { code: 'no-way-out', reason: 'too large' } })
    const [row] = await box.spool.queue({ all: false, limit: 1 })
    assert.deepEqual([row?.message, row?.state, row?.reason], [id, 'held', 'too large'])
    assert.equal(await box.spool.operate('release', { message: id }, noon), 1)
    assert.deepEqual(await stateOf(box.spool, id), ['queued'])
  })
})

describe('fragments that are given up', () => {
  it('go on as mail of their own, or are held; a late one begins a new set', async () => {
    await using box = await testSpool()
    const sent = await came(box.spool, { number: 1, total: 3 })
    const held = await came(box.spool, { number: 2, total: 3 })
    const fragments = [
      { message: sent, isHeld: false },
      { message: held, isHeld: true },
    ]
    const givingUp = { fragments, reason: 'only 2 of 3 fragments came', letters: [], now: later(day) }
    assert.equal(await box.spool.giveUp(givingUp), true)
    assert.equal(await box.spool.giveUp(givingUp), false, 'once')
    assert.deepEqual([await stateOf(box.spool, sent), await stateOf(box.spool, held)], [['queued'], ['held']])
    assert.equal((await box.spool.due(later(day), 10))[0]?.id, sent)
    await came(box.spool, { number: 3, total: 3 })
    await came(box.spool, { number: 2, total: 3 })
    assert.equal((await box.spool.collecting())[0]?.fragments.length, 2)
    const pages = await Array.fromAsync(box.spool.history(noon))
    assert.equal(pages.flat().length, 2, 'they count as the mails that they are')
  })
})

describe('an operator and fragments', () => {
  it('acts on all of a scan by any of them', async () => {
    await using box = await testSpool()
    const ids = [
      await came(box.spool, { number: 1, total: 3 }),
      await came(box.spool, { number: 2, total: 3 }),
    ]
    const other = await came(box.spool, { number: 1, total: 3, id: 'other' })
    const states = () => Promise.all(ids.map((id) => stateOf(box.spool, id)))
    const [first, second] = ids
    if (first === undefined || second === undefined) return assert.fail()
    assert.equal(await box.spool.operate('hold', { message: second }, noon), 2)
    assert.deepEqual(await states(), [['held'], ['held']])
    assert.equal(await box.spool.operate('release', { message: first }, noon), 2)
    assert.deepEqual(await states(), [['queued'], ['queued']])
    const pages = await Array.fromAsync(box.spool.history(noon))
    assert.equal(pages.flat().length, 2, 'they count as the mails that they are')
    assert.deepEqual(await stateOf(box.spool, other), ['collecting'])
    assert.equal(await box.spool.operate('drop', { message: other }, noon), 1)
    assert.deepEqual(await box.spool.collecting(), [])
    // What was dropped is no repeat of what comes now.
    assert.deepEqual(await refusal(box.spool, { number: 1, total: 3, id: 'other' }), stored)
  })

  it('names one recipient of all', async () => {
    await using box = await testSpool()
    const to = (...addresses: readonly string[]) => recipientsOf(...addresses)
    const first = await came(box.spool, { number: 1 }, to('anna@contoso.com', 'berta@contoso.com'))
    const second = await came(box.spool, { number: 2, total: 2 }, to('berta@contoso.com', 'anna@contoso.com'))
    assert.equal(await box.spool.operate('drop', { message: first, recipient: 2 }, noon), 2)
    assert.deepEqual(await stateOf(box.spool, first), ['collecting', 'dropped'])
    assert.deepEqual(await stateOf(box.spool, second), ['dropped', 'collecting'])
    assert.deepEqual(
      (await box.spool.fragment(first))?.recipients.map(({ address }) => address),
      ['anna@contoso.com'],
    )
    assert.equal((await box.spool.collecting())[0]?.fragments.length, 2)
  })

  it('drops all of a scan by any of them where that can be undone, and brings all back', async () => {
    await using box = await testSpool()
    const [first, second] = [await came(box.spool, { number: 1 }), await came(box.spool, { number: 2 })]
    const states = () =>
      Promise.all([first, second].map(async (id) => (await box.spool.message(id))?.recipients[0]?.state))
    assert.equal(await box.spool.dropUntil({ message: second }, later(1000)), 2)
    assert.deepEqual(await states(), ['dropped', 'dropped'])
    assert.equal(await box.spool.undoDrop({ message: first }, noon), 2)
    assert.deepEqual(await states(), ['collecting', 'collecting'])
  })

  it('brings back no fragments of a scan that came whole since they were dropped', async () => {
    await using box = await testSpool()
    const dropped = await came(box.spool, { number: 1 })
    await box.spool.dropUntil({ message: dropped }, later(1000))
    const again = [await came(box.spool, { number: 1 }), await came(box.spool, { number: 2, total: 2 })]
    const id = await box.spool.takeId()
    const reception = box.spool.receive(id)
    await reception.write(octetsOf(200))
    await reception.publish(newMessage(id, 200, { joinedFrom: 2 }), { fragments: again, letters: [] })
    assert.equal(await box.spool.undoDrop({ message: dropped }, noon), 0)
    assert.deepEqual(await box.spool.collecting(), [])
    await box.spool.endDrops(later(1001))
    assert.equal((await box.spool.message(dropped))?.recipients[0]?.state, 'dropped')
  })

  it('brings back nothing for one recipient of a scan that was joined for the others', async () => {
    await using box = await testSpool()
    const two = recipientsOf('anna@contoso.com', 'berta@contoso.com')
    const first = await came(box.spool, { number: 1 }, two)
    assert.equal(await box.spool.dropUntil({ message: first, recipient: 2 }, later(1000)), 1)
    const second = await came(box.spool, { number: 2, total: 2 }, two)
    assert.deepEqual((await joined(box.spool, [first, second])).publication, stored)
    assert.equal(await box.spool.undoDrop({ message: first, recipient: 2 }, noon), 0)
    assert.deepEqual(await box.spool.collecting(), [])
    await box.spool.endDrops(later(1001))
    const repeat = { kind: 'repeat', of: first }
    assert.deepEqual(await refusal(box.spool, { number: 1 }, two), repeat)
  })

  it('means no collecting fragments by `hold all` and `release all`, but by `drop all`', async () => {
    await using box = await testSpool()
    const id = await came(box.spool, { number: 1 })
    assert.equal(await box.spool.operate('hold', 'all', noon), 0)
    assert.equal(await box.spool.operate('release', 'all', noon), 0)
    assert.deepEqual(await stateOf(box.spool, id), ['collecting'])
    assert.equal(await box.spool.operate('drop', 'all', noon), 1)
  })
})

describe('fragments of an unknown device', () => {
  const adoption = {
    address: '192.168.7.23',
    device: 'scanner',
    priority: 'normal',
    route: undefined,
    allowedRecipients: [],
  } as const

  it('go on once it is adopted, also above what a known device may have', async () => {
    await using box = await testSpool()
    const stranger = { device: 'unknown 192.168.7.23', isUnadopted: true }
    for (let n = 0; n <= mostOpenSets; n++) await came(box.spool, { id: `set ${n}`, number: 1 }, stranger)
    await box.spool.adopt(adoption, later(5))
    assert.equal((await box.spool.collecting()).length, mostOpenSets + 1)
    assert.deepEqual(await refusal(box.spool, { id: 'set 0', number: 2 }), stored)
    assert.deepEqual(await refusal(box.spool, { id: 'new', number: 1 }), { kind: 'too-many-sets' })
  })

  it('wait for its adoption, then for each other', async () => {
    await using box = await testSpool()
    const stranger = { device: 'unknown 192.168.7.23', isUnadopted: true }
    const first = await came(box.spool, { number: 1, total: 2 }, stranger)
    assert.deepEqual(await stateOf(box.spool, first), ['held'])
    assert.deepEqual(await box.spool.collecting(), [])
    assert.equal(await box.spool.adopt(adoption, later(5)), 1)
    assert.deepEqual(await stateOf(box.spool, first), ['collecting'])
    assert.equal(await box.spool.nextDueAt(), undefined)
    const second = await came(box.spool, { number: 2, total: 2 })
    const [set] = await box.spool.collecting()
    assert.deepEqual(
      set?.fragments.map(({ message, since }) => [message, since]),
      [
        [first, later(5)],
        [second, noon],
      ],
    )
  })
})

/** What the process says after each of its steps. */
interface Step {
  readonly step: string
  readonly fragments: readonly MessageId[]
  readonly joined: MessageId | undefined
}

const steps = [
  'fragment 1',
  'fragment 2',
  'fragment 3',
  'began',
  'wrote ahead',
  'publishing',
  'published',
] as const

describe('a process killed while it joins', () => {
  for (const step of steps) {
    it(`after "${step}" has the fragments or what they were joined into, once`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'joining-'))
      const file = join(folder, 'spool.db')
      const said = await killedAfter(step, file)
      await using spool = await opened({ file, reserveOctets: 0 })
      await spool.recover(noon)
      await assertOnce(spool, said)
      while (countIn(file, 'reception') > 0) await new Promise((resolve) => setImmediate(resolve))
      await spool[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    })
  }
})

async function killedAfter(step: string, file: string): Promise<Step> {
  const child = fork(new URL('./joining-process.fixture.ts', import.meta.url), [file, step], { execArgv: [] })
  let last: Step | undefined
  child.on('message', (said: Step) => {
    last = said
    if (said.step === step) child.kill('SIGKILL')
  })
  await ended(child)
  return last ?? assert.fail('it said nothing')
}

async function ended(child: ChildProcess): Promise<void> {
  const [code, signal]: unknown[] = await once(child, 'close')
  assert.equal(signal, 'SIGKILL', `it ended by itself with ${String(code)}`)
}

async function assertOnce(spool: Spool, { step, fragments, joined: id }: Step): Promise<void> {
  const whole = id && (await spool.message(id))
  if (step === 'published') assert.ok(whole, 'what was called stored is there')
  if (step !== 'published' && step !== 'publishing') assert.equal(whole, undefined)
  const waiting = (await spool.collecting()).flatMap((set) => set.fragments.map(({ message }) => message))
  assert.deepEqual(waiting, whole ? [] : fragments)
  for (const fragment of fragments) {
    const view = await spool.message(fragment)
    assert.equal(view?.fragment?.joinedInto, whole ? id : undefined)
    assert.equal(view?.hasBody, !whole)
    if (!whole)
      assert.equal(sha256(await readAll(await spool.content(fragment))), sha256(octetsOf(300_000, 7)))
  }
  if (whole && id) assert.equal(sha256(await readAll(await spool.content(id))), sha256(octetsOf(900_000, 8)))
}
