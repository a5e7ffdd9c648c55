import { createHash, createHmac } from 'node:crypto'
import type { HandshakeHash } from './handshake-hash.ts'
import { pad1, pad2 } from './ssl3-pads.ts'
import { ssl30, tls12, type Version } from './versions.ts'

export interface Randoms {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

export type Sender = 'client' | 'server'

/** How a version makes its secrets and its proof that both sides have seen the same handshake. */
export interface KeySchedule {
  masterSecret(premaster: Uint8Array, randoms: Randoms): Buffer
  keyBlock(master: Uint8Array, randoms: Randoms, length: number): Buffer
  finished(master: Uint8Array, sender: Sender, hash: HandshakeHash): Buffer
}

const masterLength = 48
const verifyLength = 12

/** RFC 6101. */
const ssl3Schedule: KeySchedule = {
  // Section 6.1.
  masterSecret: (premaster, { client, server }) =>
    ssl3Derive(premaster, Buffer.concat([client, server]), masterLength),
  // Section 6.2.2: the server's random first.
  keyBlock: (master, { client, server }, length) =>
    ssl3Derive(master, Buffer.concat([server, client]), length),
  // Section 5.6.9.
  finished: (master, sender, hash) =>
    Buffer.concat((['md5', 'sha1'] as const).map((name) => ssl3Finished(name, master, sender, hash))),
}

/** MD5(secret + SHA-1('A' + secret + seed)), MD5(secret + SHA-1('BB' + secret + seed)), and so on. */
export function ssl3Derive(secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let n = 1; blocks.length * 16 < length; n++) {
    const letters = Buffer.alloc(n, 0x40 + n)
    const inner = createHash('sha1').update(letters).update(secret).update(seed).digest()
    blocks.push(createHash('md5').update(secret).update(inner).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function ssl3Finished(
  name: 'md5' | 'sha1',
  master: Uint8Array,
  sender: Sender,
  messages: HandshakeHash,
): Buffer {
  const mark = sender === 'client' ? 'CLNT' : 'SRVR'
  const inner = messages.open(name).update(mark).update(master).update(pad1(name)).digest()
  return createHash(name).update(master).update(pad2(name)).update(inner).digest()
}

type Prf = (secret: Uint8Array, label: string, seed: Uint8Array, length: number) => Buffer

/** Sections 6.3, 7.4.9 and 8.1 of RFC 2246, RFC 4346 and RFC 5246. */
function tlsSchedule(prf: Prf, digestOf: (hash: HandshakeHash) => Buffer): KeySchedule {
  return {
    masterSecret: (premaster, { client, server }) =>
      prf(premaster, 'master secret', Buffer.concat([client, server]), masterLength),
    keyBlock: (master, { client, server }, length) =>
      prf(master, 'key expansion', Buffer.concat([server, client]), length),
    finished: (master, sender, hash) => prf(master, `${sender} finished`, digestOf(hash), verifyLength),
  }
}

/** RFC 2246 section 5: MD5 over the secret's first half, SHA-1 over its second; an odd octet belongs to both. */
export const tls10Prf: Prf = (secret, label, seed, length) => {
  const half = Math.ceil(secret.length / 2)
  const labelled = Buffer.concat([Buffer.from(label), seed])
  const md5 = expand('md5', secret.subarray(0, half), labelled, length)
  const sha1 = expand('sha1', secret.subarray(secret.length - half), labelled, length)
  return Buffer.from(md5.map((octet, at) => octet ^ (sha1[at] ?? 0)))
}

/** RFC 5246 section 5, with SHA-256. */
export const tls12Prf: Prf = (secret, label, seed, length) =>
  expand('sha256', secret, Buffer.concat([Buffer.from(label), seed]), length)

/** P_hash (RFC 2246 section 5). */
function expand(name: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const keyed = (...parts: Uint8Array[]): Buffer =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac(name, secret)).digest()
  const blocks: Buffer[] = []
  let a = keyed(seed)
  for (let made = 0; made < length; made += a.length) {
    blocks.push(keyed(a, seed))
    a = keyed(a)
  }
  return Buffer.concat(blocks).subarray(0, length)
}

const tls10Schedule = tlsSchedule(tls10Prf, (hash) => hash.md5AndSha1())
const tls12Schedule = tlsSchedule(tls12Prf, (hash) => hash.sha256())

export function keyScheduleOf(version: Version): KeySchedule {
  if (version === ssl30) return ssl3Schedule
  return version === tls12 ? tls12Schedule : tls10Schedule
}
