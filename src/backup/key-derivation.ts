import { hkdfSync, scrypt } from 'node:crypto'
import { BackupRefused } from './backup-refused.ts'

export interface KeyCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/**
 * 64 MB and about a second on a small board: N = 2^16, r = 8, p = 2 is one of OWASP's equal settings to N = 2^17, whose
 * 128 MB a box of 512 MB would take from mail.
 */
export const presentCost: KeyCost = { n: 65_536, r: 8, p: 2 }
export const keyOctets = 32
/** A file says itself what it costs: none may cost more than the ones that this release makes. */
const mostMemory = 128 * presentCost.n * presentCost.r

/** Off the main thread. Throws `BackupRefused` where the cost is beyond all measure. */
export async function deriveKey(secret: string, salt: Uint8Array, cost: KeyCost): Promise<Uint8Array> {
  const { n, r, p } = cost
  if (128 * n * r > mostMemory || p > presentCost.p)
    throw new BackupRefused('not-a-backup', 'opening this file would cost more memory than a box has')
  if (n < 2 || (n & (n - 1)) !== 0 || r < 1 || p < 1)
    throw new BackupRefused('damaged', 'the header of the file is damaged')
  return await new Promise((resolve, reject) => {
    // NFKC: the same passphrase typed on another keyboard layout gives other code points.
    scrypt(
      secret.normalize('NFKC'),
      salt,
      keyOctets,
      { N: n, r, p, maxmem: mostMemory + 1024 * 1024 },
      (error, key) => (error ? reject(error) : resolve(key)),
    )
  })
}

/** A key for one purpose out of a key (RFC 5869). */
export const keyFor = (purpose: string, key: Uint8Array, salt: Uint8Array = new Uint8Array()): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, `inkpost-backup-1 ${purpose}`, keyOctets))
