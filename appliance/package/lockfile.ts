import { readFileSync } from 'node:fs'

interface Locked {
  readonly version: string
  /** `sha512-…` in base64, as npm writes it. */
  readonly integrity: string
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}

/** What the lockfile says of a package at its folder (`node_modules/ms`). */
export function lockedAt(folder: string): Locked {
  const found = packages[folder]
  if (found === undefined) throw new Error(`package-lock.json does not know ${folder}`)
  return found
}

/** SHA-512 in hex. */
export const digestAt = (folder: string): string =>
  Buffer.from(lockedAt(folder).integrity.replace('sha512-', ''), 'base64').toString('hex')
