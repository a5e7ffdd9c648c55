import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { openVault, type VaultCheck } from './vault.ts'

function memoryCheck(): VaultCheck & { sealed: Uint8Array | undefined } {
  return {
    sealed: undefined,
    load() {
      return this.sealed
    },
    save(sealed) {
      this.sealed = sealed
    },
  }
}

const sealed = (value: Uint8Array | undefined): Uint8Array => {
  assert.ok(value)
  return value
}

describe('vault', () => {
  let folder = ''
  let file = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vault-'))
    file = join(folder, 'vault.key')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('makes its key at the first start, readable by its owner only', () => {
    assert.deepEqual(openVault(file, memoryCheck()).state, { kind: 'open' })
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('opens what it sealed, also after a restart', () => {
    const check = memoryCheck()
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (name, value) => {
        const blob = sealed(openVault(file, check).seal(name, value))
        assert.deepEqual(openVault(file, check).open(name, blob), { kind: 'open', value })
      }),
      { numRuns: 50 },
    )
  })

  it('seals the same value differently each time and never shows it', () => {
    const vault = openVault(file, memoryCheck())
    const [one, two] = [sealed(vault.seal('a', 'hunter2')), sealed(vault.seal('a', 'hunter2'))]
    assert.notDeepEqual(one, two)
    assert.ok(!Buffer.from(one).includes('hunter2'))
  })

  it('notices a changed octet anywhere', () => {
    const vault = openVault(file, memoryCheck())
    const blob = sealed(vault.seal('device/a/password', '1234'))
    for (let at = 0; at < blob.length; at++) {
      const changed = Uint8Array.from(blob, (octet, index) => (index === at ? octet ^ 1 : octet))
      assert.deepEqual(vault.open('device/a/password', changed), { kind: 'damaged' }, `octet ${at}`)
    }
    for (const length of [0, 1, 13, 28, blob.length - 1]) {
      assert.deepEqual(vault.open('device/a/password', blob.subarray(0, length)), { kind: 'damaged' })
    }
  })

  it('does not open a row that was moved to another name', () => {
    const vault = openVault(file, memoryCheck())
    const blob = sealed(vault.seal('device/a/password', '1234'))
    assert.deepEqual(vault.open('device/b/password', blob), { kind: 'damaged' })
  })

  it('is locked by a missing key and makes no new one', () => {
    const check = memoryCheck()
    openVault(file, check)
    rmSync(file)
    const vault = openVault(file, check)
    assert.deepEqual(vault.state, { kind: 'locked', reason: `${file} is missing` })
    assert.equal(vault.seal('a', 'b'), undefined)
    assert.deepEqual(vault.open('a', new Uint8Array(40)), { kind: 'locked' })
    assert.throws(() => statSync(file), { code: 'ENOENT' })
  })

  it('is locked by the key of another box, and open again when the right one is back', () => {
    const check = memoryCheck()
    const blob = sealed(openVault(file, check).seal('a', 'b'))
    const right = readFileSync(file)
    rmSync(file)
    openVault(file, memoryCheck())
    const wrong = readFileSync(file)
    assert.equal(openVault(file, check).state.kind, 'locked')
    assert.deepEqual(readFileSync(file), wrong)
    writeFileSync(file, right)
    assert.deepEqual(openVault(file, check).open('a', blob), { kind: 'open', value: 'b' })
  })

  it('is locked by a file that is no key, and leaves it as it is', () => {
    for (const text of ['', 'garbage', 'inkpost-vault-1 c2hvcnQ=', `inkpost-vault-2 ${'A'.repeat(43)}=`]) {
      writeFileSync(file, text)
      assert.deepEqual(openVault(file, memoryCheck()).state, {
        kind: 'locked',
        reason: `${file} is no vault key`,
      })
      assert.equal(readFileSync(file, 'utf8'), text)
    }
  })

  it('takes back a key file that was restored readable for all, and closes it', () => {
    const check = memoryCheck()
    openVault(file, check)
    chmodSync(file, 0o644)
    assert.deepEqual(openVault(file, check).state, { kind: 'open' })
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('adopts a key that was written before a power cut lost the check value', () => {
    openVault(file, memoryCheck())
    const key = readFileSync(file)
    const check = memoryCheck()
    assert.deepEqual(openVault(file, check).state, { kind: 'open' })
    assert.deepEqual(readFileSync(file), key)
    assert.ok(check.sealed)
  })
})
