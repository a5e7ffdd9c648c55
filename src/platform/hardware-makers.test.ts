import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makersOf } from './hardware-makers.ts'

let folder: string
let file: string

/** In the form of IEEE's register; the names are made up. */
const register = `OUI/MA-L\t\t\tOrganization
company_id\t\t\tOrganization
\t\t\t\tAddress

00-26-73   (hex)\t\tExample Copiers, Ltd.
002673     (base 16)\t\tExample Copiers, Ltd.
\t\t\t\t1-1 Street
\t\t\t\tTown  100-0000
\t\t\t\tJP

AC-DE-48   (hex)\t\t${'Long Name '.repeat(20)}\r
`

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'makers-'))
  file = join(folder, 'oui.txt')
  writeFileSync(file, register)
})
after(() => rmSync(folder, { recursive: true }))

describe('makers of hardware addresses', () => {
  it('are read from the register, for all that are asked at once', async () => {
    const macs = ['00:26:73:00:00:01', '00:26:73:ff:00:02', 'ac:de:48:00:00:01', '00:11:22:33:44:55']
    const makers = await makersOf(macs, file)
    assert.deepEqual(
      macs.map((mac) => makers.get(mac)),
      ['Example Copiers, Ltd.', 'Example Copiers, Ltd.', 'Long Name '.repeat(6), undefined],
    )
  })

  it('are unknown for addresses that a device made up', async () => {
    assert.equal((await makersOf(['02:26:73:00:00:01'], file)).size, 0)
  })

  it('are unknown where the register is not installed, or can not be read', async () => {
    assert.equal((await makersOf(['00:26:73:00:00:01'], join(folder, 'absent'))).size, 0)
    assert.equal((await makersOf(['00:26:73:00:00:01'], folder)).size, 0)
  })
})
