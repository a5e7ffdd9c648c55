import { open } from 'node:fs/promises'

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
  // Without the package, or with one that is broken, a maker is unknown: that is no trouble of the mail's.
  const lines = await open(file).then(
    (handle) => handle.readLines(),
    () => [],
  )
  try {
    for await (const line of lines) {
      const [, a, b, c, name = ''] = entryForm.exec(line) ?? []
      for (const mac of wanted.get(`${a}:${b}:${c}`) ?? []) found.set(mac, name.slice(0, longestName))
    }
  } catch {
    return found
  }
  return found
}

/** IEEE 802: the second bit of an address that its device made up is set. */
const isRegistered = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) === 0
