import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { emulateArm64 } from '../appliance/package/emulation.ts'
import { run } from '../appliance/package/run.ts'

export interface MachineOptions {
  readonly version: string
  /** Packages of inkpost, in the order of their dependence. */
  readonly archives: readonly string[]
}

/** Needed to make the image, not on the card; also what `raspi-firmware` would do at an upgrade of a kernel. */
const leftovers = [
  'usr/lib/u-boot',
  'usr/lib/raspi-firmware',
  'usr/bin/busybox',
  'etc/kernel',
  'etc/initramfs-tools',
  'etc/default/raspi-firmware',
  'etc/.pwd.lock',
  'var/lib/apt/lists',
  'dev',
  'var/cache',
  'var/log',
  'tmp',
  'boot/firmware',
]

/** Makes a box of a root of Debian: our files, our packages, what is enabled. */
export function furnish(root: string, { version, archives }: MachineOptions): void {
  layFiles(root)
  name(root, version)
  emulateArm64()
  for (const archive of archives) copyFileSync(archive, join(root, 'tmp', basename(archive)))
  inside(root, 'dpkg', '--install', ...archives.map((archive) => `/tmp/${basename(archive)}`))
  copyFileSync(join(import.meta.dirname, 'configure'), join(root, 'tmp/configure'))
  inside(root, 'sh', '/tmp/configure')
}

/** Removes what is not for the card; folders that a program expects stay, empty. */
export function tidy(root: string): void {
  for (const place of leftovers) {
    const isFolder = ['dev', 'var/cache', 'var/log', 'tmp', 'boot/firmware'].includes(place)
    for (const one of isFolder ? globSync(join(root, place, '{*,.*}')) : [join(root, place)])
      rmSync(one, { recursive: true, force: true })
  }
  run('mkdir', ['-p', join(root, 'var/log/journal')])
}

/** Everything below `files/`, at its place; a program stays one, whatever the umask of the checkout. */
function layFiles(root: string): void {
  const folder = join(import.meta.dirname, 'files')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(root, relative(folder, from))
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(from, to)
    chmodSync(to, (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}

/** os-release(5): what an update compares. */
function name(root: string, version: string): void {
  const file = join(root, 'usr/lib/os-release')
  const lines = readFileSync(file, 'utf8').trimEnd()
  writeFileSync(file, `${lines}\nIMAGE_ID=inkpost\nIMAGE_VERSION=${version}\n`)
  // A Pi has no clock: it is not earlier than the time of this file (systemd(1)).
  writeFileSync(join(root, 'usr/lib/clock-epoch'), '')
}

const enter =
  'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"'

/** In a mount namespace of its own: nothing stays mounted, whatever happens. */
function inside(root: string, ...command: readonly string[]): void {
  if (!existsSync(root)) throw new Error(`${root} is not there`)
  run('unshare', ['--mount', 'sh', '-c', enter, root, ...command])
}
