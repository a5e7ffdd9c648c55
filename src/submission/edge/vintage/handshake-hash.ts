import { createHash, type Hash } from 'node:crypto'

/** Running hashes over every handshake message, from the ClientHello on. */
export class HandshakeHash {
  readonly #md5 = createHash('md5')
  readonly #sha1 = createHash('sha1')
  readonly #sha256 = createHash('sha256')

  add(message: Uint8Array): void {
    for (const hash of [this.#md5, this.#sha1, this.#sha256]) hash.update(message)
  }

  /** SSL 3.0 appends to the messages before it closes the hash. */
  open(name: 'md5' | 'sha1'): Hash {
    return (name === 'md5' ? this.#md5 : this.#sha1).copy()
  }

  /** MD5 and SHA-1 one behind the other (RFC 2246 section 7.4.9). */
  md5AndSha1(): Buffer {
    return Buffer.concat([this.open('md5').digest(), this.open('sha1').digest()])
  }

  sha256(): Buffer {
    return this.#sha256.copy().digest()
  }
}
