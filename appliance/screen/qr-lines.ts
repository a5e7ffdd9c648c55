import { encode } from 'uqr'

/** Two dots in one character: what is light is lit, so that it is black on white on a dark screen. */
const halves = [
  ['\u2588', '\u2580'],
  ['\u2584', ' '],
] as const

/** 2 of the 4 dots that ISO/IEC 18004 asks for around it: the screen is dark beyond. */
const border = 2

/** A QR code of half blocks. */
export function qrLines(text: string): readonly string[] {
  const { data, size } = encode(text, { ecc: 'L', border })
  const isDark = (x: number, y: number): boolean => data[y]?.[x] ?? true
  return Array.from({ length: Math.ceil(size / 2) }, (_, line) =>
    Array.from({ length: size }, (_empty, x) => {
      const [upper, lower] = [isDark(x, 2 * line), isDark(x, 2 * line + 1)]
      return halves[upper ? 1 : 0][lower ? 1 : 0]
    }).join(''),
  )
}
