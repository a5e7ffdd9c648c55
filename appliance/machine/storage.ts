import { execFile } from 'node:child_process'
import { constants, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, realpath, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import type { OpenedStorage, StorageFileSystem, StorageView } from '../../src/core/machine.ts'
import { oldBoxFiles, oldBoxPlaces } from '../../src/core/old-box.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'
import { fileSystemOf } from './file-system.ts'

const run = promisify(execFile)

/** Where the kernel tells of disks, where they are, and where they are mounted: what a test puts in their place. */
export interface StorageWorld {
  readonly blocks: string
  readonly devices: string
  readonly mounts: string
  /** A folder for each storage that is open, below this one. */
  readonly places: string
}

export const machineStorages: StorageWorld = {
  blocks: '/sys/class/block',
  devices: '/dev',
  mounts: '/proc/self/mountinfo',
  places: '/run/inkpost-storage',
}

/** Of a piece: in base64 well below the longest answer. */
const mostPieceOctets = 512 * 1024

const storageName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{1,15}$/, 'a name such as sda1'))
const one = v.strictObject({ storage: storageName })
const piece = v.strictObject({
  storage: storageName,
  file: v.picklist(oldBoxFiles),
  offset: v.pipe(v.number(), v.integer(), v.minValue(0)),
})

/**
 * Sticks and cards: removable ones that nobody has mounted, with file systems that are for such. Mounted read-only in this
 * service's own mount namespace: nobody else sees them, and they end with it. Nothing but the files of a data directory is
 * handed out, and those as octets; a link on a card leads nowhere.
 */
export function storageDuties(world: StorageWorld = machineStorages): readonly (readonly [string, Duty])[] {
  /** The kernel calls one that is open a used one: what it is was seen before. */
  const opened = new Map<string, { readonly view: StorageView; readonly folder: string }>()
  const placeOf = (storage: string): string => join(world.places, storage)
  const openedAt = (storage: string): string => {
    const open = opened.get(storage)
    if (open === undefined) throw new DutyRefused(`${storage} is not open: open it again`)
    return open.folder
  }
  const close = async (storage: string): Promise<void> => {
    if (!opened.delete(storage)) return
    await unmountStorage(placeOf(storage))
  }
  return [
    [
      'storage-list',
      duty<'storage-list'>(v.strictObject({}), async () => ({ storages: await listStorages(world) })),
    ],
    [
      'storage-open',
      duty<'storage-open'>(one, async ({ storage }) => {
        const view =
          (await listStorages(world)).find((each) => each.storage === storage) ?? opened.get(storage)?.view
        if (!view) throw new DutyRefused(`there is no stick or card ${storage} that could be read`)
        await close(storage)
        const remarks = await mount(join(world.devices, storage), placeOf(storage), view.fileSystem)
        try {
          const folder = await dataIn(placeOf(storage))
          opened.set(storage, { view, folder })
          return { ...(await factsOf(folder)), remarks }
        } catch (error) {
          await unmountStorage(placeOf(storage))
          throw error
        }
      }),
    ],
    [
      'storage-read',
      duty<'storage-read'>(piece, async ({ storage, file, offset }) => {
        const octets = await readPiece(join(openedAt(storage), file), offset)
        if (!octets) throw new DutyRefused(`${file} is not there`)
        return { octets: octets.toString('base64') }
      }),
    ],
    [
      'storage-close',
      duty<'storage-close'>(one, async ({ storage }) => {
        await close(storage)
        return {}
      }),
    ],
  ]
}

export async function listStorages({
  blocks,
  devices,
  mounts,
}: StorageWorld): Promise<readonly StorageView[]> {
  const used = new Set((await readFile(mounts, 'utf8')).split('\n').map((line) => line.split(' ')[2]))
  const names = await readdir(blocks).catch(() => [])
  const found = await Promise.all(
    names.map(async (storage): Promise<readonly StorageView[]> => {
      const about = await realpath(join(blocks, storage))
      const isPartition = (await textOf(join(about, 'partition'))) !== ''
      const disk = isPartition ? join(about, '..') : about
      if ((await textOf(join(disk, 'removable'))) !== '1' || (await isUsed(disk, used))) return []
      const fileSystem = await fileSystemOf(join(devices, storage))
      if (!fileSystem) return []
      const octets = Number(await textOf(join(about, 'size'))) * 512
      return [{ storage, fileSystem, octets, model: await textOf(join(disk, 'device/model')) }]
    }),
  )
  return found.flat()
}

/** Read-only, where nobody but this service sees it. */
export async function mountStorage(
  { storage, fileSystem }: StorageView,
  place: string,
  { devices }: StorageWorld,
): Promise<void> {
  await mount(join(devices, storage), place, fileSystem)
}

export async function unmountStorage(place: string): Promise<void> {
  await run('umount', [place])
  await rmdir(place)
}

/** A disk of which a part is mounted, or held by an encrypted one, is not a card that somebody has just put in. */
async function isUsed(disk: string, used: ReadonlySet<string | undefined>): Promise<boolean> {
  const parts = ['.', ...(await readdir(disk)).filter((name) => name.startsWith(basename(disk)))]
  const uses = parts.map(async (name) => {
    const holders = await readdir(join(disk, name, 'holders')).catch(() => [])
    return holders.length > 0 || used.has(await textOf(join(disk, name, 'dev')))
  })
  return (await Promise.all(uses)).includes(true)
}

/** As the kernel tells it of the partition. */
export const isReadOnly = async (storage: string, { blocks }: StorageWorld): Promise<boolean> =>
  (await textOf(join(blocks, storage, 'ro'))) === '1'

const textOf = async (file: string): Promise<string> => (await readFile(file, 'utf8').catch(() => '')).trim()

/**
 * The kernel replays the journal of an ext4 that was not unmounted, as the old box would at its next start: without it the
 * last mail that was answered with 250 may be missing. Where a card refuses to be written even that, it is read as it is.
 */
async function mount(
  device: string,
  place: string,
  fileSystem: StorageFileSystem,
): Promise<readonly string[]> {
  const options = 'ro,nosuid,nodev,noexec'
  await mkdir(place, { recursive: true, mode: 0o700 })
  const at = (more: string) => run('mount', ['-t', fileSystem, '-o', `${options}${more}`, device, place])
  try {
    await at('')
    return []
  } catch (error) {
    if (fileSystem !== 'ext4') throw mountRefused(device, error)
  }
  await at(',noload').catch((error: unknown) => {
    throw mountRefused(device, error)
  })
  return ['the card is write-protected: what the old box wrote in its last seconds may be missing']
}

export const mountRefused = (device: string, error: unknown): DutyRefused =>
  new DutyRefused(
    `${basename(device)} can't be mounted: ${error instanceof Error ? error.message.trim().split('\n').at(-1) : error}`,
  )

async function dataIn(place: string): Promise<string> {
  for (const sub of oldBoxPlaces) {
    const folder = join(place, sub)
    if (await isPlainFile(join(folder, 'settings.db'))) return folder
  }
  throw new DutyRefused('there is no data of an inkpost on it')
}

/** A link, of the file or of a folder before it, would make root read another file. */
async function isPlainFile(file: string): Promise<boolean> {
  return (await statOf(file)) !== undefined && (await realpath(file)) === file
}

async function statOf(file: string): Promise<Stats | undefined> {
  const about = await lstat(file).catch(() => undefined)
  return about?.isFile() ? about : undefined
}

async function factsOf(folder: string): Promise<Omit<OpenedStorage, 'remarks'>> {
  const found = await Promise.all(
    oldBoxFiles.map(async (name) => {
      const about = (await isPlainFile(join(folder, name))) ? await statOf(join(folder, name)) : undefined
      return about ? [{ name, octets: about.size, at: about.mtimeMs }] : []
    }),
  )
  const files = found.flat()
  return {
    files: files.map(({ name, octets }) => ({ name, octets })),
    written: new Date(Math.max(...files.map(({ at }) => at))).toISOString(),
  }
}

/** Undefined: it is not there. It is closed again: a stick with an open file can't be unmounted. */
export async function readPiece(file: string, offset: number): Promise<Buffer | undefined> {
  if (!(await isPlainFile(file))) return undefined
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  const octets = Buffer.alloc(mostPieceOctets)
  const { bytesRead } = await handle.read(octets, 0, mostPieceOctets, offset)
  return octets.subarray(0, bytesRead)
}
