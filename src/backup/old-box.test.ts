import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OldBoxFacts } from '../core/old-box.ts'
import { BackupRefused } from './backup-refused.ts'
import { oldBoxOctets, openOldBox } from './old-box.ts'

const facts: OldBoxFacts = {
  files: [
    { name: 'settings.db', octets: 8 },
    { name: 'spool.db', octets: 5 },
  ],
  written: '2026-11-29T03:00:00.000Z',
}
async function* once(octets: string | Uint8Array) {
  yield Buffer.from(octets)
}
const content = (name: string) => once(name === 'settings.db' ? 'settings' : 'spool')

async function readAll(octets: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const read: string[] = []
  const { entries } = await openOldBox(octets)
  for await (const entry of entries)
    read.push(`${entry.name} ${Buffer.concat(await Array.fromAsync(entry.content))}`)
  return read
}

describe('the data of an old box as octets', () => {
  it('comes back file by file, with what can be told of it', async () => {
    assert.deepEqual(await readAll(oldBoxOctets(facts, content)), ['settings.db settings', 'spool.db spool'])
    const { header } = await openOldBox(oldBoxOctets(facts, content))
    assert.deepEqual(
      [header.made, header.octets, header.contents],
      [facts.written, 13, ['settings', 'secrets and certificates without their key', 'mail']],
    )
  })

  it('is refused where it broke off, at any octet', async () => {
    const whole = Buffer.concat(await Array.fromAsync(oldBoxOctets(facts, content)))
    for (let end = 0; end < whole.length; end += 1)
      await assert.rejects(readAll(once(whole.subarray(0, end))), BackupRefused, `cut at ${end}`)
  })

  it('is refused where it is something else', async () => {
    await assert.rejects(readAll(once('inkpost-backup 1\n{}\n')), BackupRefused)
    const odd = { ...facts, written: 'yesterday' }
    await assert.rejects(readAll(oldBoxOctets(odd, content)), /no data directory of inkpost/)
  })
})
