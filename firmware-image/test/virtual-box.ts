// The card in an emulated machine of 512 MB: `virt`, through U-Boot, the image as it is. Without KVM a start takes a minute or two.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export interface BoxOptions {
  /** A raw image that this box writes to. */
  readonly disk: string
  /** Where what its serial line says is kept. */
  readonly log: string
  /** A file that takes every write and flush of the disk, in the order in which they were done. */
  readonly writeLog?: string
  /** Ports of the guest that are reached from the host. */
  readonly entrances?: readonly number[]
  /** Ports at 10.0.2.100 inside, each a port of the host's loopback: all that the guest reaches. */
  readonly exits?: Readonly<Record<number, number>>
  /** QEMU's words in the place of `virt` with its disk: another board. */
  readonly machine?: readonly string[]
  /** A watchdog in hardware, in the place of a Pi's: who does not touch it in time starts anew. */
  readonly hasWatchdog?: boolean
  /** The image of a stick that is plugged in. */
  readonly stick?: string
}

/** Inside, the address at which `exits` are. */
export const outside = '10.0.2.100'
/** An emulated start takes two minutes, beside others many times that. */
export const halfHourMs = 30 * 60_000
const uboot = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'

export class VirtualBox implements AsyncDisposable {
  readonly #machine: ChildProcess
  readonly #ended: Promise<void>
  readonly #ports: ReadonlyMap<number, number>
  readonly #waiting = new Set<() => void>()
  /** Whole lines, without what colours them; and the octets of the one that is being said. */
  #said = ''
  #begun = ''
  /** How much of what it said was looked at by `hears`. */
  #heard = 0

  private constructor(machine: ChildProcess, ports: ReadonlyMap<number, number>, log: string) {
    this.#machine = machine
    this.#ports = ports
    this.#ended = new Promise((ended) => machine.once('close', () => ended()))
    machine.stderr?.pipe(process.stderr)
    machine.stdout?.on('data', (octets: Buffer) => {
      appendFileSync(log, octets)
      this.#listen(octets.toString('latin1'))
    })
  }

  /** Its network reaches nobody but by its exits, and is reached by its entrances. */
  static async start(options: BoxOptions): Promise<VirtualBox> {
    const { log, writeLog, entrances = [] } = options
    mkdirSync(dirname(log), { recursive: true })
    for (const file of [log, writeLog]) if (file !== undefined) writeFileSync(file, '')
    const ports = new Map<number, number>()
    for (const port of entrances) ports.set(port, await freePort())
    return new VirtualBox(spawn('qemu-system-aarch64', wordsFor(options, ports)), ports, log)
  }

  #listen(text: string): void {
    this.#begun += text
    const end = this.#begun.lastIndexOf('\n') + 1
    this.#said += plain(this.#begun.slice(0, end))
    this.#begun = this.#begun.slice(end)
    for (const look of [...this.#waiting]) look()
  }

  get #text(): string {
    return this.#said + plain(this.#begun)
  }

  /** What it said since it was switched on, in whole lines. */
  get lines(): readonly string[] {
    return this.#said.split('\n').filter((line) => line !== '')
  }

  /** As who has its serial line types. */
  type(line: string): void {
    this.#machine.stdin?.write(`${line}\n`)
  }

  /** On the host's loopback. */
  port(inside: number): number {
    const found = this.#ports.get(inside)
    if (found === undefined) throw new Error(`${inside} is no entrance`)
    return found
  }

  /** The match, in whole lines that were said already or are said yet; rejects where the machine ends, or after `longestMs`. */
  async says(pattern: RegExp, longestMs = halfHourMs): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined => pattern.exec(this.#said) ?? undefined
    return (await this.#until(find, longestMs)) ?? this.#fail(`it did not say ${pattern}`)
  }

  /** Waits until something is true of what it said. */
  async holds(condition: () => boolean, longestMs = halfHourMs): Promise<void> {
    const isSo = await this.#until(() => condition() || undefined, longestMs)
    if (isSo === undefined) this.#fail(`not in time: ${condition}`)
  }

  /** What it says next that matches; what lies before it is not looked at again. Undefined after `withinMs`. */
  async hears(pattern: RegExp, withinMs: number): Promise<RegExpExecArray | undefined> {
    const find = (): RegExpExecArray | undefined => pattern.exec(this.#text.slice(this.#heard)) ?? undefined
    const found = await this.#until(find, withinMs)
    if (found !== undefined) this.#heard += found.index + found[0].length
    return found
  }

  /** Looks at each octet that it says; rejects where the machine ends. */
  async #until<T>(find: () => T | undefined, longestMs: number): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>()
    const look = (): void => {
      const found = find()
      if (found !== undefined) resolve(found)
    }
    const late = setTimeout(() => resolve(undefined), longestMs)
    this.#waiting.add(look)
    look()
    try {
      return await this.whileRunning(promise)
    } finally {
      clearTimeout(late)
      this.#waiting.delete(look)
    }
  }

  /** Rejects where the machine ends first. */
  async whileRunning<T>(work: Promise<T>): Promise<T> {
    return await Promise.race([work, this.#ended.then(() => this.#fail('it ended'))])
  }

  lastLines(count: number): string {
    return this.#text.split('\n').slice(-count).join('\n')
  }

  #fail(sentence: string): never {
    throw new Error(`${sentence}:\n${this.lastLines(40)}`)
  }

  /** The plug is pulled: nothing that the guest did not hand to its disk is there any more. */
  async unplug(): Promise<void> {
    this.#machine.kill('SIGKILL')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug()
  }
}

const plain = (text: string): string => stripVTControlCharacters(text).replaceAll('\r', '')

function wordsFor(options: BoxOptions, ports: ReadonlyMap<number, number>): readonly string[] {
  const { machine = virt(options), hasWatchdog = false, stick } = options
  return [
    ...['-accel', 'tcg,thread=multi', '-display', 'none', '-monitor', 'none'],
    ...machine,
    ...network(options, ports),
    ...(stick === undefined ? [] : plugged(stick)),
    ...(hasWatchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
  ]
}

const virt = (options: BoxOptions): readonly string[] => [
  ...['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '512', '-serial', 'stdio', '-bios', uboot],
  ...card(options).flatMap((block) => ['-blockdev', block]),
  ...['-device', 'virtio-blk-pci,drive=card', '-device', 'virtio-rng-pci'],
]

/** blklogwrites stands between the machine and the file. */
function card({ disk, writeLog }: BoxOptions): readonly string[] {
  const file = `driver=file,node-name=file,filename=${disk},discard=unmap`
  if (writeLog === undefined) return [file, 'driver=raw,node-name=card,file=file,discard=unmap']
  return [
    ...[file, 'driver=raw,node-name=raw,file=file', `driver=file,node-name=log,filename=${writeLog}`],
    'driver=blklogwrites,node-name=card,file=raw,log=log,log-sector-size=512',
  ]
}

const plugged = (stick: string): readonly string[] => [
  ...['-drive', `file=${stick},format=raw,if=none,id=stick`],
  ...['-device', 'qemu-xhci', '-device', 'usb-storage,drive=stick,removable=on'],
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
