import { createCipheriv, createDecipheriv } from 'node:crypto'
import { Rc4 } from './rc4.ts'
import type { Suite } from './suites.ts'

/** Goes on from record to record: CBC chains over them in SSL 3.0 and TLS 1.0, RC4 is one stream. */
export interface Cipher {
  update(octets: Uint8Array): Buffer
}

export function encipher({ cipher }: Suite, key: Uint8Array, iv: Uint8Array): Cipher {
  return cipher === 'rc4' ? new Rc4(key) : createCipheriv(cipher, key, iv).setAutoPadding(false)
}

export function decipher({ cipher }: Suite, key: Uint8Array, iv: Uint8Array): Cipher {
  return cipher === 'rc4' ? new Rc4(key) : createDecipheriv(cipher, key, iv).setAutoPadding(false)
}
