import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { SessionRecord } from '../core/spool.ts'
import { hour, minute, second, wallMs } from '../core/time.ts'
import type { Verdict, VerdictCode } from '../core/verdict.ts'
import { SessionArchive } from './session-archive.ts'

const session = (id: string, said = 'QUIT', changes: Partial<SessionRecord> = {}) => ({
  record: (): SessionRecord => ({
    id,
    startedAt: wallMs(0),
    endedAt: wallMs(0),
    address: '192.168.7.20',
    listener: 'submission',
    device: undefined,
    helo: '',
    tls: '',
    messages: [],
    result: '',
    verdict: undefined,
    lines: [{ at: 0, from: 'device', text: said }],
    ...changes,
  }),
})

const verdictOf = (code: VerdictCode): Verdict => ({ code, sentence: '', evidence: [], cure: undefined })
const fine = (id: string, device = 'Scanner') => session(id, 'QUIT', { device, verdict: verdictOf('F1') })
const bad = (id: string) => session(id, 'QUIT', { device: 'Scanner', verdict: verdictOf('A5') })

function open() {
  const spool = new SpoolDouble()
  const clock = new JumpingClock(wallMs(0))
  const log: string[] = []
  const archive = new SessionArchive(spool, clock, { write: (_level, event) => log.push(event) })
  return { spool, clock, log, archive }
}

const ids = (records: readonly SessionRecord[]): string[] => records.map(({ id }) => id)

describe('sessions from which nothing came', () => {
  const of = (id: string, facts: Partial<SessionRecord>) => ({
    record: () => ({ ...session(id).record(), ...facts }),
  })

  it('are written down at a panel’s rate, not at a flood’s; all are shown while they are the last', async () => {
    const { spool, clock, archive } = open()
    for (let n = 0; n < 500; n++) archive.close(of(`${n}`, { address: '192.168.7.66' }))
    archive.close(of('panel', {}))
    archive.close(of('scan', { address: '192.168.7.66', messages: [messageIdOf(1)] }))
    archive.close(of('refused', { address: '192.168.7.66', device: 'Scanner' }))
    await archive.save()
    assert.deepEqual(ids(spool.savedSessions).slice(199), ['199', 'panel', 'scan', 'refused'])
    assert.equal(archive.list()[3]?.id, '499')
    await clock.jump(minute)
    for (let n = 0; n < 50; n++) archive.close(of(`later ${n}`, { address: '192.168.7.66' }))
    await archive.save()
    assert.deepEqual(ids(spool.savedSessions).slice(203).length, 12)
  })

  it('of many addresses have a rate in all', async () => {
    const { spool, archive } = open()
    for (let n = 0; n < 3000; n++) {
      archive.close(of(`${n}`, { address: `10.0.${n >> 8}.${n & 255}` }))
      if (n % 100 === 99) await archive.save()
    }
    await archive.save()
    assert.equal(spool.savedSessions.length, 1000)
  })
})

describe('finished sessions', () => {
  it('that the disk does not take are told on the log and written when it does', async () => {
    const { spool, clock, log, archive } = open()
    const save = spool.saveSessions.bind(spool)
    spool.saveSessions = () => Promise.reject(new Error('I/O error'))
    archive.close(session('1'))
    await clock.jump(6 * second)
    assert.deepEqual(log, ['save-sessions-failed'])
    archive.close(session('2'))
    spool.saveSessions = save
    await clock.jump(6 * second)
    assert.deepEqual(ids(spool.savedSessions), ['1', '2'])
    assert.equal(log.length, 1)
  })

  it('break nothing when the spool throws at once', async () => {
    const { spool, archive, log } = open()
    spool.saveSessions = () => {
      throw new Error('closed')
    }
    archive.close(session('1'))
    await archive.save()
    await archive.save()
    assert.equal(log.length, 2)
  })

  it('are kept up to a number while the disk does not take them, the newest', async () => {
    const { spool, archive } = open()
    const save = spool.saveSessions.bind(spool)
    spool.saveSessions = () => Promise.reject(new Error('I/O error'))
    for (let n = 1; n <= 2000; n++) archive.close(session(String(n), 'QUIT', { device: 'Scanner' }))
    await archive.save()
    spool.saveSessions = save
    await archive.save()
    assert.equal(spool.savedSessions.length, 500)
    assert.equal(spool.savedSessions.at(-1)?.id, '2000')
  })

  it('are not tried again once it is closed', async () => {
    const { spool, clock, log, archive } = open()
    spool.saveSessions = () => Promise.reject(new Error('I/O error'))
    archive.close(session('1'))
    await archive[Symbol.asyncDispose]()
    await clock.jump(60 * second)
    assert.equal(log.length, 1)
  })
})

describe('forgetting an address', () => {
  it('drops finished sessions that mention it, whatever the case, after they are written', async () => {
    const { spool, archive } = open()
    archive.close(session('1', 'RCPT TO:<Anna@Contoso.com>'))
    archive.close(session('2', 'RCPT TO:<ben@contoso.com>'))
    await archive.forget('anna@CONTOSO.com')
    assert.deepEqual(ids(archive.list()), ['2'])
    assert.deepEqual(ids(spool.savedSessions), ['1', '2'])
  })

  it('waits for what is on its way to the disk', async () => {
    const { spool, archive } = open()
    const written = Promise.withResolvers<void>()
    spool.saveSessions = () => written.promise
    archive.close(session('1', 'RCPT TO:<anna@contoso.com>'))
    void archive.save()
    let isForgotten = false
    const forgetting = archive.forget('anna@contoso.com').then(() => {
      isForgotten = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isForgotten, false)
    written.resolve()
    await forgetting
    assert.deepEqual(archive.list(), [])
  })

  it('writes nothing later that mentions it and could not be written', async () => {
    const { spool, archive } = open()
    const save = spool.saveSessions.bind(spool)
    spool.saveSessions = () => Promise.reject(new Error('I/O error'))
    archive.close(session('1', 'RCPT TO:<anna@contoso.com>'))
    await archive.forget('anna@contoso.com')
    spool.saveSessions = save
    await archive.save()
    assert.deepEqual(spool.savedSessions, [])
  })
})

describe('sessions on the flash', () => {
  const written = (spool: SpoolDouble): readonly string[] =>
    spool.savedSessions.map(({ id, lines }) => `${id} ${lines.length === 0 ? 'facts' : 'whole'}`)

  it('that went wrong are written whole, of fine ones the facts', async () => {
    const { spool, clock, archive } = open()
    archive.close(fine('1'))
    archive.close(bad('2'))
    archive.close(session('3'))
    await clock.jump(6 * second)
    assert.deepEqual(written(spool), ['1 facts', '2 whole', '3 whole'])
    assert.deepEqual(
      archive.list().map(({ lines }) => lines.length),
      [1, 1, 1],
    )
  })

  it('have the last fine one of each device whole, every hour and at the end', async () => {
    const { spool, clock, archive } = open()
    for (const id of ['1', '2', '3']) archive.close(fine(id))
    archive.close(fine('4', 'Copier'))
    await clock.jump(6 * second)
    spool.savedSessions.length = 0
    await clock.jump(hour)
    assert.deepEqual(written(spool), ['3 whole', '4 whole'])
    archive.close(fine('5'))
    await archive[Symbol.asyncDispose]()
    // Not written twice on the way out.
    assert.deepEqual(written(spool), ['3 whole', '4 whole', '5 whole'])
  })

  it('of many devices do not pile up in memory', async () => {
    const { spool, archive } = open()
    for (let n = 0; n < 150; n++) archive.close(fine(String(n), `Device ${n}`))
    await archive.save()
    assert.equal(written(spool).filter((line) => line.endsWith('whole')).length, 50)
  })

  it('forget what mentions an address, the last one of a device too', async () => {
    const { spool, archive } = open()
    archive.close(session('1', 'RCPT TO:<anna@contoso.com>', { verdict: verdictOf('F1') }))
    await archive.forget('anna@contoso.com')
    await archive[Symbol.asyncDispose]()
    assert.deepEqual(written(spool), ['1 facts'])
  })
})
