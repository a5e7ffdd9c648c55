import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * Cost of a sign-in: 16 MB and about 0.3 s on a small board (N = 2^14, r = 8, p = 5 is one of OWASP's equal settings;
 * more memory would be taken from mail).
 */
const cost = { N: 16_384, r: 8, p: 5 } as const
const saltOctets = 16
const hashOctets = 32
const memoryLimit = 256 * 1024 * 1024

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

function derive(password: string, salt: Uint8Array, length: number, { N, r, p }: Cost): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard layout gives other code points.
    scrypt(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: memoryLimit }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

const encode = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url')

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(
  password: string,
  random: (octets: number) => Uint8Array = randomBytes,
): Promise<string> {
  const salt = random(saltOctets)
  const hash = await derive(password, salt, hashOctets, cost)
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${encode(salt)}$${encode(hash)}`
}

/** Whether the password belongs to the hash; false also for what is no hash. Takes equal time for equal costs. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', expected = ''] = hash.split('$')
  if (scheme !== 'scrypt' || expected === '') return false
  const wanted = Buffer.from(expected, 'base64url')
  const found = await derive(password, Buffer.from(salt, 'base64url'), wanted.length, {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  })
  return timingSafeEqual(found, wanted)
}

/** Verified against when there is no such operator, so that names cannot be told by the time an answer takes. */
export const nobodysHash = `scrypt$${cost.N}$${cost.r}$${cost.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`
