import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peekBackup } from './backup-file.ts'
import { type BackupHeader, headerText, type Seal } from './header.ts'
import { deriveKey, presentCost } from './key-derivation.ts'

const seal: Seal = { kind: 'passphrase', ...presentCost, salt: 'AAAA', key: 'AAAA' }

async function* fileWith(seals: number): AsyncGenerator<Uint8Array> {
  const header: BackupHeader = {
    version: '0.1.0',
    box: 'branch-07',
    made: '2026-11-20T03:00:00.000Z',
    contents: [],
    octets: 0,
    audit: '',
    seals: Array.from({ length: seals }, () => seal),
  }
  yield Buffer.from(headerText(header, new Uint8Array(32)))
}

describe('what a file may cost', () => {
  it('is what this release makes, and no more', async () => {
    const salt = new Uint8Array(16)
    const { n, r, p } = presentCost
    for (const cost of [
      { n: n * 2, r, p },
      { n, r: r * 2, p },
      { n, r, p: p + 1 },
    ])
      await assert.rejects(deriveKey('x', salt, cost), /would cost more memory than a box has/)
    assert.equal((await deriveKey('x', salt, presentCost)).length, 32)
  })

  it('is four seals at the most', async () => {
    assert.equal((await peekBackup(fileWith(4))).seals.length, 4)
    await assert.rejects(peekBackup(fileWith(5)), /header of the file is damaged/)
  })
})
