import { stat } from 'node:fs/promises'

export interface BlockNumbers {
  readonly major: number
  readonly minor: number
}

/** Of what holds the folder, as Linux packs them: sysmacros of glibc. */
export async function blockNumbersOf(folder: string): Promise<BlockNumbers> {
  const device = BigInt((await stat(folder)).dev)
  return {
    major: Number((device >> 8n) & 0xfffn),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xfff00n)),
  }
}
