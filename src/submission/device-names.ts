/** What a device is called now, by whoever knew it under the name of then. */
export type Named = () => string

type Names = ReadonlyMap<string, string>

/**
 * Sessions and mail under way outlive the name of their device. What they write down is under its name of now: the spool
 * takes an old name from what it holds, and until it has, nothing is written under that name for the device that has it
 * since.
 */
export class DeviceNames {
  readonly #renames: Names[] = []
  readonly #underWay = new Set<Promise<unknown>>()
  #pending: { readonly names: Set<string>; readonly done: PromiseWithResolvers<void> } | undefined

  /** The device that is called so now. */
  follow(name: string): Named {
    const since = this.#renames.length
    return () => this.#renames.slice(since).reduce((known, renames) => renames.get(known) ?? known, name)
  }

  /** Devices are called otherwise from now on, all at once: two may have each other's name. */
  rename(names: Names): void {
    if (names.size === 0) return
    this.#renames.push(names)
    this.#pending ??= { names: new Set(), done: Promise.withResolvers() }
    for (const name of names.keys()) this.#pending.names.add(name)
  }

  /** What was begun under old names is on its way to the disk. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  /** The spool has taken the old names from what it holds, or can't. */
  settled(): void {
    this.#pending?.done.resolve()
    this.#pending = undefined
  }

  /** Writes under the present name of a device, as soon as that is its own alone. */
  async write<T>(named: Named, act: (name: string) => Promise<T>): Promise<T> {
    while (this.#pending?.names.has(named())) await this.#pending.done.promise
    return this.#track(act(named()))
  }

  /** The same for many: rows that name their device. */
  async writeAll<Row extends { readonly device: string | undefined }>(
    rows: readonly Row[],
    act: (rows: readonly Row[]) => Promise<void>,
  ): Promise<void> {
    const named = rows.map(({ device }) => (device === undefined ? undefined : this.follow(device)))
    while (this.#pending) await this.#pending.done.promise
    await this.#track(act(rows.map((row, index) => ({ ...row, device: named[index]?.() }))))
  }

  async #track<T>(written: Promise<T>): Promise<T> {
    this.#underWay.add(written)
    try {
      return await written
    } finally {
      this.#underWay.delete(written)
    }
  }
}
