import { execFile } from 'node:child_process'

export interface Ran {
  /** Undefined: there is no such program, or a signal ended it. */
  readonly status: number | undefined
  readonly out: string
  readonly err: string
}

/** Runs a program of the system to its end; rejects never. */
export type RunCommand = (program: string, words: readonly string[]) => Promise<Ran>

/** Debian's places for programs of root: systemd gives a service a PATH with them, a shell of a person may not. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

export const runCommand: RunCommand = (program, words) =>
  new Promise((resolve) => {
    execFile(program, words, { env: environment, encoding: 'utf8' }, (error, out, err) => {
      const code = error === null ? 0 : error.code
      resolve({
        status: typeof code === 'number' ? code : undefined,
        out,
        err: err || (error?.message ?? ''),
      })
    })
  })
