import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** In memory where there is enough of it (hundreds of copies are made), else in the build. Gone when disposed. */
export function scratchFolder(name: string): Disposable & { readonly path: string } {
  const { bavail, bsize } = statfsSync('/dev/shm')
  const neededOctets = 4e9
  const folder = bavail * bsize > neededOctets ? '/dev/shm' : resolve('build/cache')
  const path = mkdtempSync(join(folder, `inkpost-${name}-`))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Stays, for who wants to know why. */
export const serialLog = (name: string): string => resolve('build/image-test', `${name}.log`)
