// RAUC's own service over two slots that are files, on a bus of its own: what a box has, without a machine that starts.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Ran, RunCommand } from '../../appliance/machine/command.ts'
import { runCommand } from '../../appliance/machine/command.ts'
import type { UpdateWorld } from '../../appliance/machine/update-world.ts'
import { type BundleWish, makeBundle } from '../../firmware-image/update/bundle.ts'
import { developmentKeys, type SigningKeys } from '../../firmware-image/update/keys.ts'
import { compatible } from '../../firmware-image/update/system-conf.ts'
import type { SlotName } from '../../src/core/machine-update.ts'
import { until } from '../gateway-process.ts'

const busConfig = (socket: string): string => `<busconfig>
<type>session</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`

/** The counters of a boot loader in files. */
const bootLoader = (folder: string): string => `#!/bin/sh
case $1 in
  get-primary) cat ${folder}/primary ;;
  set-primary) echo "$2" > ${folder}/primary; echo good > "${folder}/state-$2" ;;
  get-state) cat "${folder}/state-$2" ;;
  set-state) echo "$3" > "${folder}/state-$2" ;;
  get-current) cat ${folder}/booted ;;
esac
`

export class RaucBox implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'inkpost-rauc-'))
  /** What systemctl was told. */
  readonly orders: string[] = []
  readonly keys: SigningKeys
  #bus: ChildProcess | undefined
  #service: ChildProcess | undefined
  #environment: NodeJS.ProcessEnv = {}

  private constructor() {
    this.keys = developmentKeys(join(this.folder, 'keys'))
  }

  static async start(): Promise<RaucBox> {
    const box = new RaucBox()
    await using starting = new AsyncDisposableStack()
    starting.use(box)
    for (const name of ['slot-a', 'slot-b']) box.write(name, Buffer.alloc(4 << 20, name))
    for (const [name, text] of Object.entries({
      primary: 'A',
      booted: 'A',
      'state-A': 'good',
      'state-B': 'good',
    }))
      box.write(name, `${text}\n`)
    box.write('boot-loader', bootLoader(box.folder))
    chmodSync(box.path('boot-loader'), 0o755)
    box.write('bus.conf', busConfig(box.path('bus')))
    box.write('system.conf', box.#config())
    mkdirSync(dirname(box.world.bundle))
    await box.#open()
    starting.move()
    return box
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8').trim()
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content)
  }

  get world(): UpdateWorld {
    return {
      config: this.path('system.conf'),
      bundle: this.path('place/bundle.raucb'),
      state: this.path('state'),
      run: this.#run,
      storages: {
        blocks: this.path('blocks'),
        devices: this.path('devices'),
        mounts: '/proc/self/mountinfo',
        places: this.path('places'),
      },
    }
  }

  /** Puts a bundle of this content where the gateway would. */
  bundle(version: string, wish: Partial<Pick<BundleWish, 'keys' | 'compatible' | 'format'>> = {}): void {
    // Something to pack: a bundle of blocks has to have some.
    this.write('slot.ext4', Buffer.concat([Buffer.from(version), randomBytes(65_536)]))
    makeBundle({
      slot: this.path('slot.ext4'),
      version,
      built: new Date('2026-11-29T10:00:00Z'),
      keys: this.keys,
      out: this.world.bundle,
      ...wish,
    })
  }

  /** The machine starts by this slot. */
  async startBy(slot: SlotName): Promise<void> {
    await this.#stop(this.#service)
    this.write('booted', `${slot}\n`)
    await this.#serve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(this.#service)
    await this.#stop(this.#bus)
    rmSync(this.folder, { recursive: true })
  }

  readonly #run: RunCommand = async (program, words) => {
    if (program === 'systemctl') {
      this.orders.push(words.join(' '))
      return { status: 0, out: '', err: '' }
    }
    const before = program === 'rauc' ? ['-c', this.path('system.conf')] : []
    return this.#call(program, [...before, ...words])
  }

  /** By a shell: the runner gives no environment of the test's. */
  #call(program: string, words: readonly string[]): Promise<Ran> {
    const address = `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${this.path('bus')}`
    return runCommand('env', [address, program, ...words])
  }

  #config(): string {
    const slot = (index: number, device: string, name: SlotName): string =>
      `[slot.rootfs.${index}]\ndevice=${this.path(device)}\ntype=raw\nbootname=${name}\n`
    return `[system]
compatible=${compatible}
bootloader=custom
activate-installed=false
statusfile=${this.path('slots')}
mountprefix=${this.path('mounts')}
[keyring]
path=${this.keys.authority}
[handlers]
bootloader-custom-backend=${this.path('boot-loader')}
${slot(0, 'slot-a', 'A')}${slot(1, 'slot-b', 'B')}`
  }

  async #open(): Promise<void> {
    this.#environment = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.path('bus')}` }
    const words = [`--config-file=${this.path('bus.conf')}`, '--nofork', '--nopidfile']
    this.#bus = spawn('dbus-daemon', words, { stdio: 'ignore' })
    await until('the bus', async () => (await this.#call('busctl', ['list'])).status === 0)
    await this.#serve()
  }

  async #serve(): Promise<void> {
    const words = ['-c', this.path('system.conf'), `--override-boot-slot=${this.text('booted')}`, 'service']
    this.#service = spawn('rauc', words, { stdio: 'ignore', env: this.#environment })
    const asked = ['--detailed', '--output-format=json']
    await until('rauc', async () => (await this.world.run('rauc', ['status', ...asked])).status === 0)
  }

  async #stop(child: ChildProcess | undefined): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  }
}
