// A root of Debian in which programs run as on a machine that has no systemd running: each in a mount namespace of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Finished, Ready } from '../gateway-process.ts'

/** An upgrade by qemu-user takes 5 minutes, and three times that beside other work. */
const longestRunMs = 45 * 60_000
const enter =
  'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"'

export class InstalledMachine {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  place(path: string): string {
    return join(this.root, path)
  }

  run(...command: readonly string[]): Finished {
    const done = spawnSync('unshare', ['--mount', 'sh', '-c', enter, this.root, ...command], {
      encoding: 'utf8',
      timeout: longestRunMs,
    })
    return { code: done.status, stdout: done.stdout, stderr: done.stderr }
  }

  /** `dpkg -i`, from a file outside. */
  install(archive: string): Finished {
    copyFileSync(archive, this.place('/tmp/inkpost.deb'))
    return this.run('dpkg', '-i', '/tmp/inkpost.deb')
  }

  inkpost(...words: readonly string[]): Finished {
    return this.run('inkpost', ...words)
  }

  /** As the unit starts it: what lies on the boot partition is handed over first. */
  async start(): Promise<RunningMachine> {
    const handed = this.run('/usr/lib/inkpost/boot-files', 'take')
    if (handed.code !== 0) throw new Error(handed.stderr)
    const user = ['setpriv', '--reuid=inkpost', '--regid=inkpost', '--init-groups', '--no-new-privs']
    const gateway = ['env', 'INKPOST_BOOT=/run/inkpost-boot/taken', 'inkpost', 'serve']
    const child = spawn('unshare', ['--mount', 'sh', '-c', enter, this.root, ...user, ...gateway], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return RunningMachine.of(child)
  }
}

export class RunningMachine implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  readonly ready: Ready | undefined
  readonly log: readonly string[]

  private constructor(
    child: ChildProcess,
    exit: Promise<number | null>,
    ready: Ready | undefined,
    log: readonly string[],
  ) {
    this.#child = child
    this.#exit = exit
    this.ready = ready
    this.log = log
  }

  /** Waits for its ready line, or its end. */
  static async of(child: ChildProcess): Promise<RunningMachine> {
    const log: string[] = []
    const exit = new Promise<number | null>((done) => child.once('close', done))
    if (!child.stdout || !child.stderr) throw new Error('no output to read')
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
    const lines = createInterface({ input: child.stdout })
    const line = await Promise.race([
      new Promise<string>((heard) => lines.once('line', heard)),
      exit.then(() => undefined),
    ])
    const ready = line === undefined ? undefined : (JSON.parse(line) as Ready)
    return new RunningMachine(child, exit, ready, log)
  }

  port(name: string): number {
    const found = this.ready?.listeners.find((one) => one.name === name)
    if (!found) throw new Error(`no listener ${name}: ${this.log.join('\n')}`)
    return found.port
  }

  /** Its exit status; null where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    return this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.end('SIGKILL')
  }
}
