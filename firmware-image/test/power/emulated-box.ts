// A card in an emulated machine of 512 MB, from U-Boot on; its serial line is read and written as a person would.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export interface BoxOptions {
  readonly disk: string
  /** A file that takes every write and flush of the disk, in the order in which they were done. */
  readonly log?: string
  /** A file that takes what its serial line says. */
  readonly serial: string
  /** Its port 25, at the host's loopback. */
  readonly smtpPort: number
  /** A watchdog in hardware, in the place of a Pi's: who does not touch it in time starts anew. */
  readonly hasWatchdog: boolean
}

const uboot = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'

export class EmulatedBox implements AsyncDisposable {
  readonly #machine: ChildProcess
  readonly #ended: Promise<void>
  #heard = ''
  #read = 0
  #listener = (): void => {}

  private constructor(machine: ChildProcess, serial: string) {
    this.#machine = machine
    this.#ended = new Promise((end) => machine.once('exit', () => end()))
    machine.stdout?.on('data', (octets: Buffer) => {
      appendFileSync(serial, octets)
      this.#heard += octets.toString('latin1')
      this.#listener()
    })
    machine.stderr?.pipe(process.stderr)
  }

  /** Its network reaches nobody but through the forwarded port. */
  static start(options: BoxOptions): EmulatedBox {
    mkdirSync(dirname(options.serial), { recursive: true })
    for (const file of [options.serial, options.log]) if (file !== undefined) writeFileSync(file, '')
    const network = `user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:${options.smtpPort}-:25`
    const words = [
      ...['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '512', '-accel', 'tcg,thread=multi'],
      ...['-bios', uboot, '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
      ...diskOf(options),
      ...['-netdev', network, '-device', 'virtio-net-pci,netdev=lan,romfile=', '-device', 'virtio-rng-pci'],
      ...(options.hasWatchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
    ]
    return new EmulatedBox(spawn('qemu-system-aarch64', words), options.serial)
  }

  /**
   * What the serial line says next that matches; what lies before it is not looked at again. Undefined after `withinMs`.
   * Throws with the last lines where the machine ended.
   */
  async hears(pattern: RegExp, withinMs: number): Promise<RegExpExecArray | undefined> {
    let isLate = false
    const clock = setTimeout(() => {
      isLate = true
      this.#listener()
    }, withinMs)
    try {
      for (;;) {
        const found = pattern.exec(this.#unread())
        if (found !== null) {
          this.#read += found.index + found[0].length
          return found
        }
        if (isLate) return undefined
        if (this.#hasEnded()) throw new Error(`the machine ended:\n${this.lastLines(30)}`)
        await Promise.race([new Promise<void>((heard) => (this.#listener = heard)), this.#ended])
      }
    } finally {
      clearTimeout(clock)
    }
  }

  type(line: string): void {
    this.#machine.stdin?.write(`${line}\n`)
  }

  lastLines(count: number): string {
    return this.#text().split('\n').slice(-count).join('\n')
  }

  /** The power goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded()) this.#machine.kill('SIGKILL')
    await this.#ended
  }

  #unread(): string {
    return this.#text().slice(this.#read)
  }

  #text(): string {
    return stripVTControlCharacters(this.#heard).replaceAll('\r', '')
  }

  #hasEnded(): boolean {
    return this.#machine.exitCode !== null || this.#machine.signalCode !== null
  }
}

/** blklogwrites stands between the machine and the file. */
function diskOf({ disk, log }: BoxOptions): readonly string[] {
  const blocks = [`driver=file,node-name=file,filename=${disk}`, 'driver=raw,node-name=raw,file=file']
  if (log !== undefined)
    blocks.push(
      `driver=file,node-name=log,filename=${log}`,
      'driver=blklogwrites,node-name=logged,file=raw,log=log,log-sector-size=512',
    )
  const device = `virtio-blk-pci,drive=${log === undefined ? 'raw' : 'logged'}`
  return [...blocks.flatMap((block) => ['-blockdev', block]), '-device', device]
}
