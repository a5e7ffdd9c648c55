import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** Files that may be there or not: what can't be read says nothing. */
export class KernelFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async text(path: string): Promise<string | undefined> {
    return readFile(join(this.#root, path), 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    )
  }

  /** Those at the beginning of its first line. */
  async numbers(path: string): Promise<readonly number[]> {
    const [line = ''] = ((await this.text(path)) ?? '').split('\n')
    const words = line.split(/\s+/).filter((word) => word !== '')
    const end = words.findIndex((word) => !Number.isFinite(Number(word)))
    return words.slice(0, end < 0 ? words.length : end).map(Number)
  }

  async number(path: string): Promise<number | undefined> {
    return (await this.numbers(path))[0]
  }

  folder(path: string): Promise<readonly string[]> {
    return readdir(join(this.#root, path)).then(
      (names) => names.toSorted(),
      () => [],
    )
  }

  /** Where a link of the kernel's ends, from the root on. */
  async end(path: string): Promise<string | undefined> {
    const root = await realpath(this.#root)
    return realpath(join(root, path)).then(
      (full) => full.slice(root.length).replace(/^\//, ''),
      () => undefined,
    )
  }
}
