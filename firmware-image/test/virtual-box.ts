// The card in an emulated machine of 512 MB: `virt`, through U-Boot, the image as it is. Without KVM a start takes a minute or two.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'

export interface BoxOptions {
  /** A raw image that this box writes to. */
  readonly disk: string
  /** Where its serial console is kept. */
  readonly log: string
  /** Ports of the guest that are reached from the host. */
  readonly entrances?: readonly number[]
  /** Ports at 10.0.2.100 inside, each a port of the host's loopback: all that the guest reaches. */
  readonly exits?: Readonly<Record<number, number>>
  /** QEMU's words in the place of `virt` with its disk and network: another board, or a disk that is logged. */
  readonly machine?: readonly string[]
  /** QEMU's words besides: a watchdog. */
  readonly more?: readonly string[]
}

/** Inside, the address at which `exits` are. */
export const outside = '10.0.2.100'
const uboot = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'

export class VirtualBox implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #ports: ReadonlyMap<number, number>
  readonly #waiting = new Set<() => void>()
  /** What it said, since it was switched on. */
  readonly lines: string[] = []

  private constructor(child: ChildProcess, ports: ReadonlyMap<number, number>, log: string) {
    this.#child = child
    this.#ports = ports
    this.#ended = new Promise((ended) => child.once('close', () => ended()))
    child.stderr?.pipe(process.stderr)
    if (!child.stdout) throw new Error('QEMU has no output')
    createInterface({ input: child.stdout }).on('line', (raw) => {
      const line = stripVTControlCharacters(raw).replace(/\r/g, '')
      if (line === '') return
      this.lines.push(line)
      appendFileSync(log, `${line}\n`)
      for (const look of [...this.#waiting]) look()
    })
  }

  static async start(options: BoxOptions): Promise<VirtualBox> {
    const { log, entrances = [] } = options
    mkdirSync(dirname(log), { recursive: true })
    writeFileSync(log, '')
    const ports = new Map<number, number>()
    for (const port of entrances) ports.set(port, await freePort())
    return new VirtualBox(spawn('qemu-system-aarch64', wordsFor(options, ports)), ports, log)
  }

  /** On the host's loopback. */
  port(inside: number): number {
    const found = this.#ports.get(inside)
    if (found === undefined) throw new Error(`${inside} is no entrance`)
    return found
  }

  /** The match, in what was said already or is said yet; rejects where the machine ends, or after `longestMs`. */
  async says(pattern: RegExp, longestMs = 900_000): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined => {
      for (const line of this.lines) {
        const found = pattern.exec(line)
        if (found !== null) return found
      }
      return undefined
    }
    return await this.#until(find, String(pattern), longestMs)
  }

  /** Waits until something is true of what it said. */
  async holds(condition: () => boolean, longestMs = 900_000): Promise<void> {
    await this.#until(() => condition() || undefined, String(condition), longestMs)
  }

  async #until<T>(find: () => T | undefined, what: string, longestMs: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const look = (): void => {
      const found = find()
      if (found !== undefined) resolve(found)
    }
    const tail = (): string => this.lines.slice(-40).join('\n')
    const late = setTimeout(() => reject(new Error(`it did not say ${what}:\n${tail()}`)), longestMs)
    this.#waiting.add(look)
    void this.#ended.then(() => reject(new Error(`it ended before it said ${what}:\n${tail()}`)))
    look()
    try {
      return await promise
    } finally {
      clearTimeout(late)
      this.#waiting.delete(look)
    }
  }

  /** Rejects where the machine ends first. */
  async whileRunning<T>(work: Promise<T>): Promise<T> {
    const end = this.#ended.then(() => {
      throw new Error(`it ended:\n${this.lines.slice(-40).join('\n')}`)
    })
    return await Promise.race([work, end])
  }

  /** The plug is pulled: nothing that the guest did not hand to its disk is there any more. */
  async unplug(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug()
  }
}

function wordsFor(options: BoxOptions, ports: ReadonlyMap<number, number>): readonly string[] {
  const { disk, machine = virt(disk), more = [] } = options
  return [
    ...['-accel', 'tcg,thread=multi', '-display', 'none', '-monitor', 'none'],
    ...machine,
    ...network(options, ports),
    ...more,
  ]
}

const virt = (disk: string): readonly string[] => [
  ...['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '512', '-serial', 'stdio', '-bios', uboot],
  ...['-drive', `file=${disk},format=raw,if=none,id=card,cache=writeback,discard=unmap`],
  ...['-device', 'virtio-blk-pci,drive=card', '-device', 'virtio-rng-pci'],
]

/** `restrict=on`: it reaches its exits and is reached by its entrances, and nothing else. */
function network(
  { entrances = [], exits = {} }: BoxOptions,
  ports: ReadonlyMap<number, number>,
): readonly string[] {
  if (entrances.length === 0 && Object.keys(exits).length === 0) return ['-nic', 'none']
  const inward = [...ports].map(([inside, port]) => `hostfwd=tcp:127.0.0.1:${port}-:${inside}`)
  const outward = Object.entries(exits).map(
    ([port, host]) => `guestfwd=tcp:${outside}:${port}-cmd:busybox nc 127.0.0.1 ${host}`,
  )
  const words = ['user', 'id=lan', 'restrict=on', ...inward, ...outward].join(',')
  return ['-netdev', words, '-device', 'virtio-net-pci,netdev=lan,romfile=']
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? found(address.port) : failed()))
    })
  })
}
