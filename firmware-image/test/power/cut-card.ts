// A card after its power was cut: may the machine boot from it, and is everything there that was promised?
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { faultsOfData } from './cut-data.ts'
import type { Acknowledged } from './mail-load.ts'
import { type Partition, partitionsOf } from './partition-table.ts'
import type { Region } from './power-cut.ts'
import { ended, outputOf } from './program.ts'

/** `missing`: a message that was acknowledged. */
export interface Fault {
  readonly kind: 'table' | 'boot' | 'file-system' | 'database' | 'missing'
  readonly detail: string
}

/** The card before it was switched on. */
export interface WholeCard {
  readonly disk: string
  readonly diskOctets: number
  readonly partitions: readonly Partition[]
  /** SHA-256 of what the firmware reads, by name. */
  readonly bootFiles: ReadonlyMap<string, string>
  /** The data directory, from the root of the data partition. */
  readonly dataFolder: string
}

/** In the order of the four partitions; the slots are read-only and have no region. */
const [bootRow, dataRow] = [0, 3]

/** `folder` is for what is looked at meanwhile. */
export async function readCard(disk: string, dataFolder: string, folder: string): Promise<WholeCard> {
  const partitions = partitionsOf(disk)
  const boot = partitions[bootRow]
  if (boot === undefined) throw new Error(`${disk} has no boot partition`)
  const image = join(folder, 'boot')
  const words = [`if=${disk}`, `of=${image}`, 'bs=1M', 'iflag=skip_bytes,count_bytes', 'status=none']
  await outputOf('dd', [...words, `skip=${boot.offset}`, `count=${boot.length}`])
  const bootFiles = await bootFilesOf(image, join(folder, 'boot-files'))
  return { disk, diskOctets: statSync(disk).size, partitions, bootFiles, dataFolder }
}

/** What a machine may write to: the table, the boot partition, and all behind the slots. */
export function regionsOf({ partitions, diskOctets }: WholeCard): readonly Region[] {
  const [boot, data] = [partitions[bootRow], partitions[dataRow]]
  if (boot === undefined || data === undefined) throw new Error('the card lacks a partition')
  return [
    { name: 'table', offset: 0, length: boot.offset },
    { name: 'boot', offset: boot.offset, length: boot.length },
    { name: 'data', offset: data.offset, length: diskOctets - data.offset },
  ]
}

/** The card with its regions as they are in `folder`. */
export async function wholeDisk(card: WholeCard, folder: string, to: string): Promise<void> {
  await outputOf('cp', ['--sparse=always', card.disk, to])
  for (const { name, offset } of regionsOf(card)) {
    const words = [`if=${join(folder, name)}`, `of=${to}`, 'bs=1M', `seek=${offset}`, 'oflag=seek_bytes']
    await outputOf('dd', [...words, 'conv=notrunc', 'status=none'])
  }
}

/** Looks at the regions in `folder`, and mends them as the machine would. `due`: what has to be there. */
export async function faultsOf(
  card: WholeCard,
  folder: string,
  due: readonly Acknowledged[],
): Promise<readonly Fault[]> {
  const directory = join(folder, 'directory')
  return [
    ...faultsOfTable(card, join(folder, 'table')),
    ...(await faultsOfBoot(card, join(folder, 'boot'), join(folder, 'boot-files'))),
    ...(await faultsOfFileSystem(join(folder, 'data'), card.dataFolder, directory)),
    // debugfs puts the folder into the one that it is told.
    ...faultsOfData(join(directory, basename(card.dataFolder)), due),
  ]
}

/** The data partition may have grown; nothing else may have moved. */
function faultsOfTable({ partitions, diskOctets }: WholeCard, table: string): readonly Fault[] {
  const found = partitionsOf(table)
  const data = found[dataRow]
  const isSame = isDeepStrictEqual(found.slice(0, dataRow), partitions.slice(0, dataRow))
  const isAtItsPlace = data?.offset === partitions[dataRow]?.offset
  if (isSame && isAtItsPlace && data !== undefined && data.offset + data.length <= diskOctets) return []
  return [{ kind: 'table', detail: JSON.stringify(found) }]
}

/** U-Boot reads before anybody mends; Linux mends before it mounts (systemd-fsck), and has to come to an end with it. */
async function faultsOfBoot(card: WholeCard, image: string, folder: string): Promise<readonly Fault[]> {
  const files = await bootFilesOf(image, folder, [...card.bootFiles.keys()])
  const changed = [...card.bootFiles].filter(([name, hash]) => files.get(name) !== hash)
  await ended('fsck.vfat', ['-a', image])
  const { said } = await ended('fsck.vfat', ['-n', image])
  const findings = harmless.reduce((rest, one) => rest.replace(one, ''), said).trim()
  return [
    ...changed.map(([name]): Fault => ({ kind: 'boot', detail: `${name} is another` })),
    ...(findings === '' ? [] : [{ kind: 'boot', detail: findings } as const]),
  ]
}

/** A partition that was mounted when the power went says so in its first sector, by one bit; the copy of that does not. */
const harmless: readonly RegExp[] = [
  /^fsck\.fat .*$/m,
  /^There are differences between boot sector.*\n.*Differences:.*\n +65:01\/00\n +Not automatically fixing this\.$/m,
  /^Dirty bit is set\..*\n( Automatically removing dirty bit\.)?/m,
  /^Leaving filesystem unchanged\.$/m,
  /^.*: \d+ files, \d+\/\d+ clusters$/m,
]

/** What the machine itself writes on its boot partition: its counters, its setup and its claim code. */
const isOfTheMachine = (name: string): boolean => /env|^inkpost/i.test(name)

/** Of all files at its root that the machine does not write, or of these: SHA-256 by name. One that can't be read is left out. */
async function bootFilesOf(
  image: string,
  folder: string,
  wanted?: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const sources = wanted === undefined ? ['::*'] : wanted.map((name) => `::${name}`)
  if (sources.length > 0) await ended('mcopy', ['-n', '-Q', '-i', image, ...sources, folder])
  const names = readdirSync(folder).filter((name) => !isOfTheMachine(name))
  return new Map(names.map((name) => [name, sha256(readFileSync(join(folder, name)))]))
}

const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex')

/** As systemd-fsck mends it, then as a sceptic looks at it; then its data directory, without mounting. */
async function faultsOfFileSystem(image: string, dataFolder: string, to: string): Promise<readonly Fault[]> {
  const mended = await ended('e2fsck', ['-p', image])
  const looked = await ended('e2fsck', ['-f', '-n', image])
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  await outputOf('debugfs', ['-R', `rdump ${dataFolder} ${to}`, image])
  if (mended.code <= 1 && looked.code === 0) return []
  return [{ kind: 'file-system', detail: `${mended.code}, ${looked.code}: ${mended.said}${looked.said}` }]
}
