import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { bundlePlace } from '../core/machine-update.ts'
import { describeSize } from '../core/size.ts'
import { syncDirectory } from '../platform/durable-file.ts'

/** Octets. Slots are smaller. */
const largestBundle = 1e9
/** Beside a bundle mail needs room too: what the spool keeps free, and a day of scans. */
const roomForMail = 200e6

export type Appended =
  | { readonly kind: 'appended'; readonly offset: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** Where a bundle comes together piece by piece, and lies when it is whole: the machine service looks nowhere else. */
export class BundlePlace {
  readonly folder: string
  readonly #freeOctets: () => number

  constructor(dataDir: string, freeOctets?: () => number) {
    this.folder = join(dataDir, bundlePlace.folder)
    this.#freeOctets = freeOctets ?? (() => freeIn(dataDir))
  }

  get #part(): string {
    return join(this.folder, `${bundlePlace.file}.part`)
  }

  get #whole(): string {
    return join(this.folder, bundlePlace.file)
  }

  /** Octets that are there. */
  get offset(): number {
    return statSync(this.#part, { throwIfNoEntry: false })?.size ?? 0
  }

  get isWhole(): boolean {
    return existsSync(this.#whole)
  }

  /** Empty, or why a bundle of so many octets can't be taken; what is there of it has its room already. */
  noRoomFor(octets: number): string {
    if (octets > largestBundle)
      return `it is larger than a bundle may be: ${describeSize(octets)} of ${describeSize(largestBundle)}`
    const free = this.#freeOctets() - roomForMail
    const more = octets - this.offset
    if (more <= free) return ''
    return `there is no room for it: ${describeSize(more)} are needed, ${describeSize(Math.max(0, free))} are free beside what mail needs`
  }

  /** Octets of a bundle that does not say its length. */
  get most(): number {
    return Math.min(largestBundle, this.offset + Math.max(0, this.#freeOctets() - roomForMail))
  }

  clear(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    for (const file of [this.#part, this.#whole]) rmSync(file, { force: true })
    syncDirectory(this.folder)
  }

  /** From `offset` on, which has to be the end of what is there; up to `most` octets of the whole. Synced. */
  async append(offset: number, pieces: AsyncIterable<Uint8Array>, most: number): Promise<Appended> {
    if (offset !== this.offset) return refused(`${this.offset} octets are there: go on with those`)
    await using file = await open(this.#part, 'a', 0o600)
    let at = offset
    for await (const piece of pieces) {
      if (at + piece.length > most) return refused(`it is longer than the ${most} octets that were said`)
      await file.appendFile(piece)
      at += piece.length
    }
    await file.sync()
    return { kind: 'appended', offset: at }
  }

  /** From now on it is what the machine service looks at. */
  complete(): void {
    renameSync(this.#part, this.#whole)
    syncDirectory(this.folder)
  }

  /** Of what is there, in hex. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256')
    for await (const piece of createReadStream(this.#part)) hash.update(piece)
    return hash.digest('hex')
  }
}

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

const refused = (reason: string): Appended => ({ kind: 'refused', reason })
