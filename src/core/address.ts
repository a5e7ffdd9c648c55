import type { Brand } from './brand.ts'

/** A mailbox `local@domain` as SMTP carries it (RFC 5321 section 4.1.2), domain in lower case, without angle brackets. */
export type Address = Brand<string, 'Address'>

const dotAtom = /^[^\s\p{Cc}<>()[\]\\,;:@"]+$/u
const quoted = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"$/u
const domainName = /^(?=.{1,253}$)[^\s\p{Cc}<>()[\]\\,;:@".]+(?:\.[^\s\p{Cc}<>()[\]\\,;:@".]+)*$/u
const addressLiteral = /^\[[0-9a-zA-Z:.]+\]$/

/**
 * Reads `local@domain`. The local part is kept as it is (dots included: routers reject, we do not), the domain folded to
 * lower case; at most 64 + 255 octets (RFC 5321 section 4.5.3.1). Undefined if it is none, and for control characters anywhere in it.
 */
export function parseAddress(text: string): Address | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > 320) return undefined
  const local = text.slice(0, at)
  const domain = text.slice(at + 1).toLowerCase()
  if (local.length > 64 || !(dotAtom.test(local) || quoted.test(local))) return undefined
  if (!(domainName.test(domain) || addressLiteral.test(domain))) return undefined
  return `${local}@${domain}` as Address
}

export const domainOf = (address: Address): string => address.slice(address.lastIndexOf('@') + 1)
export const localPartOf = (address: Address): string => address.slice(0, address.lastIndexOf('@'))

/** One form for comparing: mailbox providers fold the local part's case, so do we when comparing (never when sending). */
export const comparable = (address: string): string => address.toLowerCase()

/**
 * Whether `address` matches a pattern of the setup document: a whole address, `*@domain`, or `*` for anyone. Case does
 * not count.
 */
export function matchesPattern(address: Address, pattern: string): boolean {
  if (pattern === '*') return true
  const folded = comparable(pattern)
  if (folded.startsWith('*@')) return domainOf(address) === folded.slice(2)
  return comparable(address) === folded
}

export const matchesAny = (address: Address, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesPattern(address, pattern))

/**
 * `victim%elsewhere@contoso.com`, `elsewhere!victim@…` and `"victim@elsewhere"@…` look allowed by their domain, and some
 * servers behind it send them on: they have to be listed as they are.
 */
const routesOn = /[%!@]/

/** Whether a device with these `allowed_recipients` may write there; without any it may write to anyone. */
export function mayReach(target: Address, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true
  if (!matchesAny(target, patterns)) return false
  return (
    !routesOn.test(localPartOf(target)) ||
    patterns.some((pattern) => pattern === '*' || comparable(pattern) === comparable(target))
  )
}

const forgotten = '(forgotten)'

/** Erases the address, whatever its case. One that only ends or begins like it stays: `anna@x.example` is not part of `joanna@x.example`. */
export function withoutAddress(text: string, address: string): string {
  const escaped = address.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
  return text.replace(new RegExp(`(?<![\\w.+-])${escaped}(?![\\w-])`, 'gi'), forgotten)
}
