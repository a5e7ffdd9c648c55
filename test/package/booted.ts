// A machine of 512 MB that boots (QEMU, without KVM: minutes), with the package on it as on a card.
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { run } from '../../appliance/package/run.ts'
import type { Checks } from './checks.ts'
import { debianRoot } from './debian-root.ts'
import { InstalledMachine } from './installed-machine.ts'
import type { Archives } from './life.ts'

const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[[device]]
name = "Front desk"
username = "front"
password = "seventeen-4711"
addresses = ["127.0.0.1"]
sender = "front@contoso.com"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "192.0.2.1"
port = 25
`

const guest = `[Unit]
After=inkpost.service multi-user.target
[Service]
Type=oneshot
ExecStart=/root/guest.sh
TimeoutStartSec=infinity
`

const place = 'booted amd64'
const longestMs = 40 * 60_000

/** What the machine told of itself, by name. */
export async function booted(archives: Archives, checks: Checks): Promise<readonly string[]> {
  using root = debianRoot('amd64', 'booted')
  prepare(root.path, archives)
  const disk = resolve('build/cache/booted.ext4')
  rmSync(disk, { force: true })
  run('mke2fs', ['-q', '-t', 'ext4', '-d', root.path, disk, '3G'], {
    PATH: `${process.env['PATH']}:/sbin:/usr/sbin`,
  })
  const facts = await watch(boot(root.path, disk), checks)
  rmSync(disk)
  return facts
}

function prepare(root: string, { present, previous }: Archives): void {
  const machine = new InstalledMachine(root)
  mkdirSync(join(root, 'boot/firmware'), { recursive: true })
  writeFileSync(join(root, 'boot/firmware/inkpost.toml'), setup)
  const done = machine.install(previous)
  if (done.code !== 0) throw new Error(`${done.stdout}${done.stderr}`)
  copyFileSync(present, join(root, 'root/present.deb'))
  copyFileSync(previous, join(root, 'root/previous.deb'))
  copyFileSync('test/package/guest.sh', join(root, 'root/guest.sh'))
  chmodSync(join(root, 'root/guest.sh'), 0o755)
  const units = join(root, 'etc/systemd/system')
  writeFileSync(join(units, 'guest.service'), guest)
  mkdirSync(join(units, 'default.target.wants'), { recursive: true })
  symlinkSync('/etc/systemd/system/guest.service', join(units, 'default.target.wants/guest.service'))
}

/** No network card: whoever is in there speaks to itself. */
function boot(root: string, disk: string) {
  const [kernel = ''] = globSync(join(root, 'boot/vmlinuz-*'))
  const [initrd = ''] = globSync(join(root, 'boot/initrd.img-*'))
  return spawn('qemu-system-x86_64', [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '512'],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot', '-nic', 'none'],
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', 'root=/dev/vda rw console=ttyS0 panic=5 systemd.show_status=false quiet'],
    ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
  ])
}

async function watch(machine: ReturnType<typeof boot>, checks: Checks): Promise<readonly string[]> {
  const facts: string[] = []
  const tail: string[] = []
  let hasEnded = false
  const clock = setTimeout(() => machine.kill('SIGKILL'), longestMs)
  machine.stderr.pipe(process.stderr)
  for await (const line of createInterface({ input: machine.stdout })) {
    tail.push(line)
    const [, word = '', rest = ''] = /inkpost-test: (ok|not ok|fact|end) ?(.*?)\r?$/.exec(line) ?? []
    if (word === 'fact') facts.push(rest)
    if (word === 'end') hasEnded = true
    if (word === 'ok' || word === 'not ok') {
      const [name = '', ...detail] = rest.split(word === 'ok' ? '\0' : ': ')
      checks.note(place, name, word === 'ok', detail.join(': '))
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
