import { spawnSync } from 'node:child_process'

/** Runs a program to its end; throws with what it said where it failed. Returns its output. */
export function run(program: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const done = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...environment },
    maxBuffer: 1 << 28,
  })
  if (done.error) throw new Error(`${program} could not be run`, { cause: done.error })
  if (done.status !== 0)
    throw new Error(`${program} ${words.join(' ')} ended with ${done.status}:\n${done.stdout}${done.stderr}`)
  return done.stdout
}
