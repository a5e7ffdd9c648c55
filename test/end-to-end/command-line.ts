// `./inkpost` to its end, for gateways that do not start and commands without one.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Finished } from '../gateway-process.ts'

const launcher = resolve(import.meta.dirname, '../../inkpost')

/** `./inkpost …commandLine --data data`; servers in the test's own process rest meanwhile. */
export function inkpost(
  data: string,
  environment: Readonly<Record<string, string>>,
  ...commandLine: readonly string[]
): Finished {
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment }
  delete env['NODE_OPTIONS']
  const done = spawnSync(launcher, [...commandLine, '--data', data], {
    env,
    encoding: 'utf8',
    timeout: 10_000,
    killSignal: 'SIGKILL',
  })
  return { code: done.status, stdout: done.stdout, stderr: done.stderr }
}
