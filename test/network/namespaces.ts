// A box and a LAN, each in namespaces of its own, joined by a virtual cable: systemd-networkd, D-Bus and DHCP are the real
// ones, this machine's own network is not touched. Everything in them ends with the process that made them.
import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Undefined, or why there can be no namespaces here. */
export function withoutNamespaces(): string | undefined {
  const needs =
    'ip link add a0 type veth peer name a1 && mount -t tmpfs tmpfs /run && mount -t sysfs -o ro sysfs /sys && unshare --time --monotonic 120 --fork true'
  const flags = ['-n', '-m', '-p', '--fork', '--mount-proc', '--propagation', 'private']
  const tried = spawnSync('unshare', [...flags, 'sh', '-c', needs], { encoding: 'utf8' })
  return tried.status === 0 ? undefined : `namespaces are forbidden here: ${tried.stderr.trim()}`
}

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A network, mounts and processes of its own. */
export class Place implements Disposable {
  readonly #holder: ChildProcess
  readonly #pid: string
  readonly folder: string
  readonly #log: string[] = []

  private constructor(holder: ChildProcess, pid: string, folder: string) {
    this.#holder = holder
    this.#pid = pid
    this.folder = folder
  }

  static async open(): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), 'inkpost-place-'))
    const flags = ['-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
    const holder = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', ...flags, 'sh', '-c', 'echo ready; exec sleep infinity'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await once(holder.stdout, 'data')
    // A test that failed to open a second place ends all the same; its places end with it.
    holder.stdout.destroy()
    holder.unref()
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')
    const place = new Place(holder, children.trim(), folder)
    place.sh('ip link set lo up')
    return place
  }

  /** A cable from here to there: `mine` and `its` are the names of its ends. */
  plug(mine: string, there: Place, its: string): void {
    const words = `link add ${mine} type veth peer name ${its} netns ${there.#pid}`.split(' ')
    // Process ids are those of this machine.
    const done = spawnSync('nsenter', ['-t', this.#pid, '-n', 'ip', ...words], { encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`no cable: ${done.stderr}`)
    this.sh(`ip link set ${mine} up`)
  }

  /** What its long-lived programs said. */
  get log(): string {
    return this.#log.join('\n')
  }

  /** A command line to its end; throws unless it ends well. */
  sh(script: string): string {
    const { code, stdout, stderr } = this.try(script)
    if (code !== 0) throw new Error(`${script}: ${code} ${stderr}\n${this.log}`)
    return stdout
  }

  try(script: string): Said {
    const done = spawnSync('nsenter', [...this.#enter, 'sh', '-c', script], {
      encoding: 'utf8',
      timeout: 60_000,
      cwd: process.cwd(),
    })
    return { code: done.status, stdout: done.stdout, stderr: done.stderr }
  }

  /** Like `try`, and this process goes on meanwhile. */
  async run(script: string): Promise<Said> {
    const child = spawn('nsenter', [...this.#enter, 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) =>
      stream.setEncoding('utf8').toArray(),
    )
    const [code] = await once(child, 'close')
    return { code, stdout: (await stdout)?.join('') ?? '', stderr: (await stderr)?.join('') ?? '' }
  }

  /** A program that stays; killed with the place, or by the result. */
  start(script: string, environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn('nsenter', [...this.#enter, 'sh', '-c', `exec ${script}`], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#log.push(line))
    return child
  }

  /** A program at a terminal of 80 by 25 (util-linux script(1)): its stdin is the keyboard, its stdout the screen. */
  atTerminal(script: string): ChildProcessByStdio<Writable, Readable, null> {
    const command = `stty cols 80 rows 25; exec ${script}`
    const words = ['nsenter', ...this.#enter, 'sh', '-c', command].map((word) => `'${word}'`)
    return spawn('script', ['-qefc', words.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  }

  /** Ends every program here, and nowhere else, whose command line has these words: process ids are those of the place. */
  async kill(words: string, signal = 'KILL'): Promise<void> {
    // The brackets keep the words from finding the shell that looks for them.
    const pattern = words.replace(/^./, '[$&]')
    this.try(`kill -${signal} $(pgrep -f '${pattern}')`)
    await eventually(`no ${words}`, () => this.try(`pgrep -f '${pattern}'`).code !== 0)
  }

  get #enter(): readonly string[] {
    return ['-t', this.#pid, '-n', '-m', '-p', '-w.']
  }

  [Symbol.dispose](): void {
    this.#holder.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const patienceMs = 60_000

/** Asks again until it is so: programs of the system tell nobody when they are done. Fails with `what` after a minute. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  places: readonly Place[] = [],
): Promise<T> {
  const signal = AbortSignal.timeout(patienceMs)
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (signal.aborted) throw new Error(`never so: ${what}\n${places.map(({ log }) => log).join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
