const unitOctets: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }

/** Reads the setup document's sizes (`"35MB"`, decimal units) into octets; undefined if it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(B|KB|MB|GB)$/.exec(text)
  const unit = unitOctets[match?.[2] ?? '']
  return match && unit !== undefined ? Math.round(Number(match[1]) * unit) : undefined
}

/** Writes octets in the largest decimal unit that keeps the number exact, as the setup document does. */
export function formatSize(octets: number): string {
  for (const [name, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ] as const) {
    if (octets >= size && (octets * 1000) % size === 0) return `${octets / size}${name}`
  }
  return `${octets}B`
}

/** Writes octets for a person: rounded, decimal units. */
export function describeSize(octets: number): string {
  if (octets < 1000) return `${octets} bytes`
  if (octets < 999_500) return `${Math.round(octets / 1e3)} KB`
  if (octets < 999_500_000) return `${(octets / 1e6).toFixed(octets < 9_950_000 ? 1 : 0)} MB`
  return `${(octets / 1e9).toFixed(1)} GB`
}
