import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  statfs,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { type StickView, stickFilePattern, stickFolder } from '../../src/core/machine-stick.ts'
import { errorCode } from '../../src/platform/durable-file.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'
import { isReadOnly, listStorages, machineStorages, mountRefused, type StorageWorld } from './storage.ts'

const run = promisify(execFile)

/** Of a piece, in base64 well below the longest question. */
const mostPieceLetters = 800_000
const nothing = v.strictObject({})
const name = v.pipe(v.string(), v.regex(stickFilePattern, 'no name of a copy'))
const begin = v.strictObject({ name, octets: v.pipe(v.number(), v.integer(), v.minValue(0)) })
const piece = v.strictObject({ octets: v.pipe(v.string(), v.maxLength(mostPieceLetters), v.base64()) })

/**
 * Copies on a stick: mounted for one copy, without set-user-id, devices and programs, in this service's own mount namespace;
 * written beside, synced, renamed. Only files of our names, in a folder of our own.
 */
export function stickDuties(world: StorageWorld = machineStorages): readonly (readonly [string, Duty])[] {
  const stick = new Stick(world)
  return [
    ['stick-list', duty<'stick-list'>(nothing, async () => ({ sticks: await listSticks(world) }))],
    [
      'stick-begin',
      duty<'stick-begin'>(begin, async (asked) => {
        await stick.begin(asked.name, asked.octets)
        return {}
      }),
    ],
    [
      'stick-write',
      duty<'stick-write'>(piece, async ({ octets }) => {
        await stick.write(Buffer.from(octets, 'base64'))
        return {}
      }),
    ],
    ['stick-end', duty<'stick-end'>(nothing, async () => ({ names: await stick.end() }))],
    [
      'stick-remove',
      duty<'stick-remove'>(v.strictObject({ name }), async (asked) => {
        await stick.remove(asked.name)
        return {}
      }),
    ],
  ]
}

async function listSticks(world: StorageWorld): Promise<readonly StickView[]> {
  const found = await listStorages(world)
  return Promise.all(
    found.map(async (each) => ({ ...each, isReadOnly: await isReadOnly(each.storage, world) })),
  )
}

interface Mounted {
  readonly storage: string
  /** Ours on it. */
  readonly folder: string
}

interface Begun extends Mounted {
  readonly name: string
  readonly handle: FileHandle
}

class Stick {
  readonly #world: StorageWorld
  #begun: Begun | undefined

  constructor(world: StorageWorld) {
    this.#world = world
  }

  async begin(file: string, octets: number): Promise<void> {
    await this.#giveUp()
    const mounted = await this.#mount()
    await this.#orUnmount(mounted, async () => {
      await sweep(mounted.folder)
      await mustFit(octets, mounted)
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
      const handle = await open(join(mounted.folder, `${file}.part`), flags, 0o600)
      this.#begun = { ...mounted, name: file, handle }
    })
  }

  async write(octets: Buffer): Promise<void> {
    const { handle, ...mounted } = this.#needBegun()
    await this.#orUnmount(mounted, () => handle.writeFile(octets))
  }

  async end(): Promise<readonly string[]> {
    const { handle, name: file, ...mounted } = this.#needBegun()
    const names = await this.#orUnmount(mounted, async () => {
      await handle.sync()
      await handle.close()
      await rename(join(mounted.folder, `${file}.part`), join(mounted.folder, file))
      await syncFolder(mounted.folder)
      return (await readdir(mounted.folder)).filter((each) => stickFilePattern.test(each)).sort()
    })
    this.#begun = undefined
    await this.#unmount()
    return names
  }

  async remove(file: string): Promise<void> {
    await this.#giveUp()
    const mounted = await this.#mount()
    await this.#orUnmount(mounted, async () => {
      await rm(join(mounted.folder, file), { force: true })
      await syncFolder(mounted.folder)
    })
    await this.#unmount()
  }

  #needBegun(): Begun {
    if (this.#begun === undefined)
      throw new DutyRefused('no copy was begun, or it took too long: begin again')
    return this.#begun
  }

  /** What went wrong in the middle leaves nothing mounted, and is told in words. */
  async #orUnmount<T>({ storage }: Mounted, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await this.#giveUp()
      await this.#unmount()
      throw error instanceof DutyRefused ? error : new DutyRefused(`the stick ${storage} ${troubleOf(error)}`)
    }
  }

  async #giveUp(): Promise<void> {
    const begun = this.#begun
    if (begun === undefined) return
    this.#begun = undefined
    await begun.handle.close().catch(() => undefined)
    await rm(join(begun.folder, `${begun.name}.part`), { force: true }).catch(() => undefined)
    await this.#unmount()
  }

  async #mount(): Promise<Mounted> {
    const sticks = await listSticks(this.#world)
    if (sticks.length === 0) throw new DutyRefused('no stick is plugged in')
    const [only, ...others] = sticks
    const found = only !== undefined && others.length === 0 ? only : await this.#marked(sticks)
    if (found.isReadOnly) throw new DutyRefused(`the stick ${found.storage} is write-protected`)
    await this.#mountAs(found, 'rw')
    const folder = join(this.#place, stickFolder)
    return this.#orUnmount({ storage: found.storage, folder }, async () => {
      await mkdir(folder, { mode: 0o700 }).catch(unlessThere)
      // A link, or a file, of that name is not ours.
      if (!(await lstat(folder)).isDirectory())
        throw new DutyRefused(`${stickFolder} on the stick ${found.storage} is no folder: remove it`)
      return { storage: found.storage, folder }
    })
  }

  /** Of several, the one that has our folder. */
  async #marked(sticks: readonly StickView[]): Promise<StickView> {
    const marked: StickView[] = []
    for (const each of sticks) {
      await this.#mountAs(each, 'ro')
      const about = await lstat(join(this.#place, stickFolder)).catch(() => undefined)
      if (about?.isDirectory()) marked.push(each)
      await this.#unmount()
    }
    const [one, ...others] = marked
    if (one !== undefined && others.length === 0) return one
    const names = sticks.map(({ storage, model }) => `${storage} ${model}`.trim()).join(', ')
    throw new DutyRefused(
      `several sticks are plugged in (${names}): leave one, or make the folder ${stickFolder} on the one that is meant`,
    )
  }

  /** `--rw`, `--read-only`: mount(8) takes neither for the other. */
  async #mountAs({ storage, fileSystem }: StickView, how: 'rw' | 'ro'): Promise<void> {
    await mkdir(this.#place, { recursive: true, mode: 0o700 })
    const device = join(this.#world.devices, storage)
    const options = `${how},nosuid,nodev,noexec`
    const way = how === 'rw' ? '--rw' : '--read-only'
    await run('mount', [way, '-t', fileSystem, '-o', options, device, this.#place]).catch(
      (error: unknown) => {
        throw mountRefused(device, error)
      },
    )
  }

  async #unmount(): Promise<void> {
    const parent = await realpath(join(this.#place, '..'))
    const isMounted = (await lstat(this.#place).catch(() => undefined))?.dev !== (await lstat(parent)).dev
    if (isMounted) await run('umount', [this.#place])
    await rmdir(this.#place).catch(() => undefined)
  }

  get #place(): string {
    return join(this.#world.places, 'stick')
  }
}

const unlessThere = (error: unknown): void => {
  if (errorCode(error) !== 'EEXIST') throw error
}

/** What a copy that broke off left. */
async function sweep(folder: string): Promise<void> {
  for (const each of await readdir(folder))
    if (each.endsWith('.part') && stickFilePattern.test(each.slice(0, -'.part'.length)))
      await rm(join(folder, each), { force: true })
}

/** A cluster more for the name. */
const spareOctets = 64 * 1024

async function mustFit(octets: number, { folder, storage }: Mounted): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < octets + spareOctets)
    throw new DutyRefused(
      `the stick ${storage} is full: the copy needs ${kilobytes(octets + spareOctets)}, free are ${kilobytes(bavail * bsize)}`,
    )
}

const kilobytes = (octets: number): string => `${Math.ceil(octets / 1000)} kB`

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync()
}

function troubleOf(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return 'is full'
    case 'EROFS':
      return 'is write-protected, or its file system is broken: look at it with a computer'
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return 'was pulled out, or is broken'
    default:
      return `can't be written: ${error instanceof Error ? error.message : String(error)}`
  }
}
