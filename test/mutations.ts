// Octets that are nearly what they should be. A failing run is run again with the seed that it names.
export const seed = Number(process.env['INKPOST_SEED'] ?? Date.now() % 2 ** 32)
let state = seed

/** Mulberry32: a whole number from 0 to below `limit`. */
export function below(limit: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
}

export const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)))
export const pick = <T>(choices: readonly [T, ...T[]]): T => choices[below(choices.length)] ?? choices[0]

/** Up to five changes: an octet, a telling octet, octets left out, octets put in. */
export function mutated(
  octets: Buffer,
  telling: readonly [number, ...number[]] = [0, 1, 0x7f, 0x80, 0xff],
): Buffer {
  let changed: Buffer = Buffer.from(octets)
  for (let left = below(6); left > 0; left--) {
    const at = below(changed.length + 1)
    const [before, after] = [changed.subarray(0, at), changed.subarray(at)]
    const change = pick<() => Buffer>([
      () => Buffer.concat([before, noise(1), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.from([pick(telling)]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(below(20))]),
      () => Buffer.concat([before, noise(below(40)), after]),
    ])
    changed = change()
  }
  return changed
}
