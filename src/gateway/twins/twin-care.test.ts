import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { Lan } from '../../../test/lan.ts'
import type { Alert } from '../../core/alerts.ts'
import type { PauseReason } from '../../core/outcome.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'
import { openStores, type Stores } from '../boot.ts'
import { TwinCare } from './twin-care.ts'
import { freshWord } from './twin-message.ts'
import { TwinWatch } from './twin-watch.ts'

let folder = ''
let stores: Stores
let clock: JumpingClock
let lan: Lan
let alerts: Map<string, Alert>
/** What delivery was told, in order. */
let told: (PauseReason | undefined)[]
let logged: string[]
let stopping: AbortController

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-twins-'))
  clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
  stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
  ;[lan, alerts, told, logged, stopping] = [new Lan(), new Map(), [], [], new AbortController()]
})
afterEach(async () => {
  stopping.abort()
  await stores[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function care(records: BackupRecords = stores.records): TwinCare {
  const begun = new TwinCare({
    records,
    settings: stores.settings,
    clock,
    log: { write: (_level, event) => void logged.push(event) },
    alerts: {
      raise: (alert) => void alerts.set(alert.key, alert),
      clear: (key) => void alerts.delete(key),
      active: () => [],
    },
    delivery: { standDown: (reason) => void told.push(reason) },
    openAir: lan.open,
    signal: stopping.signal,
  })
  begun.begin()
  return begun
}

/** A box of this identity that is the newer one. */
async function newerBox(): Promise<TwinWatch> {
  const key = stores.records.deriveKey('twins') ?? assert.fail()
  const rank = { generation: 7, since: wallMs(0), mark: freshWord() }
  return new TwinWatch({ key, rank: () => rank, air: await lan.open(), clock, onTwin() {} })
}

/** In steps: what is said and heard in one comes before the next. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= second / 2) {
    await clock.jump(second / 2)
    for (let turns = 0; turns < 5; turns += 1) await new Promise((done) => setImmediate(done))
  }
}

describe('a box that starts', () => {
  it('sends nothing before it has an address, however long that takes: the newer one may be behind that cable', async () => {
    lan.isUp = false
    await newerBox()
    care()
    await pass(1 * minute)
    assert.equal(told.length, 0)
    lan.isUp = true
    await pass(10 * second)
    assert.deepEqual(
      told.map((reason) => reason?.code),
      ['newer-box'],
    )
  })

  it('sends two seconds later where it is alone', async () => {
    care()
    await pass(10 * second)
    assert.deepEqual(told, [undefined])
  })
})

describe('the older of two boxes', () => {
  it('stops though its card takes no writes any more, and keeps that when it can', async () => {
    let isFull = true
    const records: BackupRecords = Object.create(stores.records, {
      saveFact: {
        value(name: string, value: string) {
          if (isFull) throw new Error('database or disk is full')
          stores.records.saveFact(name, value)
        },
      },
      fact: { value: (name: string) => stores.records.fact(name) },
      deriveKey: { value: (purpose: string) => stores.records.deriveKey(purpose) },
    })
    isFull = false
    care(records)
    isFull = true
    await newerBox()
    await pass(1 * minute)
    assert.deepEqual(
      told.map((reason) => reason?.code),
      ['newer-box'],
    )
    assert.equal(alerts.get('newer-box')?.severity, 'alarm')
    assert.deepEqual(logged, ['stood-down', 'stood-down-not-kept'])
    isFull = false
    await pass(1 * minute)
    assert.match(stores.records.fact('stood-down') ?? '', /"generation":7/)
  })
})

describe('that an older box is there', () => {
  it('is over with the process that heard it, also where this one can hear nobody', async () => {
    await stores[Symbol.asyncDispose]()
    writeFileSync(join(folder, 'vault.key'), Buffer.alloc(32, 1))
    stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
    assert.equal(stores.records.deriveKey('twins'), undefined)
    alerts.set('older-box', { key: 'older-box', severity: 'warning', sentence: '', remedy: '' })
    await care().settled()
    assert.equal(alerts.size, 0)
  })
})
