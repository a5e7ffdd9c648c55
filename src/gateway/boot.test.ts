import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Database from 'better-sqlite3'
import { build } from '../platform/build.ts'
import { systemClock } from '../platform/clock.ts'
import { openStores, profileOf, type StoreOptions } from './boot.ts'

describe('opening the stores', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'boot-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const data = (): string => join(folder, 'data')
  const open = async (options: Partial<StoreOptions> = {}): Promise<string> => {
    await using stores = await openStores({
      dataDir: data(),
      profile: 'packaged',
      clock: systemClock(build.date),
      ...options,
    })
    return stores.firstStart.kind
  }

  it('refuses a first setup document that is named and not there, and bears an empty boot partition', async () => {
    const setupFile = join(folder, 'inkpost.toml')
    await assert.rejects(open({ setupFile }), /\(INKPOST_SETUP\) is not there/)
    assert.equal(await open({ setupFile, maySetupBeAbsent: true }), 'absent')
    writeFileSync(setupFile, 'schema = 1\n')
    assert.equal(await open({ setupFile, maySetupBeAbsent: true }), 'applied')
  })

  it('says how to go back where a newer release left a spool that this one cannot read', async () => {
    await open()
    const spool = new Database(join(data(), 'spool.db'))
    spool.exec('UPDATE schema SET version = 1009, readable_from = 1007')
    spool.close()
    await assert.rejects(open(), /spool\.db was written by a newer release: .*; install that release again$/)
    for (const copy of ['spool.db.v9', 'spool.db.v1006', 'settings.db.v2000'])
      writeFileSync(join(data(), copy), '')
    await assert.rejects(
      open(),
      /install that release again, or put spool\.db\.v1006 in the place of spool\.db,/,
    )
  })

  it('takes the defaults of a packaged box in the directory of the service, however it is written', () => {
    const rows = ['/var/lib/inkpost', '/var/lib/inkpost/', '/var/lib/other/../inkpost', './var', '/var/lib']
    assert.deepEqual(rows.map(profileOf), ['packaged', 'packaged', 'packaged', 'checkout', 'checkout'])
  })
})
