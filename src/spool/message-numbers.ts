import type { Called } from './thread.ts'

/** Numbers taken at once: one small write for so many messages. */
const block = 64

/** Where numbers come from. */
export interface NumberSource {
  take(count: number): Promise<Called<{ readonly first: number }>>
  /** The mark on disk. */
  last(): Promise<number>
}

/**
 * Numbers of messages, from blocks whose end is on disk before the first of them is used: never twice, gaps allowed. On a
 * full disk it goes on behind the mark; whichever of those is published after all raises the mark with it.
 */
export class MessageNumbers {
  readonly #source: NumberSource
  #next = 1
  #end = 1
  #refill: Promise<void> | undefined

  constructor(source: NumberSource) {
    this.#source = source
  }

  async take(): Promise<number> {
    while (this.#next >= this.#end) {
      this.#refill ??= this.#fill().finally(() => {
        this.#refill = undefined
      })
      await this.#refill
    }
    return this.#next++
  }

  async #fill(): Promise<void> {
    const taken = await this.#source.take(block)
    const first = taken.kind === 'done' ? taken.answer.first : (await this.#source.last()) + 1
    // Those handed out without a mark are used up too.
    this.#next = Math.max(first, this.#next)
    this.#end = Math.max(first + block, this.#next)
    if (taken.kind === 'trouble') this.#end = this.#next + block
  }
}
