/** The RC4 stream (RFC 6229 has its test vectors). Node's OpenSSL has none any more. */
export class Rc4 {
  readonly #state = new Uint32Array(256).map((_, index) => index)
  #i = 0
  #j = 0

  constructor(key: Uint8Array) {
    const state = this.#state
    let j = 0
    for (let i = 0; i < 256; i++) {
      const here = state[i] ?? 0
      j = (j + here + (key[i % key.length] ?? 0)) & 0xff
      state[i] = state[j] ?? 0
      state[j] = here
    }
  }

  /** Encrypts or decrypts what comes next. */
  update(octets: Uint8Array): Buffer {
    const state = this.#state
    const out = Buffer.allocUnsafe(octets.length)
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < octets.length; at++) {
      i = (i + 1) & 0xff
      const a = state[i] ?? 0
      j = (j + a) & 0xff
      const b = state[j] ?? 0
      state[i] = b
      state[j] = a
      out[at] = (octets[at] ?? 0) ^ (state[(a + b) & 0xff] ?? 0)
    }
    this.#i = i
    this.#j = j
    return out
  }
}
