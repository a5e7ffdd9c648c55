import { constants, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto'
import { FatalAlert } from './alerts.ts'
import type { VintageIdentity } from './vintage-identity.ts'

const premasterLength = 48

/**
 * The premaster secret of a ClientKeyExchange. Whatever is wrong with the RSA block, a random secret takes its place and
 * the handshake goes on until the client's Finished does not verify: a server that answers bad padding in its own way
 * decrypts for everybody who asks often enough (Bleichenbacher 1998, ROBOT 2017; RFC 5246 section 7.4.7.1). So there is
 * no PKCS #1 decoder here that could say no: the block has one shape only, and every place of it is looked at.
 */
export function premasterOf(
  message: Uint8Array,
  { key, modulusLength }: VintageIdentity,
  clientVersion: number,
): Buffer {
  const block = rawDecrypt(key, encryptedBlock(message, modulusLength), modulusLength)
  const isBad = blockFault(block, clientVersion)
  // 0xff where the block is bad, else 0: the choice is made without a branch.
  const mask = ((isBad | -isBad) >> 31) & 0xff
  const instead = randomBytes(premasterLength)
  const secret = block.subarray(-premasterLength)
  const chosen = Buffer.from(instead.map((octet, at) => (octet & mask) | ((secret[at] ?? 0) & ~mask)))
  block.fill(0)
  return chosen
}

/** SSL 3.0 sends it bare, TLS with its length in front; some SSL 3.0 stacks do as TLS does. Lengths are public. */
function encryptedBlock(message: Uint8Array, modulusLength: number): Uint8Array {
  const hasLength =
    message.length === modulusLength + 2 && ((message[0] ?? 0) << 8) + (message[1] ?? 0) === modulusLength
  const block = hasLength ? message.subarray(2) : message
  if (block.length !== modulusLength) throw new FatalAlert('decode_error', 'key exchange of another length')
  return block
}

/** OpenSSL throws where the number is not below the modulus, which anyone can see: zeros are a bad block too. */
function rawDecrypt(key: KeyObject, block: Uint8Array, modulusLength: number): Buffer {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  } catch {
    return Buffer.alloc(modulusLength)
  }
}

/** 0 where it is 00 02, octets that are not zero, 00, the client's version, 46 octets (RFC 8017 section 7.2.2). */
function blockFault(block: Uint8Array, clientVersion: number): number {
  const secretAt = block.length - premasterLength
  let fault = (block[0] ?? 0) | ((block[1] ?? 0) ^ 2) | (block[secretAt - 1] ?? 0)
  fault |= (block[secretAt] ?? 0) ^ (clientVersion >> 8)
  fault |= (block[secretAt + 1] ?? 0) ^ (clientVersion & 0xff)
  // An octet less one is negative for zero alone.
  for (let at = 2; at < secretAt - 1; at++) fault |= ((block[at] ?? 0) - 1) >>> 31
  return fault
}
