// A box whose cable leads to a LAN with a router, in namespaces of their own.
import type { ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { MachineAnswer, MachineCalls, MachineDuty } from '../../src/core/machine.ts'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { machineService } from '../../src/platform/machine-service.ts'
import { eventually, Place } from './namespaces.ts'

const node = process.execPath
const machineMain = resolve(import.meta.dirname, '../../appliance/machine/main.ts')

export const dhcpWish: NetworkWish = {
  method: 'dhcp',
  address: '',
  gateway: '',
  ipv6: 'auto',
  ipv6Address: '',
  ipv6Gateway: '',
  dns: [],
  ntp: [],
  vlan: 0,
  wifi: null,
  portAccess: null,
}
export const staticWish = (address: string, gateway = ''): NetworkWish => ({
  ...dhcpWish,
  method: 'static',
  address,
  gateway,
})

/** What a distribution ships: DHCP on every cable. */
const ownConfiguration =
  '[Match]\nName=eth*\n[Network]\nDHCP=ipv4\n[DHCPv4]\nClientIdentifier=mac\nSendRelease=no\n'

/**
 * systemd in the part that the machine service asks of it: this machine runs no systemd as process 1. The timer's two
 * minutes pass at once: its errand runs in a time namespace that is so far ahead.
 */
const standInSystemctl = (folder: string): string => `#!/bin/sh
echo "$@" >> ${folder}/systemctl.log
unit=$(printf %s "$*" | sed 's/.* //')
case "$*" in
  "restart inkpost-network-undo.timer") touch ${folder}/timer ;;
  "stop inkpost-network-undo.timer") rm -f ${folder}/timer ;;
esac
exit 0
`

export class BoxInLan implements Disposable {
  readonly box: Place
  readonly lan: Place
  readonly socket: string

  private constructor(box: Place, lan: Place) {
    this.box = box
    this.lan = lan
    this.socket = join(box.folder, 'machine.sock')
  }

  /** `router`: the addresses of the LAN's end of the cable. */
  static async open(router: readonly string[] = ['192.168.77.1/24']): Promise<BoxInLan> {
    const [box, lan] = [await Place.open(), await Place.open()]
    const both = new BoxInLan(box, lan)
    lan.plug('lan0', box, 'eth0')
    for (const address of router) lan.sh(`ip addr add ${address} dev lan0 nodad`)
    box.sh('mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib; mount -t sysfs -o ro sysfs /sys')
    writeFileSync(join(box.folder, 'systemctl'), standInSystemctl(box.folder), { mode: 0o755 })
    await both.#startSystem()
    return both
  }

  /** Leases of one address; the last one given holds. */
  serveDhcp(address: string, router = '192.168.77.1'): ChildProcess {
    return this.lan.start(
      `dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=lan0 --bind-interfaces --user=root ` +
        `--dhcp-authoritative --dhcp-range=${address},${address},2m --dhcp-option=option:router,${router} ` +
        `--dhcp-leasefile=${this.lan.folder}/leases --no-ping --log-dhcp`,
    )
  }

  /** A router of IPv6 alone. */
  serveAdvertisements(prefix: string): ChildProcess {
    return this.lan.start(
      `dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=lan0 --bind-interfaces --user=root ` +
        `--enable-ra --dhcp-range=${prefix},ra-only,64 --dhcp-leasefile=${this.lan.folder}/leases6`,
    )
  }

  async #startSystem(): Promise<void> {
    const { box } = this
    const owner = '-o systemd-network -g systemd-network'
    box.sh(
      `install -d ${owner} /run/systemd/netif /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp && mkdir -p /run/systemd/network /run/dbus /run/inkpost-machine`,
    )
    writeFileSync(join(box.folder, '80-own.network'), ownConfiguration)
    box.sh(`cp ${box.folder}/80-own.network /run/systemd/network/`)
    box.start('dbus-daemon --system --nofork --nopidfile')
    await eventually('D-Bus', () => box.try('test -S /run/dbus/system_bus_socket').code === 0)
    // As its unit does: the one of Debian 12 aborts where a network is changed again while it still looks for who else has an
    // address (networkd-ipv4acd.c).
    box.start(`sh -c 'while :; do /lib/systemd/systemd-networkd; sleep 0.1; done'`)
    await eventually('systemd-networkd', () => box.try('networkctl list').code === 0, [box])
  }

  /** The power goes and comes back. */
  async restartMachine(): Promise<void> {
    await this.killService()
    await this.box.kill('systemd/systemd-networkd')
    await this.box.kill('dbus-daemon')
    this.box.sh('umount /run; mount -t tmpfs tmpfs /run; ip addr flush dev eth0; ip link set eth0 down')
    this.box.sh(`PATH=${this.box.folder}:$PATH ${node} --no-warnings ${machineMain} network-start`)
    await this.#startSystem()
  }

  /** Started by the first question, as by its unit: it ends when nobody asks for a while, and is started anew. */
  async startService(): Promise<void> {
    const service = `systemd-socket-activate -l ${this.socket} ${node} --no-warnings ${machineMain}`
    this.box.start(`sh -c 'while ${service}; do :; done'`, {
      PATH: `${this.box.folder}:${process.env['PATH']}`,
    })
    await eventually('the machine service', () => existsSync(this.socket), [this.box])
  }

  async killService(): Promise<void> {
    await this.box.kill('appliance/machine/main.ts')
    this.box.sh(`rm -f ${this.socket}`)
  }

  /** Two minutes pass: what systemd's timer starts, in a time namespace that is so far ahead. */
  twoMinutesLater(): void {
    if (!existsSync(join(this.box.folder, 'timer'))) return
    this.box.sh(
      `PATH=${this.box.folder}:$PATH unshare --time --monotonic 120 --fork ${node} --no-warnings ${machineMain} network-undo`,
    )
  }

  ask<D extends MachineDuty>(
    duty: D,
    ask: MachineCalls[D]['ask'],
  ): Promise<MachineAnswer<MachineCalls[D]['answer']>> {
    return machineService(this.socket).call(duty, ask)
  }

  /** Of the box's link, without link-local ones. */
  addresses(link = 'eth0'): readonly string[] {
    const said = this.box.try(`ip -j addr show dev ${link} scope global`)
    if (said.code !== 0) return []
    const [found] = JSON.parse(said.stdout) as { addr_info?: { local?: string; prefixlen: number }[] }[]
    // What the filter left out stands there as an empty entry.
    return (found?.addr_info ?? []).flatMap(({ local, prefixlen }) => (local ? `${local}/${prefixlen}` : []))
  }

  has(address: string, link = 'eth0'): Promise<true> {
    return eventually(`${address} on ${link}`, () => this.addresses(link).includes(address) || undefined, [
      this.box,
      this.lan,
    ])
  }

  lacks(address: string): Promise<true> {
    return eventually(`no ${address}`, () => !this.addresses().includes(address) || undefined, [this.box])
  }

  [Symbol.dispose](): void {
    this.box[Symbol.dispose]()
    this.lan[Symbol.dispose]()
  }
}
