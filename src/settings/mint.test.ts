import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inGroups, mintAccount, mintClaimCode, mintPassword, mintUsername } from './mint.ts'

const nobody: ReadonlySet<string> = new Set()

describe('minted accounts', () => {
  it('have a user name of a letter and 3 to 7 letters or digits that nobody confuses', () => {
    for (let run = 0; run < 500; run++) {
      assert.match(mintUsername(nobody), /^[a-hjkmnp-z][a-hjkmnp-z2-9]{3,7}$/)
    }
  })

  it('have 8 digits where the device is bound to an address, 12 where not, 16 characters when strong', () => {
    assert.match(mintPassword({ isBound: true }), /^\d{8}$/)
    assert.match(mintPassword({ isBound: false }), /^\d{12}$/)
    assert.match(mintPassword({ isBound: true, isStrong: true }), /^[a-hjkmnp-z2-9]{16}$/)
  })

  it('come from the randomness that is handed in, every character of it', () => {
    const asked: number[] = []
    const random = (below: number): number => {
      asked.push(below)
      return below - 1
    }
    assert.deepEqual(mintAccount({ isBound: true, taken: nobody }, random), {
      username: 'z999',
      password: '99999999',
    })
    assert.deepEqual(asked, [23, 31, 31, 31, ...Array.from({ length: 8 }, () => 10)])
    assert.equal(mintClaimCode(random), '99999999')
  })

  it('grow longer where the short names are taken, and give up in the end', () => {
    const taken = new Set(['aaaa', 'aaaaa'])
    assert.equal(
      mintUsername(taken, () => 0),
      'aaaaaa',
    )
    assert.throws(() => mintUsername({ ...taken, has: () => true }, () => 0), /no free user name/)
  })

  it('are shown in groups of four', () => {
    assert.equal(inGroups('12345678'), '1234 5678')
    assert.equal(inGroups('123456789012'), '1234 5678 9012')
    assert.equal(inGroups('12345'), '1234 5')
  })
})
