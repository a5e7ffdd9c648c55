import { createHash, type Hash, hash } from 'node:crypto'

const algorithm = 'sha256'

/**
 * The digest of a content that comes in pieces. Most mails come in one: no object of the runtime is made for those, whose
 * end the collector would have to see to.
 */
export class ContentDigest {
  #only: Uint8Array = new Uint8Array(0)
  #running: Hash | undefined

  /** Keeps the first piece: nobody may write to it any more. */
  update(octets: Uint8Array): void {
    if (this.#running) this.#running.update(octets)
    else if (this.#only.length === 0) this.#only = octets
    else {
      this.#running = createHash(algorithm).update(this.#only).update(octets)
      this.#only = new Uint8Array(0)
    }
  }

  /** In hexadecimal; once, at the end. */
  hex(): string {
    return this.#running ? this.#running.digest('hex') : hash(algorithm, this.#only, 'hex')
  }
}
