import type { FidelityFlag } from '../core/message.ts'
import type { MimePart } from '../core/part-index.ts'

/** Flags of mail that a rebuilt message would not be: signatures break, encryption and fragments lose their form. */
export type IndivisibleFlag = Extract<FidelityFlag, 'signed' | 'encrypted' | 'partial'>

/** Why this mail can only travel as it is (RFC 1847, 8551, 3156; RFC 2046 section 5.2.2); undefined if it need not. */
export function indivisible(parts: readonly MimePart[]): IndivisibleFlag | undefined {
  for (const part of parts) {
    const flag = indivisiblePart(part)
    if (flag !== undefined) return flag
  }
  return undefined
}

function indivisiblePart(part: MimePart): IndivisibleFlag | undefined {
  if (part.type === 'multipart/signed') return 'signed'
  if (part.type === 'multipart/encrypted' || part.type === 'application/pgp-encrypted') return 'encrypted'
  if (part.type === 'message/partial' && part.parent === undefined) return 'partial'
  return isEnvelopedMail(part) ? smimeFlag(part) : undefined
}

/** The whole mail in S/MIME; a signed file that somebody attached (`contract.pdf.p7m`) is only a file. */
const isEnvelopedMail = (part: MimePart): boolean =>
  /^application\/(?:x-)?pkcs7-mime$/.test(part.type) &&
  (part.parent === undefined || part.fileName === undefined || /^smime\.p7m$/i.test(part.fileName))

const smimeFlag = (part: MimePart): IndivisibleFlag =>
  part.parameters['smime-type']?.toLowerCase() === 'signed-data' ? 'signed' : 'encrypted'
