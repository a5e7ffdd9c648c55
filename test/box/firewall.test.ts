// The closed machine between two network namespaces: what the rules of appliance/firewall let in, and nothing else.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { portRules } from '../../appliance/machine/firewall.ts'
import { until } from '../gateway-process.ts'
import { boxAddress, Cable, lanAddress, noNamespaces } from './namespaces.ts'

const root = join(import.meta.dirname, '../..')
/** There is no such user here: root stands in for it. */
const rules = readFileSync(join(root, 'appliance/firewall/inkpost.nft'), 'utf8').replace('"inkpost"', '0')
const knock = join(import.meta.dirname, 'knock.py')
const ports = { entrances: [25, 443, 465, 587], tcp: [443], udp: [514] }

/** Beside the rules: what came to the machine, and what got past them. */
const witness = `table inet witness {
  set came_tcp { type inet_service; flags dynamic; size 65535; }
  set passed_tcp { type inet_service; flags dynamic; size 65535; }
  set came_udp { type inet_service; flags dynamic; size 65535; }
  set passed_udp { type inet_service; flags dynamic; size 65535; }
  chain came { type filter hook prerouting priority -350; policy accept;
    iif lo return
    meta l4proto tcp add @came_tcp { tcp dport }
    meta l4proto udp add @came_udp { udp dport }
  }
  chain passed { type filter hook input priority 50; policy accept;
    iif lo return
    meta l4proto tcp add @passed_tcp { tcp dport }
    meta l4proto udp add @passed_udp { udp dport }
  }
}`

const reason = noNamespaces()

describe('the closed machine', reason === undefined ? {} : { skip: reason }, () => {
  let cable: Cable
  before(() => {
    cable = new Cable()
    cable.nft(cable.box, rules)
    cable.nft(cable.box, portRules(ports))
  })
  after(() => cable[Symbol.dispose]())

  const seen = (name: string, place = cable.box): readonly number[] => {
    const json = JSON.parse(cable.in(place, ['nft', '-j', 'list', 'set', 'inet', 'witness', name]))
    const [set] = json.nftables.flatMap((one: { set?: { elem?: number[] } }) => one.set ?? [])
    return (set.elem ?? []).toSorted((a: number, b: number) => a - b)
  }
  /** A table of its own for each: nothing of the last one is seen. */
  const watched = (): void => {
    cable.nft(cable.box, 'table inet witness\ndelete table inet witness')
    cable.nft(cable.box, witness)
  }

  for (const [family, address] of Object.entries(boxAddress)) {
    it(`lets in mail and the console of all TCP ports (${family})`, async () => {
      watched()
      cable.in(cable.lan, ['python3', knock, 'tcp', address, '1', '65535'])
      await until('every port was asked', () => seen('came_tcp').length === 65_535)
      assert.deepEqual(seen('passed_tcp'), ports.entrances)
    })

    it(`lets in mDNS of UDP, and no DNS, time, file or printer service (${family})`, async () => {
      watched()
      const asked = [53, 67, 69, 123, 137, 161, 514, 547, 1900, 5353, 5355, 33_434, 65_535]
      cable.in(cable.lan, ['python3', knock, 'udp', address, ...asked.map(String)])
      await until('every port was asked', () => seen('came_udp').length === asked.length)
      assert.deepEqual(seen('passed_udp'), [5353])
    })

    it(`answers a ping, and finds its neighbour (${family})`, () => {
      cable.in(cable.box, ['ip', 'neigh', 'flush', 'all'])
      assert.match(cable.in(cable.lan, ['ping', '-n', '-c', '1', '-W', '10', address]), / 0% packet loss/)
    })
  }

  it('opens another port without an end to a session, and closes it again', async () => {
    const echo = `
      import { createServer } from 'node:net'
      for (const port of [25, 2525]) createServer((socket) => socket.pipe(socket)).listen(port, () => console.log('listens'))`
    const server = cable.spawn(cable.box, [process.execPath, '--input-type=module', '-e', echo], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.ok(server.stdout)
    const ready = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
    await ready.next()
    await ready.next()
    const talk = `
      import { connect } from 'node:net'
      import { createInterface } from 'node:readline'
      const sockets = new Map()
      const say = (name, word) => console.log(name + ' ' + word)
      for await (const line of createInterface({ input: process.stdin })) {
        const [name, port] = line.split(' ')
        if (sockets.has(name)) { sockets.get(name).write('.'); continue }
        const socket = connect(Number(port), '${boxAddress.ip4}')
        sockets.set(name, socket)
        socket.on('connect', () => say(name, 'connected')).on('data', () => say(name, 'answered')).on('error', (error) => say(name, error.code))
      }`
    const client = cable.spawn(cable.lan, [process.execPath, '--input-type=module', '-e', talk], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    assert.ok(client.stdin && client.stdout)
    const { stdin } = client
    const heard = createInterface({ input: client.stdout })[Symbol.asyncIterator]()
    const ask = async (line: string): Promise<string> => {
      stdin.write(`${line}\n`)
      return String((await heard.next()).value)
    }
    try {
      assert.equal(await ask('first 25'), 'first connected')
      assert.equal(await ask('early 2525'), 'early ECONNREFUSED')
      cable.nft(cable.box, portRules({ ...ports, entrances: [...ports.entrances, 2525] }))
      assert.equal(await ask('second 2525'), 'second connected')
      assert.equal(await ask('first'), 'first answered')
      cable.nft(cable.box, portRules(ports))
      assert.equal(await ask('late 2525'), 'late ECONNREFUSED')
      assert.equal(await ask('second'), 'second answered')
      // The whole load anew, as after an upgrade.
      cable.nft(cable.box, `${rules}\n${portRules(ports)}`)
      assert.equal(await ask('first'), 'first answered')
    } finally {
      client.kill()
      server.kill()
      await Promise.all([once(client, 'close'), once(server, 'close')])
    }
  })

  it('keeps its table of connections when a broken printer knocks without an end, and serves the next device', async () => {
    watched()
    const flood = `
import socket
for one in range(3000):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as knocking:
        knocking.connect_ex(("${boxAddress.ip4}", 25))
`
    cable.in(cable.lan, ['ip', 'address', 'add', '10.77.0.3/24', 'dev', 'eth0'])
    cable.in(cable.lan, ['python3', '-c', flood])
    const passed = dropped()
    assert.ok(passed > 1500, `${passed} of 3000 were turned away`)
    const other = `
import socket
with socket.create_connection(("${boxAddress.ip4}", 25), source_address=("10.77.0.3", 0)) as one:
    pass
`
    // Nobody listens: that it is refused by the machine itself, and not by its rules, is seen beside them.
    cable.nft(cable.box, 'table inet witness\ndelete table inet witness')
    cable.nft(cable.box, witness)
    assert.throws(() => cable.in(cable.lan, ['python3', '-c', other]), /ConnectionRefusedError/)
    assert.deepEqual(seen('passed_tcp'), [25])
  })

  /** How many packets of too busy an address were dropped. */
  const dropped = (): number => {
    const text = cable.in(cable.box, ['nft', 'list', 'chain', 'inet', 'inkpost', 'entrance'])
    return Number(/begun4.*counter packets (\d+)/.exec(text)?.[1])
  }

  it('dials what it was told, names and neighbours, and no other port', async () => {
    const refused = (kind: string, port: number): boolean => {
      const dial = `
import socket
one = socket.socket(socket.AF_INET, socket.SOCK_${kind === 'tcp' ? 'STREAM' : 'DGRAM'})
one.setblocking(False)
${kind === 'answer' ? 'one.bind(("", 5353))' : ''}
try:
    one.connect(("${lanAddress.ip4}", ${port}))
    one.send(b"x")
except BlockingIOError:
    pass
`
      try {
        cable.in(cable.box, ['python3', '-c', dial])
      } catch {
        // A datagram that may not go is an error at once.
      }
      const text = cable.in(cable.box, ['nft', 'list', 'chain', 'inet', 'inkpost', 'dialled'])
      const count = Number(/counter packets (\d+)/.exec(text)?.[1])
      const before = counted
      counted = count
      return count > before
    }
    let counted = 0
    const asked = [
      ['tcp', 443],
      ['tcp', 53],
      ['tcp', 9100],
      ['udp', 53],
      ['udp', 9],
      ['udp', 514],
      // To who asked for the name of the box.
      ['answer', 40_000],
      ['tcp', 25],
      ['tcp', 80],
      ['tcp', 8443],
      ['udp', 443],
      ['udp', 123],
    ] as const
    assert.deepEqual(
      asked.filter(([kind, port]) => refused(kind, port)).map((one) => one.join(' ')),
      ['tcp 25', 'tcp 80', 'tcp 8443', 'udp 443', 'udp 123'],
    )
  })

  it('tells its name to the link, at public addresses too, and nothing of it passes a router', async () => {
    const [box, lan] = [cable.box, cable.lan]
    const ip = (place: string, words: string) => cable.in(place, ['ip', ...words.split(' ')])
    cable.in(lan, ['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
    ip(lan, 'link add internet type veth peer name beyond')
    ip(lan, 'link set internet up')
    for (const network of ['203.0.113.0/24', '2001:db8:113::/48'])
      ip(lan, `route add ${network} dev internet`)
    for (const address of [lanAddress.ip4, lanAddress.ip6]) ip(box, `route add default via ${address}`)
    for (const [place, end] of [
      [box, 1],
      [lan, 2],
    ] as const) {
      ip(place, `address add 198.51.100.${end}/24 dev eth0`)
      ip(place, `address add 2001:db8:77::${end}/64 dev eth0 nodad`)
    }
    cable.nft(lan, atRouter)
    const told = [
      ['224.0.0.251', 5353],
      ['ff02::fb', 5353],
      ['224.0.0.251', 5354],
      ['ff02::fb', 5355],
      ['239.1.1.1', 5356],
      ['ff02::1', 5357],
      [lanAddress.ip4, 40_004],
      [lanAddress.ip6, 40_006],
      ['198.51.100.2', 41_004],
      ['2001:db8:77::2', 41_006],
      ['203.0.113.9', 42_004],
      ['2001:db8:113::9', 42_006],
    ] as const
    const tell = (from: number, to: readonly (readonly [string, number])[]) =>
      cable.in(box, ['python3', '-c', telling, String(from), ...to.flat().map(String)])
    tell(5353, told)
    // Which the box may dial: that the router passes on what it is given.
    tell(0, [
      ['203.0.113.9', 514],
      ['2001:db8:113::9', 514],
    ])
    await until('all of it came', () => seen('came', lan).includes(42_006) && seen('passed', lan).length > 0)
    assert.deepEqual(seen('came', lan), [5353, 40_004, 40_006, 41_004, 41_006, 42_004, 42_006])
    assert.deepEqual(seen('passed', lan), [514])
  })
})

/** In the LAN: what the box sent from the port of multicast DNS, and what left towards the Internet. */
const atRouter = `table inet witness {
  set came { type inet_service; flags dynamic; size 65535; }
  set passed { type inet_service; flags dynamic; size 65535; }
  chain came { type filter hook prerouting priority -350; policy accept;
    iifname eth0 udp sport 5353 add @came { udp dport }
  }
  chain passed { type filter hook postrouting priority 50; policy accept;
    oifname internet meta l4proto udp add @passed { udp dport }
  }
}`

const telling = `
import socket, sys
words = sys.argv[2:]
for address, port in zip(words[::2], words[1::2]):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.bind(("", int(sys.argv[1])))
        # As a program that wants to get far would.
        if family == socket.AF_INET: one.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        else: one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        scope = socket.if_nametoindex("eth0") if address.startswith("ff") else 0
        try:
            one.sendto(b"x", (address, int(port), 0, scope) if family == socket.AF_INET6 else (address, int(port)))
        except OSError as refused:
            print(address, port, refused)
`
