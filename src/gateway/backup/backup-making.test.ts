import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { wallMs } from '../../core/time.ts'
import { openStores, type Stores } from '../boot.ts'
import { isMakingBackup, makeBackup } from './backup-making.ts'

describe('making a backup', () => {
  const clock = new JumpingClock(wallMs(Date.parse('2026-11-29T12:00:00Z')))
  let folder = ''
  let stores: Stores
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-making-'))
    stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
  })
  afterEach(async () => {
    await stores[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const make = () => {
    const { settings, records } = stores
    const world = { dataDir: folder, settings, records, clock, signal: new AbortController().signal }
    return makeBackup(world, { passphrase: 'correct horse battery' }, { withSpool: true })
  }
  const octetsOf = (made: Awaited<ReturnType<typeof make>>) =>
    (made.kind === 'done' ? made.octets : assert.fail(made.reason))[Symbol.asyncIterator]()
  const copies = () => readdirSync(join(folder, 'backup.work'))

  it('leaves no copy behind where nobody read its first piece', async () => {
    const octets = octetsOf(await make())
    assert.equal(copies().length, 1)
    await octets.return?.()
    assert.deepEqual(copies(), [])
    assert.equal(isMakingBackup(folder), false)
  })

  it('leaves none where it was read in part, or whole', async () => {
    const part = octetsOf(await make())
    assert.equal((await part.next()).done, false)
    await part.return?.()
    assert.deepEqual(copies(), [])
    const whole = octetsOf(await make())
    while ((await whole.next()).done !== true);
    assert.deepEqual(copies(), [])
    assert.equal(isMakingBackup(folder), false)
  })

  it('is one at a time, until it was read', async () => {
    const making = make()
    const second = await make()
    assert.match(second.kind === 'refused' ? second.reason : '', /another backup is being made/)
    const octets = octetsOf(await making)
    assert.equal((await make()).kind, 'refused')
    await octets.return?.()
    await octetsOf(await make()).return?.()
  })

  it('removes what nobody owns', async () => {
    mkdirSync(join(folder, 'backup.work', 'copy-left'), { recursive: true })
    writeFileSync(join(folder, 'backup.work', 'copy-left', 'vault.key'), 'in clear')
    const octets = octetsOf(await make())
    assert.ok(!copies().includes('copy-left'))
    await octets.return?.()
  })
})
