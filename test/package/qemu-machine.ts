// Machines that boot (QEMU, without KVM: minutes), each with a script as its only guest.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  createWriteStream,
  globSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { run } from '../../appliance/package/run.ts'
import type { Checks } from './checks.ts'

/** `WAY_IN=FOLDER make deb-test PARTS=box`: a step that fails is tried in the machine that is there, by way-in.sh. */
const wayIn = process.env['WAY_IN'] ?? ''

const guest = (script: string): string => `[Unit]
After=inkpost.service multi-user.target
[Service]
Type=oneshot
${wayIn === '' ? '' : 'ExecStartPre=/usr/bin/systemd-run --quiet /root/way-in.sh\n'}ExecStart=/root/${script}
TimeoutStartSec=infinity
`

/** What becomes the machine's only guest: the first script; the others are beside it. */
export function putGuest(root: string, scripts: readonly string[]): void {
  for (const script of ['guest-words.sh', 'way-in.sh', ...scripts]) {
    copyFileSync(join('test/package', script), join(root, 'root', script))
    chmodSync(join(root, 'root', script), 0o755)
  }
  const units = join(root, 'etc/systemd/system')
  writeFileSync(join(units, 'guest.service'), guest(scripts[0] ?? ''))
  mkdirSync(join(units, 'default.target.wants'), { recursive: true })
  symlinkSync('/etc/systemd/system/guest.service', join(units, 'default.target.wants/guest.service'))
}

export interface QemuMachine {
  readonly place: string
  readonly root: string
  /** Megabytes. */
  readonly memory: number
  /** Network cards and disks, as QEMU writes them. */
  readonly devices: readonly string[]
}

/** Boots it and waits for its end. What it told of itself, by name. */
export async function playMachine(machine: QemuMachine, checks: Checks): Promise<readonly string[]> {
  const disk = resolve(`build/cache/${machine.place.replace(' ', '-')}.ext4`)
  rmSync(disk, { force: true })
  run('mke2fs', ['-q', '-t', 'ext4', '-d', machine.root, disk, '3G'], {
    PATH: `${process.env['PATH']}:/sbin:/usr/sbin`,
  })
  try {
    return await watch(machine.place, boot(machine, disk), checks)
  } finally {
    rmSync(disk)
  }
}

function boot({ root, memory, devices }: QemuMachine, disk: string): Booted {
  const [kernel = ''] = globSync(join(root, 'boot/vmlinuz-*'))
  const [initrd = ''] = globSync(join(root, 'boot/initrd.img-*'))
  const words = [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', String(memory)],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', 'root=/dev/vda rw console=ttyS0 panic=5 systemd.show_status=false quiet mitigations=off'],
    ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
    ...devices,
    ...(wayIn === '' ? [] : ['-virtfs', `local,path=${wayIn},mount_tag=way-in,security_model=none`]),
  ]
  return spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'pipe', 'pipe'] })
}

type Booted = ChildProcessByStdio<null, Readable, Readable>
/** Three times what it takes where nothing else is done. */
const longestMs = 80 * 60_000

async function watch(place: string, machine: Booted, checks: Checks): Promise<readonly string[]> {
  const facts: string[] = []
  const tail: string[] = []
  let hasEnded = false
  const clock = setTimeout(() => machine.kill('SIGKILL'), longestMs)
  machine.stderr.pipe(process.stderr)
  // For whoever waits, and mends.
  machine.stdout.pipe(createWriteStream(`build/cache/${place.replace(' ', '-')}.log`))
  for await (const line of createInterface({ input: machine.stdout })) {
    tail.push(line)
    const [, word = '', rest = ''] = /inkpost-test: (ok|not ok|fact|end) ?(.*?)\r?$/.exec(line) ?? []
    if (word === 'fact') facts.push(rest)
    if (word === 'end') hasEnded = true
    if (word === 'ok' || word === 'not ok') {
      const [name = '', ...detail] = rest.split('\t')
      checks.note(place, name, word === 'ok', detail.join(' '))
    }
  }
  clearTimeout(clock)
  checks.note(
    place,
    'the machine went through to its end',
    hasEnded,
    hasEnded ? '' : tail.slice(-60).join('\n'),
  )
  return facts
}
