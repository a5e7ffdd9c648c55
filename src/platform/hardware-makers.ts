import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** To whom each hardware address is registered, of those that are known. Does not reject. */
export type MakersOf = (macs: readonly string[]) => Promise<ReadonlyMap<string, string>>

/** IEEE's register as Debian's package `ieee-data` keeps it. */
const register = '/usr/share/ieee-data/oui.txt'
const longestName = 60
/** `00-00-0C   (hex)		Cisco Systems, Inc`. */
const entryForm = /^([0-9A-F]{2})-([0-9A-F]{2})-([0-9A-F]{2})\s+\(hex\)\s+(.+?)\s*$/

/**
 * Reads the register line by line (5 MB are never in memory) for as many addresses as there are at once. Without the
 * package nobody has a maker.
 */
export async function makersOf(
  macs: readonly string[],
  file = register,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, string[]>()
  for (const mac of macs.filter(isRegistered)) {
    const prefix = mac.slice(0, 8).toUpperCase()
    wanted.set(prefix, [...(wanted.get(prefix) ?? []), mac])
  }
  const found = new Map<string, string>()
  if (wanted.size === 0) return found
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const [, a, b, c, name = ''] = entryForm.exec(line) ?? []
      const named = wanted.get(`${a}:${b}:${c}`) ?? []
      for (const mac of named) found.set(mac, name.slice(0, longestName))
    }
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
  return found
}

/** IEEE 802: the second bit of an address that its device made up is set. */
const isRegistered = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) === 0

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
