import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { wishDigest } from '../../src/platform/wish-digest.ts'
import { dhcpWish } from '../../test/network/box-in-lan.ts'
import { networkFiles } from './network-files.ts'
import { networkWish } from './network-wish.ts'

const links = { wired: 'eth0', wireless: 'wlan0' }
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const textsOf = (wish: NetworkWish, from = links): Readonly<Record<string, string>> =>
  Object.fromEntries(networkFiles(wish, from).map(({ path, text }) => [path, text]))
const cable = 'systemd/network/05-inkpost-cable.network'

describe('files of a network', () => {
  it('ask DHCP and routers', () => {
    assert.deepEqual(textsOf(dhcpWish), {
      [cable]: `[Match]
Name=eth0

[Network]
DHCP=ipv4
LinkLocalAddressing=ipv6
IPv6AcceptRA=yes
MulticastDNS=resolve
LLMNR=no

[DHCPv4]
SendRelease=no
ClientIdentifier=mac

[DHCPv6]

[IPv6AcceptRA]
`,
    })
  })

  it('set addresses, and name servers and time servers in the place of those that DHCP tells', () => {
    const wish: NetworkWish = {
      ...dhcpWish,
      method: 'static',
      address: '192.168.7.5/24',
      gateway: '192.168.7.1',
      ipv6: 'static',
      ipv6Address: 'fd00:7::5/64',
      ipv6Gateway: 'fe80::1',
      dns: ['192.168.7.1', 'fd00:7::1'],
      ntp: ['time.contoso.com'],
    }
    assert.deepEqual(textsOf(wish), {
      [cable]: `[Match]
Name=eth0

[Network]
DHCP=no
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
Address=192.168.7.5/24
Address=fd00:7::5/64
Gateway=192.168.7.1
Gateway=fe80::1
DNS=192.168.7.1
DNS=fd00:7::1
NTP=time.contoso.com
MulticastDNS=resolve
LLMNR=no

[DHCPv4]
SendRelease=no
ClientIdentifier=mac
UseDNS=no
UseNTP=no

[DHCPv6]
UseDNS=no
UseNTP=no

[IPv6AcceptRA]
UseDNS=no
`,
    })
  })

  it('leave IPv6 away', () => {
    assert.match(
      textsOf({ ...dhcpWish, ipv6: 'off' })[cable] ?? '',
      /LinkLocalAddressing=no\nIPv6AcceptRA=no\n/,
    )
  })

  it('tag the frames of the cable', () => {
    const texts = textsOf({ ...dhcpWish, vlan: 7 })
    assert.equal(
      texts['systemd/network/05-inkpost-vlan.netdev'],
      '[NetDev]\nName=vlan7\nKind=vlan\n\n[VLAN]\nId=7\n',
    )
    assert.match(
      texts[cable] ?? '',
      /^\[Match\]\nName=eth0\n\n\[Network\]\nVLAN=vlan7\nLinkLocalAddressing=no\n/,
    )
    assert.match(
      texts['systemd/network/05-inkpost-vlan.network'] ?? '',
      /^\[Match\]\nName=vlan7\n\n\[Network\]\nDHCP=ipv4\n/,
    )
  })

  it('join a Wi-Fi by a name of any characters, and keep the cable as a better way', () => {
    const wifi = { ssid: 'Büro "1"', passphrase: 'say "hello" \\', country: 'DE' }
    const files = networkFiles({ ...dhcpWish, wifi }, links)
    assert.deepEqual(
      files.map(({ path, isSecret }) => [path, isSecret === true]),
      [
        ['systemd/network/05-inkpost-wireless.network', false],
        [cable, false],
        ['inkpost-machine/supplicant/wlan0.conf', true],
        ['inkpost-machine/supplicant/wlan0.env', false],
      ],
    )
    const { 'inkpost-machine/supplicant/wlan0.conf': text } = textsOf({ ...dhcpWish, wifi })
    assert.equal(
      text,
      `country=DE
network={
  ssid=42c3bc726f20223122
  scan_ssid=1
  key_mgmt=WPA-PSK SAE
  psk="say "hello" \\"
  ieee80211w=1
}
`,
    )
    const open = textsOf({ ...dhcpWish, wifi: { ...wifi, passphrase: '' } })[
      'inkpost-machine/supplicant/wlan0.conf'
    ]
    assert.match(open ?? '', /key_mgmt=NONE/)
    assert.doesNotMatch(open ?? '', /psk/)
  })

  it('open a port that asks who is there, and verify who asks', () => {
    const own = { identity: 'box-07', password: 'p"w', authority: pem, certificate: '' }
    const peap = textsOf({ ...dhcpWish, portAccess: { ...own, method: 'peap' } })
    assert.equal(
      peap['inkpost-machine/supplicant/eth0.conf'],
      `ap_scan=0
network={
  key_mgmt=IEEE8021X
  eapol_flags=0
  identity="box-07"
  ca_cert="/run/inkpost-machine/supplicant/authority.pem"
  eap=PEAP
  password="p"w"
  phase2="auth=MSCHAPV2"
}
`,
    )
    assert.equal(peap['inkpost-machine/supplicant/eth0.env'], 'DRIVER=wired\n')
    const tls = networkFiles(
      { ...dhcpWish, portAccess: { ...own, method: 'eap-tls', certificate: pem } },
      links,
    )
    const secret = tls.filter(({ isSecret }) => isSecret).map(({ path }) => path)
    assert.deepEqual(secret, [
      'inkpost-machine/supplicant/eth0.conf',
      'inkpost-machine/supplicant/authority.pem',
      'inkpost-machine/supplicant/certificate.pem',
    ])
  })

  it('are none where the machine has no such port', () => {
    assert.deepEqual(networkFiles(dhcpWish, { wired: undefined, wireless: undefined }), [])
  })
})

describe('a wish that the gateway sends', () => {
  const isTaken = (change: object): boolean => v.is(networkWish, { ...dhcpWish, ...change })
  const wifi = { ssid: 'office', passphrase: 'correct horse', country: 'DE' }

  it('is taken where every value is one', () => {
    assert.ok(isTaken({}))
    assert.ok(isTaken({ wifi }))
    assert.ok(
      isTaken({ method: 'static', address: '192.168.7.5/24', vlan: 4094, dns: ['fd00::1'], ntp: ['a.b'] }),
    )
  })

  it('puts no second line into a file, and names no file', () => {
    for (const change of [
      { address: '192.168.7.5/24\nDHCP=yes' },
      { address: '192.168.7.5' },
      { address: '192.168.7.5/0' },
      { gateway: 'fd00::1' },
      { dns: ['8.8.8.8\nDHCP=yes'] },
      { ntp: ['a b'] },
      { vlan: 4095 },
      { wifi: { ...wifi, ssid: 'a\nb' } },
      { wifi: { ...wifi, ssid: 'ü'.repeat(17) } },
      { wifi: { ...wifi, passphrase: 'short' } },
      { wifi: { ...wifi, passphrase: 'with a line\nbreak' } },
      { wifi: { ...wifi, country: 'de' } },
      { portAccess: { method: 'peap', identity: 'a\nb', password: '', authority: pem, certificate: '' } },
      {
        portAccess: {
          method: 'peap',
          identity: 'a',
          password: '',
          authority: '/etc/shadow',
          certificate: '',
        },
      },
      { odd: 1 },
    ])
      assert.ok(!isTaken(change), JSON.stringify(change))
  })

  it('reads certificates in one way alone: what nests, or could be one block or many, is none', () => {
    const access = (authority: string) => ({
      portAccess: { method: 'peap', identity: 'a', password: 'b', authority, certificate: '' },
    })
    assert.ok(isTaken(access(`${pem}${pem.replaceAll('\n', '\r\n')}`)))
    const inside = '-----BEGIN A-----x-----END A-----'
    assert.ok(!isTaken(access(`-----BEGIN A-----${inside}-----END A-----`)))
  })

  it('is told from others by its digest, in whatever order its keys stand', () => {
    const turned = Object.fromEntries(Object.entries(dhcpWish).toReversed()) as unknown as NetworkWish
    assert.equal(wishDigest(dhcpWish), wishDigest(turned))
    assert.notEqual(wishDigest(dhcpWish), wishDigest({ ...dhcpWish, wifi }))
    assert.notEqual(
      wishDigest({ ...dhcpWish, wifi }),
      wishDigest({ ...dhcpWish, wifi: { ...wifi, passphrase: 'another one' } }),
    )
    assert.equal(wishDigest(null), '')
  })
})
