// A LAN in which every box hears every other one, itself included, and a test hears all and says what it likes.
import type { Air } from '../src/core/twin.ts'

export class Lan {
  /** Everything that was said, in order. */
  readonly said: Uint8Array[] = []
  /** Whether a cable is in, for all of them. */
  isUp = true
  readonly #boxes = new Set<(octets: Uint8Array) => void>()

  readonly open = async (): Promise<Air> => {
    const mine: ((octets: Uint8Array) => void)[] = []
    return {
      isUp: () => this.isUp,
      send: (octets) => this.say(octets),
      listen: (heard) => {
        mine.push(heard)
        this.#boxes.add(heard)
      },
      [Symbol.asyncDispose]: async () => {
        for (const heard of mine) this.#boxes.delete(heard)
      },
    }
  }

  /** To everybody, after whoever speaks has come to an end. */
  say(octets: Uint8Array): void {
    if (!this.isUp) return
    this.said.push(octets)
    setImmediate(() => {
      for (const heard of this.#boxes) heard(octets)
    })
  }
}
