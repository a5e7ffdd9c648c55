// Clients from Debian, run to their end.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface ClientRun {
  readonly status: number
  /** What it printed, both streams. */
  readonly output: string
}

/** Rejects when the program is not there. */
export async function runClient(
  program: string,
  args: readonly string[],
  input = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<ClientRun> {
  const child = spawn(program, args, { env: { ...process.env, ...environment } })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('close', (status) => resolve(status ?? -1))
  // A client that hangs up early does not read its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [status, out, errors] = await Promise.all([promise, text(child.stdout), text(child.stderr)])
  return { status, output: `${out}\n${errors}` }
}
