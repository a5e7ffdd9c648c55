import { execFile } from 'node:child_process'

export interface Ended {
  readonly code: number
  /** Both of its outputs. */
  readonly said: string
}

/** Runs a program beside others, whatever it ends with. Rejects where it could not be run. */
export function ended(program: string, words: readonly string[]): Promise<Ended> {
  const environment = { ...process.env, LC_ALL: 'C.UTF-8', PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  return new Promise((resolve, reject) => {
    execFile(program, words, { env: environment, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, said: stdout + stderr })
      else reject(error)
    })
  })
}

/** What it said; rejects where it ended badly. */
export async function outputOf(program: string, words: readonly string[]): Promise<string> {
  const { code, said } = await ended(program, words)
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}:\n${said}`)
  return said
}
