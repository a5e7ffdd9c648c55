// A machine of 512 MB that boots, with the package on it as on a card.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Checks } from './checks.ts'
import { debianRoot } from './debian-root.ts'
import { InstalledMachine } from './installed-machine.ts'
import type { Archives } from './life.ts'
import { playMachine, putGuest } from './qemu-machine.ts'

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

/** No network card: whoever is in there speaks to itself. */
export async function booted(archives: Archives, checks: Checks): Promise<readonly string[]> {
  using root = debianRoot('amd64', 'booted')
  prepare(root.path, archives)
  const devices = ['-nic', 'none']
  return await playMachine({ place: 'booted amd64', root: root.path, memory: 512, devices }, checks)
}

function prepare(root: string, { present, previous }: Archives): void {
  const machine = new InstalledMachine(root)
  mkdirSync(join(root, 'boot/firmware'), { recursive: true })
  writeFileSync(join(root, 'boot/firmware/inkpost.toml'), setup)
  const done = machine.install(previous)
  if (done.code !== 0) throw new Error(`${done.stdout}${done.stderr}`)
  copyFileSync(present, join(root, 'root/present.deb'))
  copyFileSync(previous, join(root, 'root/previous.deb'))
  putGuest(root, ['guest.sh'])
}
