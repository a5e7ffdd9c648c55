import type { Slip } from '../core/session-event.ts'

/** Comparing costs a digest each, and an attacker must not make the box compute at length. */
const mostVariants = 16
const groupOfFour = /.{4}(?=.)/g

interface Variant {
  readonly slip: Slip
  readonly password: string
}

export interface OtherPassword {
  readonly device: string
  readonly password: string
}

/**
 * In what a refused password differs from the right one, by mutating the right one: so it is found for CRAM-MD5 and APOP
 * too, and what was said is never looked at. Undefined where no slip fits.
 */
export function likelySlip(
  right: string,
  username: string | undefined,
  others: readonly OtherPassword[],
  isPassword: (password: string) => boolean,
): Slip | undefined {
  const seen = new Set([right, ''])
  const variants = variantsOf(right, username, others).filter(({ password }) => {
    const isNew = !seen.has(password)
    seen.add(password)
    return isNew
  })
  return variants.slice(0, mostVariants).find(({ password }) => isPassword(password))?.slip
}

/** The likeliest first; with three other devices all of them fit. */
function variantsOf(
  right: string,
  username: string | undefined,
  others: readonly OtherPassword[],
): readonly Variant[] {
  const all = (kind: Exclude<Slip['kind'], 'other-device'>, ...passwords: readonly string[]): Variant[] =>
    passwords.map((password) => ({ slip: { kind }, password }))
  return [
    ...all('case', right.toLowerCase(), right.toUpperCase(), swappedCase(right)),
    ...all('look-alike', right.replace(/0/g, 'O'), right.replace(/[Oo]/g, '0')),
    ...all('look-alike', right.replace(/1/g, 'l'), right.replace(/[lI]/g, '1')),
    ...all(
      'keyboard',
      right.replace(/[yz]/gi, (sign) => otherLayout[sign] ?? sign),
    ),
    ...all('user-name', username ?? ''),
    ...all('space', right.replace(/\s/g, ''), right.replace(groupOfFour, '$& '), `${right} `, ` ${right}`),
    ...others.map(({ device, password }): Variant => ({ slip: { kind: 'other-device', device }, password })),
  ]
}

const otherLayout: Readonly<Record<string, string>> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y' }

const swappedCase = (text: string): string =>
  text.replace(/\p{L}/gu, (letter) => {
    const lower = letter.toLowerCase()
    return letter === lower ? letter.toUpperCase() : lower
  })
