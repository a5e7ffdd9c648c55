import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { StorageView } from '../../src/core/machine.ts'
import type { StickBundle } from '../../src/core/machine-update.ts'
import { DutyRefused } from './duty.ts'
import { listStorages, mountStorage, readPiece, unmountStorage } from './storage.ts'
import type { UpdateWorld } from './update-world.ts'

/** In the root of a stick; nothing else is handed out. */
const bundleName = /^[\w][\w.-]{0,99}\.raucb$/

export const stickAsk = v.strictObject({
  storage: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{1,15}$/, 'a name such as sda1')),
  file: v.pipe(v.string(), v.regex(bundleName, 'a name such as inkpost-1.2.0.raucb')),
  offset: v.pipe(v.number(), v.integer(), v.minValue(0)),
})

/** Bundles on sticks, which are mounted read-only for as long as one is read. */
export class UpdateSticks {
  readonly #world: UpdateWorld
  #open: string | undefined

  constructor(world: UpdateWorld) {
    this.#world = world
  }

  async list(): Promise<readonly StickBundle[]> {
    await this.#close()
    const found: StickBundle[] = []
    for (const storage of await listStorages(this.#world.storages))
      found.push(...(await this.#bundlesOn(storage)))
    return found
  }

  async read({ storage, file, offset }: v.InferOutput<typeof stickAsk>): Promise<Buffer> {
    if (this.#open !== storage) await this.#openByName(storage)
    const piece = await readPiece(join(this.#placeOf(storage), file), offset)
    if (!piece?.length) await this.#close()
    if (!piece) throw new DutyRefused(`${file} is not on ${storage}`)
    return piece
  }

  #placeOf(storage: string): string {
    return join(this.#world.storages.places, `${storage}-update`)
  }

  async #openByName(storage: string): Promise<void> {
    await this.#close()
    const found = (await listStorages(this.#world.storages)).find((each) => each.storage === storage)
    if (!found) throw new DutyRefused(`there is no stick ${storage} that could be read`)
    await mountStorage(found, this.#placeOf(storage), this.#world.storages)
    this.#open = storage
  }

  async #close(): Promise<void> {
    if (this.#open === undefined) return
    const place = this.#placeOf(this.#open)
    this.#open = undefined
    await unmountStorage(place)
  }

  async #bundlesOn(about: StorageView): Promise<readonly StickBundle[]> {
    const { storage, model } = about
    const place = this.#placeOf(storage)
    try {
      await mountStorage(about, place, this.#world.storages)
    } catch (error) {
      // A stick that can't be read has no bundle for anybody.
      if (error instanceof DutyRefused) return []
      throw error
    }
    try {
      const names = (await readdir(place)).filter((name) => bundleName.test(name)).toSorted()
      const files = await Promise.all(
        names.map(async (file) => ({ file, about: await lstat(join(place, file)) })),
      )
      return files
        .filter(({ about: file }) => file.isFile())
        .map(({ file, about: { size } }) => ({ storage, model, file, octets: size }))
    } finally {
      await unmountStorage(place)
    }
  }
}
