// A box with a cable and Wi-Fi that is found by its name: asked by dig, and beside Avahi, which may have the name already.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually, Place, withoutNamespaces } from './namespaces.ts'

const skip = withoutNamespaces()
const node = process.execPath
const main = resolve(import.meta.dirname, '../../src/main.ts')

const setup = (name: string): string => `[gateway]
name = "${name}"
[[listener]]
address = "0.0.0.0"
port = 2525
security = "plain"
[[device]]
name = "Scanner"
addresses = ["192.168.77.9"]
[[upstream]]
name = "outbox"
kind = "outbox"
`

/** The question for the name from any port, 0 among them, as it is and with octets changed: by a raw socket. */
const strangeDatagrams = `
import random, socket, struct, sys
chance = random.Random(5353)
asked = struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + bytes([9]) + b"branch-07" + bytes([5]) + b"local" + bytes(1) + struct.pack(">HH", 1, 1)
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
for n in range(400):
    said = bytearray(asked)
    for _ in range(n % 4):
        said[chance.randrange(len(said))] = chance.randrange(256)
    source = 0 if n % 10 == 0 else chance.randrange(65536)
    one.sendto(struct.pack(">HHHH", source, 5353, 8 + len(said), 0) + said, (sys.argv[1], 0))
`

/** Answers whoever asks, and nobody else: RFC 6762 section 5.4 lets it where that was asked for. */
const unicastRival = `
import socket, struct, sys
address, name = sys.argv[1:3]
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
one.bind(("", 5353))
one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.251") + socket.inet_aton(address))
print("rival listens")
called = bytes([len(name)]) + name.encode() + bytes([5]) + b"local" + bytes(1)
while True:
    asked, sender = one.recvfrom(9000)
    if sender[0] != address and asked[2] < 128 and called in asked:
        head = struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0)
        record = struct.pack(">HHIH", 1, 0x8001, 120, 4) + socket.inet_aton("192.168.77.99")
        one.sendto(head + called + record, sender)
`

describe('NAME.local', { skip }, () => {
  let box: Place
  let lan: Place
  /** Of the second link, whose socket the box would open last. */
  let hall: Place
  const data = () => join(box.folder, 'data')
  const run = (words: string) => box.try(`${node} --no-warnings ${main} --data ${data()} ${words}`)
  const apply = (name: string) => {
    writeFileSync(join(box.folder, 'setup.toml'), setup(name))
    assert.equal(run(`apply ${box.folder}/setup.toml`).code, 0)
  }
  /** By a machine that knows multicast DNS. */
  const find = (name: string, family: 4 | 6) =>
    lan.try(`timeout 3 avahi-resolve-host-name -${family} -n ${name}.local`).stdout.trim().split(/\s+/)[1]
  before(async () => {
    box = await Place.open()
    lan = await Place.open()
    hall = await Place.open()
    lan.plug('lan0', box, 'eth0')
    hall.plug('hall0', box, 'wlan0')
    hall.sh('ip addr add 192.168.88.9/24 dev hall0')
    box.sh('ip addr add 192.168.88.5/24 dev wlan0; ip link set wlan0 up')
    lan.sh('ip addr add 192.168.77.1/24 dev lan0; ip addr add fd00:77::1/64 dev lan0 nodad')
    box.sh(
      'ip addr add 192.168.77.5/24 dev eth0; ip addr add fd00:77::5/64 dev eth0 nodad; ip link set eth0 up',
    )
    lan.sh('mount -t tmpfs tmpfs /run; mkdir /run/dbus')
    lan.start('dbus-daemon --system --nofork --nopidfile')
    writeFileSync(
      join(lan.folder, 'avahi.conf'),
      '[server]\nhost-name=lobby\nallow-interfaces=lan0\n[rlimits]\n',
    )
    for (const [place, link] of [
      [box, 'eth0'],
      [box, 'wlan0'],
      [lan, 'lan0'],
    ] as const)
      await eventually('a link-local address', () => !/tentative/.test(place.sh(`ip addr show dev ${link}`)))
    await eventually('D-Bus', () => lan.try('test -S /run/dbus/system_bus_socket').code === 0)
    lan.start(`avahi-daemon --no-drop-root --no-chroot --no-rlimits -f ${lan.folder}/avahi.conf`)
    await eventually('Avahi', () => /Server startup complete/.test(lan.log), [lan])
    apply('branch-07')
    box.start(`${node} --no-warnings ${main} serve --data ${data()}`)
    await eventually('the gateway', () => run('status').stdout.includes('running'), [box])
  })
  after(() => {
    box?.[Symbol.dispose]()
    lan?.[Symbol.dispose]()
    hall?.[Symbol.dispose]()
  })

  it('is answered over both families, with both', async () => {
    await eventually('an answer', () => find('branch-07', 4) === '192.168.77.5', [box, lan])
    assert.equal(find('branch-07', 6), 'fd00:77::5')
    assert.match(run('device card Scanner').stdout, /or by name +branch-07\.local/)
  })

  it('is answered to plain questions in either link, with the address there', () => {
    for (const [place, address] of [
      [lan, '192.168.77.5'],
      [hall, '192.168.88.5'],
    ] as const) {
      const plain = place.sh(`dig +time=5 +tries=1 -p 5353 @${address} BRANCH-07.local A`)
      assert.match(plain, new RegExp(`^BRANCH-07\\.local\\.\\s+10\\s+IN\\s+A\\s+${address}$`, 'im'))
    }
  })

  it('is answered after datagrams that no honest machine sends', () => {
    lan.sh(`python3 -c '${strangeDatagrams}' 192.168.77.5`)
    const plain = lan.sh('dig +time=5 +tries=1 -p 5353 @192.168.77.5 branch-07.local A')
    assert.match(plain, /IN\s+A\s+192\.168\.77\.5$/m)
    assert.doesNotMatch(box.log, /name-datagram-failed/)
  })

  it('becomes another one with the setup', async () => {
    apply('annex')
    await eventually('an answer', () => find('annex', 4) === '192.168.77.5', [box])
    // A cache keeps what was said goodbye to for a second, and for two minutes what was not (RFC 6762 section 10.1).
    await eventually('a goodbye', () => find('branch-07', 4) === undefined, [box, lan])
  })

  it('is heard of where a machine of the first link says it to the box alone', async () => {
    const rival = lan.start(`python3 -u -c '${unicastRival}' 192.168.77.1 rival`)
    await eventually('the rival', () => /rival listens/.test(lan.log), [lan])
    apply('rival')
    await eventually(
      'an alert',
      () => /\(192\.168\.77\.99\) goes by the name rival\.local/.test(run('status').stdout),
      [box, lan],
    )
    rival.kill()
  })

  it('is nothing that the box says where another machine has it', async () => {
    apply('lobby')
    await eventually(
      'an alert',
      () => /\((192\.168\.77\.1|fd00:77::1)\) goes by the name lobby\.local/.test(run('status').stdout),
      [box],
    )
    assert.doesNotMatch(run('device card Scanner').stdout, /or by name/)
    assert.doesNotMatch(lan.log, /conflict/i)
  })
})
