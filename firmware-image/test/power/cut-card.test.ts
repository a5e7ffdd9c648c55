// The checker is itself checked: it finds what a bad disk does, on a card of a few megabytes.
import assert from 'node:assert/strict'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import Database from 'better-sqlite3'
import { run } from '../../../appliance/package/run.ts'
import { temporaryFolder } from '../../../test/gateway-process.ts'
import { faultsOf, readCard, regionsOf, type WholeCard } from './cut-card.ts'

const mebibyte = 1 << 20
const bootOffset = 2 * mebibyte
const folder = temporaryFolder()
after(() => folder[Symbol.dispose]())
const disk = join(folder.path, 'disk')
const cut = join(folder.path, 'cut')
const place = (name: string): string => join(cut, name)
const tools = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }

describe('a card after a power cut', () => {
  let card: WholeCard
  before(async () => {
    makeDisk()
    card = await readCard(disk, '/inkpost', folder.path)
  })
  beforeEach(() => {
    rmSync(cut, { recursive: true, force: true })
    mkdirSync(cut)
    for (const { name, offset, length } of regionsOf(card))
      run('dd', [
        `if=${disk}`,
        `of=${place(name)}`,
        'bs=1M',
        `skip=${offset / mebibyte}`,
        `count=${length / mebibyte}`,
      ])
  })

  const faults = async (): Promise<string> =>
    (await faultsOf(card, cut, [])).map(({ kind, detail }) => `${kind}: ${detail}`).join('\n')

  it('is sound as it was, and with what the machine itself writes', async () => {
    assert.equal(await faults(), '')
    writeFileSync(join(folder.path, 'state'), 'other')
    run('mcopy', ['-o', '-i', place('boot'), join(folder.path, 'state'), '::inkpost-boot-1.env'])
    assert.equal(await faults(), '')
  })

  it('is looked at where its data directory is', async () => {
    const due = [{ id: '7', sha256: '', logOctets: 0 }]
    const absent = (await faultsOf(card, cut, due)).filter(({ detail }) => detail.endsWith('is not there'))
    assert.match(absent.map(({ detail }) => detail).join('\n'), /^[^\n]*\/spool\.db is not there$/)
  })

  it('has its partitions elsewhere, or ends behind the card', async () => {
    patch('table', startOfRow(1), 12_290)
    assert.match(await faults(), /^table: /)
    patch('table', startOfRow(1), 12_288)
    assert.equal(await faults(), '')
    patch('table', startOfRow(3) + 4, 1 << 20)
    assert.match(await faults(), /^table: /)
  })

  it('has another file for the firmware', async () => {
    writeFileSync(join(folder.path, 'config.txt'), 'arm_64bit=0')
    run('mcopy', ['-o', '-i', place('boot'), join(folder.path, 'config.txt'), '::config.txt'])
    assert.equal(await faults(), 'boot: config.txt is another')
  })

  it('has a file whose clusters are gone, which no check brings back', async () => {
    // The first of the two file allocation tables, by which U-Boot reads, and the second.
    run('dd', ['if=/dev/zero', `of=${place('boot')}`, 'bs=512', 'seek=4', 'count=12', 'conv=notrunc'])
    assert.match(await faults(), /^boot: config.txt is another/)
  })

  it('may have a file of the machine’s own that was cut short: the check of its start ends that', async () => {
    writeFileSync(join(folder.path, 'state'), 'x'.repeat(4096))
    run('mcopy', ['-i', place('boot'), join(folder.path, 'state'), '::inkpost-boot-1.env'])
    // Its entry in the folder came to the card; its clusters in both tables did not.
    const tables = ['bs=512', 'count=12', 'conv=notrunc', `of=${place('boot')}`, `if=${disk}`]
    run('dd', [...tables, `skip=${bootOffset / 512 + 4}`, 'seek=4'])
    assert.equal(await faults(), '')
  })

  it('has a boot partition that no check mends', async () => {
    // The count of its sectors: more than there are.
    patch('boot', 19, 0xf8_7fff)
    assert.match(await faults(), /^boot: (?!config)/m)
  })

  it('has a data partition that no check mends by itself', async () => {
    run('dd', ['if=/dev/zero', `of=${place('data')}`, 'bs=1k', 'seek=8', 'count=200', 'conv=notrunc'])
    assert.match(await faults(), /^file-system: /m)
  })
})

/** Where its first sector stands; its length follows. */
const startOfRow = (row: number): number => 446 + row * 16 + 8

function patch(name: string, at: number, value: number): void {
  const file = openSync(place(name), 'r+')
  const octets = Buffer.alloc(4)
  octets.writeUInt32LE(value)
  writeSync(file, octets, 0, 4, at)
  closeSync(file)
}

/** In mebibytes: a table, 4 to boot from, two slots of 2, 8 of data. */
function makeDisk(): void {
  const file = (name: string): string => join(folder.path, name)
  run('truncate', ['-s', `${2 + 4 + 2 + 2 + 8}M`, disk])
  const rows = [
    'label: dos',
    'start=4096,size=8192,type=c',
    'start=12288,size=4096',
    'start=16384,size=4096',
    'start=20480,size=16384',
  ]
  run('sh', ['-c', 'printf "%s\\n" "$@" | sfdisk -q "$0"', disk, ...rows], tools)
  run('truncate', ['-s', '4M', file('fat')])
  run('mkfs.vfat', [file('fat')], tools)
  writeFileSync(file('config.txt'), 'arm_64bit=1')
  run('mcopy', ['-i', file('fat'), file('config.txt'), '::config.txt'])
  mkdirSync(join(file('tree'), 'inkpost'), { recursive: true })
  new Database(join(file('tree'), 'inkpost/settings.db')).exec('CREATE TABLE setup (text TEXT)').close()
  run('mke2fs', ['-q', '-t', 'ext4', '-d', file('tree'), file('ext4'), '8M'], tools)
  for (const [name, seek] of [
    ['fat', 2],
    ['ext4', 10],
  ] as const)
    run('dd', [`if=${file(name)}`, `of=${disk}`, 'bs=1M', `seek=${seek}`, 'conv=notrunc'])
}
