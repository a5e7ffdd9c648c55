/** A cipher suite with RSA key exchange (RFC 5246 appendix A.5, RFC 6101 appendix A.6). */
export interface Suite {
  readonly id: number
  readonly cipher: 'rc4' | 'des-ede3-cbc' | 'aes-128-cbc' | 'aes-256-cbc'
  /** Octets; an IV is as long as a block. */
  readonly keyLength: number
  /** 0: a stream cipher. */
  readonly blockLength: number
  readonly mac: 'md5' | 'sha1'
  readonly macLength: number
}

/**
 * What the vintage engine serves, best first. Single DES, export suites and anonymous ones are not among them: they can
 * be read by anyone, and a device that knows nothing else is better served in clear, where it is seen to be in clear.
 */
const vintageSuites: readonly Suite[] = [
  { id: 0x002f, cipher: 'aes-128-cbc', keyLength: 16, blockLength: 16, mac: 'sha1', macLength: 20 },
  { id: 0x0035, cipher: 'aes-256-cbc', keyLength: 32, blockLength: 16, mac: 'sha1', macLength: 20 },
  { id: 0x000a, cipher: 'des-ede3-cbc', keyLength: 24, blockLength: 8, mac: 'sha1', macLength: 20 },
  { id: 0x0005, cipher: 'rc4', keyLength: 16, blockLength: 0, mac: 'sha1', macLength: 20 },
  { id: 0x0004, cipher: 'rc4', keyLength: 16, blockLength: 0, mac: 'md5', macLength: 16 },
]

/** The best suite that is offered; undefined: none is served. */
export const suiteFor = (offered: readonly number[]): Suite | undefined =>
  vintageSuites.find(({ id }) => offered.includes(id))
