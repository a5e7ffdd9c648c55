import type { Brand } from './brand.ts'

/**
 * A message's name in the spool: a counter of the database in Crockford's base32 without padding (`1`, `2`, … `Z`, `10`).
 * Short enough for a printer's display; shown in the 250, in Received and in the log.
 */
export type MessageId = Brand<string, 'MessageId'>

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The id of counter value `n` (a positive integer below 2^53). */
export function messageIdOf(n: number): MessageId {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`no message number: ${n}`)
  let text = ''
  for (let rest = n; rest > 0; rest = Math.floor(rest / 32)) text = alphabet.charAt(rest % 32) + text
  return text as MessageId
}

/** The counter value behind an id as a person typed it (any case, O for 0, I and L for 1); undefined if it is none. */
export function messageNumberOf(text: string): number | undefined {
  if (text.length === 0 || text.length > 11) return undefined
  let n = 0
  for (const letter of text.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) return undefined
    n = n * 32 + digit
  }
  return n > 0 && Number.isSafeInteger(n) ? n : undefined
}
