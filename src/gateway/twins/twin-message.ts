import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { wallMs } from '../../core/time.ts'
import type { TwinRank } from '../../core/twin.ts'

/** `hello` asks whoever has the same identity; `answer` repeats what `hello` had as its challenge. */
export interface TwinMessage {
  readonly kind: 'hello' | 'answer'
  /** Of the process that says it, hexadecimal: what comes back of one's own words is known by it. */
  readonly run: string
  readonly rank: TwinRank
  /** 16 random octets, hexadecimal. */
  readonly challenge: string
}

const nonceOctets = 12
const tagOctets = 16
const wordOctets = 16
/** kind · run · generation · since · mark · challenge */
const textOctets = 1 + wordOctets + 8 + 8 + wordOctets + wordOctets
const octets = nonceOctets + textOctets + tagOctets
const kinds = ['hello', 'answer'] as const

export const freshWord = (): string => randomBytes(wordOctets).toString('hex')

/** AES-256-GCM, always of one length: to whoever has not the key every message is the same noise. */
export function sealTwinMessage(key: Uint8Array, message: TwinMessage): Uint8Array {
  const text = Buffer.alloc(textOctets)
  text.writeUInt8(kinds.indexOf(message.kind), 0)
  text.write(message.run, 1, 'hex')
  text.writeBigUInt64BE(BigInt(message.rank.generation), 17)
  text.writeBigUInt64BE(BigInt(message.rank.since), 25)
  text.write(message.rank.mark, 33, 'hex')
  text.write(message.challenge, 49, 'hex')
  const nonce = randomBytes(nonceOctets)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagOctets })
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

/** Undefined: somebody else's, forged or damaged. */
export function openTwinMessage(key: Uint8Array, sealed: Uint8Array): TwinMessage | undefined {
  if (sealed.length !== octets) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceOctets), {
    authTagLength: tagOctets,
  })
  decipher.setAuthTag(sealed.subarray(octets - tagOctets))
  const opened = decipher.update(sealed.subarray(nonceOctets, octets - tagOctets))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  const kind = kinds[opened.readUInt8(0)]
  const word = (at: number): string => opened.toString('hex', at, at + wordOctets)
  return kind && { kind, run: word(1), rank: rankAt(opened), challenge: word(49) }
}

const rankAt = (text: Buffer): TwinRank => ({
  generation: Number(text.readBigUInt64BE(17)),
  since: wallMs(Number(text.readBigUInt64BE(25))),
  mark: text.toString('hex', 33, 33 + wordOctets),
})
