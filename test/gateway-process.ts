// A real gateway in a process of its own, from the build, on free ports of loopback and a data directory of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export interface Ready {
  readonly event: 'ready'
  readonly listeners: readonly { readonly name: string; readonly address: string; readonly port: number }[]
  readonly console: string
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder for one gateway and what stands beside it, gone when disposed. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'inkpost-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The listeners of tests: one of each security, each on a free port. */
export const testListeners = `
[[listener]]
name = "submission"
address = "127.0.0.1"
port = 0
security = "starttls"

[[listener]]
name = "submissions"
address = "127.0.0.1"
port = 0
security = "implicit"

[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"

[console]
port = 0
`

export interface GatewayOptions {
  /** The setup document's text; absent: whatever the data directory already holds. */
  readonly setup?: string
  /** A file run instead of the build: the test gateway with a faster clock. */
  readonly main?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly arguments?: readonly string[]
  /** What starts it, itself included: `ip netns exec NAME`. */
  readonly within?: readonly string[]
  /** A file that takes the log, in the place of `log`: nobody reads along. */
  readonly logFile?: string
}

const launcher = resolve(import.meta.dirname, '../inkpost')

export class GatewayProcess implements AsyncDisposable {
  readonly data: string
  readonly ready: Ready
  readonly #child: ChildProcess
  readonly #log: string[]
  readonly #exit: Promise<number | null>

  private constructor(
    data: string,
    child: ChildProcess,
    ready: Ready,
    log: string[],
    exit: Promise<number | null>,
  ) {
    this.data = data
    this.#child = child
    this.ready = ready
    this.#log = log
    this.#exit = exit
  }

  /** Starts it and waits for its ready line; rejects with its log if it ends before. */
  static async start(data: string, options: GatewayOptions = {}): Promise<GatewayProcess> {
    const environment: NodeJS.ProcessEnv = { ...process.env, ...options.environment }
    delete environment['NODE_OPTIONS']
    if (options.setup !== undefined) {
      environment['INKPOST_SETUP'] = join(data, '..', 'setup.toml')
      writeFileSync(environment['INKPOST_SETUP'], options.setup)
    }
    const program = options.main ? [process.execPath, '--no-warnings', options.main] : [launcher]
    const [command = launcher, ...first] = [...(options.within ?? []), ...program]
    const child = spawn(command, [...first, 'serve', '--data', data, ...(options.arguments ?? [])], {
      env: environment,
      stdio: ['ignore', 'pipe', options.logFile === undefined ? 'pipe' : openSync(options.logFile, 'a')],
    })
    const log: string[] = []
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
    const exit = new Promise<number | null>((done) => child.once('exit', done))
    const line = await firstLine(child, exit)
    if (line === undefined) throw new Error(`the gateway ended before it was ready:\n${log.join('\n')}`)
    return new GatewayProcess(data, child, JSON.parse(line) as Ready, log, exit)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get log(): readonly string[] {
    return this.#log
  }

  port(listener: string): number {
    const found = this.ready.listeners.find(({ name }) => name === listener)
    if (!found) throw new Error(`no listener ${listener} in ${JSON.stringify(this.ready)}`)
    return found.port
  }

  /** `./inkpost ARGUMENTS --data …`, to its end. */
  run(...commandLine: readonly string[]): Finished {
    const done = spawnSync(launcher, [...commandLine, '--data', this.data], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { code: done.status, stdout: done.stdout, stderr: done.stderr }
  }

  /** The JSON that a command prints with `--json`. */
  ask(...commandLine: readonly string[]): unknown {
    const done = this.run(...commandLine, '--json')
    if (done.code !== 0)
      throw new Error(`inkpost ${commandLine.join(' ')} ended with ${done.code}: ${done.stderr}`)
    return JSON.parse(done.stdout)
  }

  kill(): Promise<number | null> {
    this.#child.kill('SIGKILL')
    return this.#exit
  }

  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill()
  }
}

function firstLine(child: ChildProcess, exit: Promise<unknown>): Promise<string | undefined> {
  const { stdout } = child
  if (!stdout) return Promise.resolve(undefined)
  return Promise.race([
    new Promise<string>((found) => createInterface({ input: stdout }).once('line', found)),
    exit.then(() => undefined),
  ])
}

/** Looks every 20 ms until `look` finds something; rejects with `what` after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
