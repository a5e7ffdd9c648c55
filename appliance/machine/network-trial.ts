import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { errorCode, overwrite, syncDirectory, writeDurably } from '../../src/platform/durable-file.ts'
import { DutyRefused } from './duty.ts'
import { arrange } from './network-arranger.ts'
import type { Links } from './network-files.ts'
import { machineLinks } from './network-links.ts'
import { networkWish } from './network-wish.ts'
import type { NetworkWorld } from './network-world.ts'

/** Time to open the console at the new address, sign in and say keep. The timer's unit has the same. */
export const trialMs = 120_000
/** systemd starts what is due up to a second late, never early; `uptime` is rounded. */
const roundingMs = 1000
const timer = 'inkpost-network-undo.timer'

const trialSchema = v.strictObject({
  id: v.string(),
  endsAtUptimeMs: v.number(),
  wish: v.nullable(networkWish),
})
type Trial = v.InferOutput<typeof trialSchema>
/** With the ports of that time: at the next start of the machine they may not be there yet. */
const keptSchema = v.strictObject({ wish: networkWish, links: v.record(v.string(), v.string()) })

/**
 * A network on trial. What was kept lies in `state`, the trial in `run`, which no start of the machine survives; a timer
 * of systemd ends it, which outlives this service. Whatever dies between two steps, the timer or the next start finds
 * either the old or the new network kept, and makes it so.
 */
export class NetworkTrial {
  readonly #world: NetworkWorld

  constructor(world: NetworkWorld) {
    this.#world = world
  }

  /** Null: the machine's own configuration. */
  kept(): NetworkWish | null {
    return readAs(keptSchema, this.#keptFile)?.wish ?? null
  }

  /** The ports that were there when it was kept. */
  keptLinks(): Partial<Links> {
    return readAs(keptSchema, this.#keptFile)?.links ?? {}
  }

  running(): { readonly id: string; readonly leftMs: number } | null {
    const trial = this.#trial()
    return trial && { id: trial.id, leftMs: Math.max(0, trial.endsAtUptimeMs - this.#world.uptime()) }
  }

  /** What is in force: on trial, else kept. */
  present(): NetworkWish | null {
    const trial = this.#trial()
    return trial ? trial.wish : this.kept()
  }

  async begin(id: string, wish: NetworkWish | null): Promise<number> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const trial: Trial = { id, endsAtUptimeMs: this.#world.uptime() + trialMs, wish }
    writeDurably(this.#trialFile, JSON.stringify(trial))
    try {
      await this.#world.call('systemctl', 'restart', timer)
      await arrange(wish, this.#world)
    } catch (error) {
      // Half of it may be in force, and the timer may not run.
      await this.undo()
      throw error
    }
    return trialMs
  }

  async keep(id: string): Promise<void> {
    const trial = this.#trial()
    // What is due is being undone by another process.
    if (trial?.id !== id || this.#isDue(trial))
      throw new DutyRefused('the trial is over: the box has its network of before again')
    this.#store(trial.wish)
    await this.#end()
  }

  /** Does nothing where no trial is. */
  async undo(): Promise<void> {
    const trial = this.#trial()
    if (trial === null) return
    await arrange(this.kept(), this.#world)
    // One that began meanwhile has a timer of its own.
    if (this.#trial()?.id === trial.id) await this.#end()
  }

  /** What the timer asks: of a trial that began meanwhile it is not the end. */
  async undoWhatIsDue(): Promise<void> {
    const trial = this.#trial()
    if (trial && this.#isDue(trial)) await this.undo()
  }

  async set(wish: NetworkWish | null): Promise<void> {
    this.#store(wish)
    await arrange(wish, this.#world)
    await this.#end()
  }

  /** It has passphrases in it. The network stays as it is until the machine starts again. */
  destroyKept(): void {
    if (!existsSync(this.#keptFile)) return
    overwrite(this.#keptFile)
    rmSync(this.#keptFile)
    syncDirectory(this.#world.state)
  }

  #isDue({ endsAtUptimeMs }: Trial): boolean {
    return this.#world.uptime() >= endsAtUptimeMs - roundingMs
  }

  #store(wish: NetworkWish | null): void {
    mkdirSync(this.#world.state, { recursive: true, mode: 0o700 })
    if (wish === null) this.destroyKept()
    else writeDurably(this.#keptFile, JSON.stringify({ wish, links: machineLinks(this.#world.links) }))
  }

  async #end(): Promise<void> {
    rmSync(this.#trialFile, { force: true })
    await this.#world.call('systemctl', 'stop', timer)
  }

  #trial(): Trial | null {
    return readAs(trialSchema, this.#trialFile)
  }

  get #folder(): string {
    return join(this.#world.run, 'inkpost-machine')
  }

  get #trialFile(): string {
    return join(this.#folder, 'trial.json')
  }

  get #keptFile(): string {
    return join(this.#world.state, 'network.json')
  }
}

/** Null: there is none. One that another release wrote and this can't read is none either: the machine's own network serves. */
function readAs<T>(schema: v.GenericSchema<unknown, T>, file: string): T | null {
  try {
    return v.parse(schema, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT')
      process.stderr.write(`${JSON.stringify({ event: 'network-unreadable', file, error: String(error) })}\n`)
    return null
  }
}
