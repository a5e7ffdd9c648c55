import { randomInt } from 'node:crypto'

/** An integer from 0 up to, not including, `below`; every one equally likely. */
export type RandomInt = (below: number) => number

export const machineRandom: RandomInt = (below) => randomInt(below)

/** Letters and digits that no panel or handwriting confuses: without l, o, i, 0, 1. */
const clearLetters = 'abcdefghjkmnpqrstuvwxyz'
const clearDigits = '23456789'
const digits = '0123456789'

const pick = (alphabet: string, random: RandomInt): string => alphabet.charAt(random(alphabet.length))

const pickMany = (alphabet: string, count: number, random: RandomInt): string =>
  Array.from({ length: count }, () => pick(alphabet, random)).join('')

export interface MintedAccount {
  readonly username: string
  readonly password: string
}

export interface MintOptions {
  /** The device is bound to an address, so a short password will do. */
  readonly isBound: boolean
  /** 16 letters and digits, for devices with a keyboard. */
  readonly isStrong?: boolean
  /** Logins that are taken, in lower case. */
  readonly taken: ReadonlySet<string>
}

/** An account that can be typed at a printer's panel. Throws only if a thousand names in a row were taken. */
export function mintAccount(options: MintOptions, random: RandomInt = machineRandom): MintedAccount {
  return { username: mintUsername(options.taken, random), password: mintPassword(options, random) }
}

/** A letter and 3 to 7 letters or digits; longer only where the short ones are taken. */
export function mintUsername(taken: ReadonlySet<string>, random: RandomInt = machineRandom): string {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const length = 3 + Math.min(4, Math.floor(attempt / 50))
    const username = pick(clearLetters, random) + pickMany(clearLetters + clearDigits, length, random)
    if (!taken.has(username)) return username
  }
  throw new Error('no free user name was found')
}

/** 8 digits where the device is bound to an address, 12 where not; 16 letters and digits when strong. */
export function mintPassword(
  { isBound, isStrong = false }: Pick<MintOptions, 'isBound' | 'isStrong'>,
  random: RandomInt = machineRandom,
): string {
  if (isStrong) return pickMany(clearLetters + clearDigits, 16, random)
  return pickMany(digits, isBound ? 8 : 12, random)
}

/** In groups of four, as it is shown and read aloud; the blanks are no part of it. */
export const inGroups = (password: string): string => password.replace(/(.{4})(?=.)/g, '$1 ')

/** The console's claim code: 8 capital letters and digits. */
export const mintClaimCode = (random: RandomInt = machineRandom): string =>
  pickMany(clearLetters.toUpperCase() + clearDigits, 8, random)

/** A recovery code of a second factor: 12 letters and digits. */
export const mintRecoveryCode = (random: RandomInt = machineRandom): string =>
  pickMany(clearLetters + clearDigits, 12, random)
