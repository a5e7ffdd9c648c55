// A machine that is a box and nothing else, booted: closed, with a LAN at its port, radios, and sticks in its USB ports.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Checks } from './checks.ts'
import { debianRoot } from './debian-root.ts'
import { InstalledMachine } from './installed-machine.ts'
import { playMachine, putGuest } from './qemu-machine.ts'

const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[[device]]
name = "Front desk"
username = "front"
password = "seventeen-4711"
sender = "front@contoso.com"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "192.0.2.1"
port = 25
`

/** As an image has it: DHCP at the port that leads outside. */
const ownNetwork =
  '[Match]\nName=enp0s2\n[Network]\nDHCP=ipv4\n[DHCPv4]\nClientIdentifier=mac\nSendRelease=no\n'
const sticks = ['sda', 'sdb', 'sdc']

export async function bootedBox(present: string, checks: Checks): Promise<readonly string[]> {
  using root = debianRoot('box', 'booted')
  prepare(root.path, present)
  const images = sticks.map((name) => resolve(`build/cache/${name}.img`))
  for (const image of images) {
    writeFileSync(image, '')
    truncateSync(image, 256 << 20)
  }
  try {
    const devices = [...(await cable()), '-device', 'qemu-xhci', ...images.flatMap(stick)]
    // More than a box has: whoever is in its LAN, and another gateway, live in here, too.
    return await playMachine({ place: 'box amd64', root: root.path, memory: 768, devices }, checks)
  } finally {
    for (const image of images) rmSync(image)
  }
}

/**
 * Two ports with a cable between them: one is the box's, the other goes into a namespace that is the LAN. By datagrams: what
 * a port has no room for is lost, as on a cable. A hub of QEMU stops for good then, and a UNIX socket keeps QEMU busy.
 */
async function cable(): Promise<readonly string[]> {
  const ends = await Promise.all([udpSocket(), udpSocket()])
  const [one, other] = ends.map((end) => end.address().port)
  for (const end of ends) end.close()
  return [...port('enp0s2', 2, one, other), ...port('enp0s3', 3, other, one)]
}

async function udpSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

function port(name: string, slot: number, local = 0, remote = 0): readonly string[] {
  const end = (which: string, at: number): string =>
    `${which}.type=inet,${which}.host=127.0.0.1,${which}.port=${at}`
  return [
    ...['-netdev', `dgram,id=${name},${end('local', local)},${end('remote', remote)}`],
    ...['-device', `virtio-net-pci,netdev=${name},mac=52:54:00:77:00:0${slot - 1},addr=${slot}`],
  ]
}

const stick = (image: string, n: number): readonly string[] => [
  ...['-drive', `if=none,id=stick${n},file=${image},format=raw,cache=unsafe`],
  ...['-device', `usb-storage,drive=stick${n},removable=on`],
]

function prepare(root: string, present: string): void {
  const machine = new InstalledMachine(root)
  mkdirSync(join(root, 'boot/firmware'), { recursive: true })
  writeFileSync(join(root, 'boot/firmware/inkpost.toml'), setup)
  writeFileSync(join(root, 'etc/systemd/network/80-own.network'), ownNetwork)
  copyFileSync(present, join(root, 'root/inkpost.deb'))
  copyFileSync(boxArchiveOf(present), join(root, 'root/box.deb'))
  done(machine, 'dpkg', '-i', '/root/inkpost.deb', '/root/box.deb')
  done(machine, 'systemctl', 'enable', 'systemd-networkd', 'systemd-timesyncd', 'systemd-resolved')
  done(machine, 'systemctl', 'mask', 'hostapd.service')
  putGuest(root, ['box-guest.sh', 'box-lan.sh', 'box-duties.sh', 'box-troubles.sh', 'box-networks.sh'])
}

function done(machine: InstalledMachine, ...command: readonly string[]): void {
  const { code, stdout, stderr } = machine.run(...command)
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`)
}

/** The same build makes both. */
export const boxArchiveOf = (archive: string): string =>
  archive.replace(/inkpost_(.*)_[^_]+\.deb$/, 'inkpost-box_$1_all.deb')
