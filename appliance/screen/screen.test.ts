import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { RaisedAlert } from '../../src/core/alerts.ts'
import type { NetworkOperations, NetworkSheet } from '../../src/core/network-operations.ts'
import type { Setup } from '../../src/core/setup.ts'
import { wallMs } from '../../src/core/time.ts'
import { type ScreenParts, serveScreen } from '../../src/gateway/screen-socket.ts'
import { KernelFiles } from '../../src/platform/kernel-files.ts'
import { jsonLog } from '../../src/platform/log.ts'
import type { Claim } from '../../src/settings/operators.ts'
import { JumpingClock } from '../../test/clock.ts'
import { askGateway } from './gateway-facts.ts'
import { GatewayTalk } from './gateway-talk.ts'
import { hasScreen } from './monitors.ts'
import { lookAtNetwork } from './network-sight.ts'
import { hideCursor } from './terminal.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-screen-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A kernel of files. */
function kernel(files: Readonly<Record<string, string>>): KernelFiles {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return new KernelFiles(folder)
}

/** A gateway that can be talked into any state. */
function box() {
  const world = {
    claim: { kind: 'open', code: 'ABCD2345' } as Claim,
    alerts: [] as readonly RaisedAlert[],
    url: 'https://[::]:443',
    mark: 'first',
    // What it asks for.
    sheet: {
      machine: { kind: 'known', view: { ports: { cable: ['eth0'], radio: [] } } },
      settings: null,
      trial: null,
    } as unknown as NetworkSheet,
    tried: { kind: 'done', trial: { leftMs: 120_000, urls: [] } } as Awaited<
      ReturnType<NetworkOperations['tryNetwork']>
    >,
    asked: [] as string[],
  }
  const clock = new JumpingClock(wallMs(0))
  const menu: ScreenParts['menu'] = {
    people: {
      claim: () => world.claim,
      isClaimCode: (code) => world.claim.kind === 'open' && code === world.claim.code,
      verify: async (name, password) =>
        password === 'a good password'
          ? { kind: 'verified', name, role: name === 'anna' ? 'administrator' : 'viewer', mark: world.mark }
          : { kind: 'wrong' },
      standing: (name) => (name === 'anna' ? { role: 'administrator', mark: world.mark } : undefined),
    },
    network: {
      network: async () => world.sheet,
      tryNetwork: async (network, who) => {
        world.asked.push(`${who}: ${JSON.stringify(network)}`)
        return world.tried
      },
      keepNetwork: async (via, who) => {
        world.asked.push(`${who}: keep ${JSON.stringify(via)}`)
        return { kind: 'done' }
      },
      undoNetwork: async () => ({ kind: 'done' }),
    },
    record: (who, what) => void world.asked.push(`${who}: ${what}`),
  }
  const serve = () =>
    serveScreen(folder, {
      setup: () => ({ gateway: { name: 'branch-07' } }) as Setup, // the name is what it asks for
      claim: () => world.claim,
      alerts: { active: () => world.alerts },
      localName: { answered: 'branch-07.local' },
      consoleUrl: () => world.url,
      clock,
      menu,
      log: jsonLog(
        () => {},
        'error',
        () => wallMs(0),
      ),
    })
  return { world, serve, clock, socket: join(folder, 'screen.sock') }
}

const alert = (severity: RaisedAlert['severity']): RaisedAlert => ({
  key: severity,
  severity,
  sentence: `It is a ${severity}.`,
  remedy: '',
  since: wallMs(0),
})

describe('what the gateway tells the screen', () => {
  it('is for the group, says the claim code while there is one, and the worst trouble', async () => {
    const { world, serve, socket } = box()
    await using _ = await serve()
    assert.equal(statSync(socket).mode & 0o777, 0o660)
    const first = await askGateway(socket)
    assert.deepEqual([first?.claimCode, first?.state, first?.trouble], ['ABCD2345', 'unclaimed', ''])
    assert.deepEqual(first?.console, { port: 443, isSecure: true })
    world.claim = { kind: 'claimed' }
    world.url = ''
    world.alerts = [alert('notice'), alert('alarm'), alert('warning')]
    const second = await askGateway(socket)
    assert.deepEqual([second?.claimCode, second?.console], [undefined, undefined])
    assert.deepEqual([second?.state, second?.trouble], ['trouble', 'It is a alarm.'])
    world.alerts = [alert('warning'), { ...alert('alarm'), key: 'card-read-only' }]
    assert.equal((await askGateway(socket))?.state, 'no-storage', 'the word of the lamp')
  })

  it('is nothing where it does not run', async () =>
    assert.equal(await askGateway(join(folder, 'screen.sock')), undefined))
})

describe('what the keyboard asks the gateway', () => {
  const administrator = (name: string, password: string) =>
    ({ kind: 'prove', proof: { kind: 'administrator', name, password } }) as const
  const code = (typed: string) => ({ kind: 'prove', proof: { kind: 'claim-code', code: typed } }) as const

  it('is answered to who typed the claim code, as long as it is one', async () => {
    const { world, serve, socket } = box()
    await using _ = await serve()
    using talk = new GatewayTalk(socket)
    assert.equal((await talk.ask({ kind: 'show' })).kind, 'closed')
    assert.deepEqual(await talk.ask(code('ABCD2346')), {
      kind: 'refused',
      reason: 'The claim code is another one.',
      fields: [],
    })
    assert.equal((await talk.ask({ kind: 'keep' })).kind, 'closed')
    assert.deepEqual(await talk.ask(code('ABCD2345')), {
      kind: 'done',
      network: { ways: ['cable'], settings: null, trial: null },
    })
    await talk.ask({ kind: 'try', network: { method: 'dhcp' } })
    await talk.ask({ kind: 'keep' })
    world.claim = { kind: 'claimed' }
    assert.equal((await talk.ask({ kind: 'undo' })).kind, 'closed')
    assert.deepEqual(world.asked, [
      'the claim code at the screen: opened the network menu',
      'the claim code at the screen: {"method":"dhcp"}',
      'the claim code at the screen: keep ""',
    ])
    assert.equal((await talk.ask(code('ABCD2345'))).kind, 'closed')
  })

  it('is answered to an administrator of a claimed box, on this connection, with this password', async () => {
    const { world, serve, socket } = box()
    world.claim = { kind: 'claimed' }
    await using _ = await serve()
    using talk = new GatewayTalk(socket)
    const wrong = await talk.ask(administrator('anna', 'wrong'))
    assert.match(JSON.stringify(wrong), /Name or password is wrong/)
    assert.match(
      JSON.stringify(await talk.ask(administrator('bert', 'a good password'))),
      /bert is a viewer: the network is an administrator's/,
    )
    assert.equal((await talk.ask(administrator('anna', 'a good password'))).kind, 'done')
    using another = new GatewayTalk(socket)
    assert.equal((await another.ask({ kind: 'keep' })).kind, 'closed')
    assert.equal((await talk.ask({ kind: 'show' })).kind, 'done')
    world.mark = 'second'
    assert.equal((await talk.ask({ kind: 'keep' })).kind, 'closed')
    assert.deepEqual(world.asked, ['anna at the screen: opened the network menu'])
  })

  it('says at which line the settings are wrong, and that a machine has no service for them', async () => {
    const { world, serve, socket } = box()
    await using _ = await serve()
    using talk = new GatewayTalk(socket)
    await talk.ask(code('ABCD2345'))
    const fields = [{ field: 'address', sentence: 'is required with method = "static"' }]
    world.tried = { kind: 'refused', reason: 'wrong', trouble: { why: 'invalid', fields } }
    assert.deepEqual(await talk.ask({ kind: 'try', network: { method: 'static' } }), {
      kind: 'refused',
      reason: 'wrong',
      fields,
    })
    world.sheet = { ...world.sheet, machine: { kind: 'unknown', reason: '' } }
    assert.match(JSON.stringify(await talk.ask({ kind: 'show' })), /whoever set it up does that/)
  })

  it('is slower after twenty guesses, whoever makes them on however many connections', async () => {
    const { serve, socket, clock } = box()
    await using _ = await serve()
    for (let n = 0; n < 20; n += 1) {
      using talk = new GatewayTalk(socket)
      assert.match(JSON.stringify(await talk.ask(code(`ABCD23${n}`))), /another one/)
    }
    using talk = new GatewayTalk(socket)
    assert.match(JSON.stringify(await talk.ask(code('ABCD2345'))), /Too many wrong ones/)
    await clock.jump(4000)
    assert.equal((await talk.ask(code('ABCD2345'))).kind, 'done')
  })

  it('is nothing that the gateway does not know', async () => {
    const { serve, socket, world } = box()
    await using _ = await serve()
    for (const said of [
      'x\n',
      '[]\n',
      '{"kind":"apply"}\n',
      '{"kind":"prove","proof":{"kind":"claim-code"}}\n',
    ]) {
      const client = connect(socket)
      client.write(said)
      const [answer] = await once(client.setEncoding('utf8'), 'data')
      assert.match(String(answer), /does not understand its screen/)
      client.destroy()
    }
    const flood = connect(socket)
    flood.on('error', () => {})
    flood.write('x'.repeat(100_000))
    await new Promise((resolve) => flood.on('close', resolve))
    assert.deepEqual(world.asked, [])
  })
})

describe('what the screen sees of the network', () => {
  it('is links with a port or an address, the router, and the DNS servers behind the resolver', async () => {
    const seen = kernel({
      'sys/class/net/eth0/carrier': '1\n',
      'sys/class/net/wlan0/carrier': '0\n',
      'sys/class/net/docker0/carrier': '0\n',
      'sys/class/net/lo/carrier': '1\n',
      'proc/net/route': 'Iface\tDestination\tGateway\neth0\t00000000\t0107A8C0\t0003\n',
      'etc/resolv.conf': 'nameserver 127.0.0.53\n',
      'run/systemd/resolve/resolv.conf': 'nameserver 192.168.7.1\nnameserver fd00:7::1\n',
      'sys/devices/nic/vendor': '',
    })
    for (const link of ['eth0/device', 'wlan0/device', 'wlan0/phy80211'])
      symlinkSync(join(folder, 'sys/devices/nic'), join(folder, 'sys/class/net', link))
    const addresses = { eth0: ['fe80::1', 'fd00:7::5', '192.168.7.5'], wlan0: ['169.254.9.9'] }
    const given = Object.entries(addresses).map(([name, its]) => [name, its.map((address) => ({ address }))])
    assert.deepEqual(await lookAtNetwork(seen, () => Object.fromEntries(given)), {
      links: [
        { name: 'eth0', isRadio: false, hasCarrier: true, addresses: ['192.168.7.5', 'fd00:7::5'] },
        { name: 'wlan0', isRadio: true, hasCarrier: false, addresses: [] },
      ],
      gateway: '192.168.7.1',
      nameServers: ['192.168.7.1', 'fd00:7::1'],
    })
  })

  it('is a router by IPv6 where there is no other', async () => {
    const zeros = '0'.repeat(32)
    const seen = kernel({
      'proc/net/ipv6_route': `${zeros} 00 ${zeros} 00 fe80000000000000021122fffe334455 00000400 eth0\n`,
    })
    assert.equal((await lookAtNetwork(seen, () => ({}))).gateway, 'fe80::211:22ff:fe33:4455')
  })
})

describe('the screen', () => {
  it('is looked for at the connectors, where a machine has some', async () => {
    assert.equal(await hasScreen(new KernelFiles(folder)), true)
    const dark = kernel({ 'sys/class/drm/card0-HDMI-A-1/status': 'disconnected\n' })
    assert.equal(await hasScreen(dark), false)
    const lit = kernel({ 'sys/class/drm/card0-HDMI-A-2/status': 'connected\n' })
    assert.equal(await hasScreen(lit), true)
  })

  it('is drawn on a real terminal, and anew when the box was claimed', { timeout: 60_000 }, async () => {
    const { world, serve, socket } = box()
    await using _ = await serve()
    // util-linux script(1) makes a terminal of 80 by 25.
    const program = join(import.meta.dirname, 'main.ts')
    const command = `stty cols 80 rows 25; exec '${process.execPath}' --no-warnings '${program}' '${socket}' '${folder}'`
    const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    let shown = ''
    const shows = async (text: string): Promise<void> => {
      for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
        shown += String(piece)
        if (shown.includes(text)) return
      }
      assert.fail(`the screen ended without ${text}: ${shown}`)
    }
    child.stdout.setEncoding('utf8')
    await shows('ABCD-2345')
    assert.ok(shown.startsWith(`${hideCursor}\u001b[H\u001b[Kinkpost branch-07 `), shown)
    world.claim = { kind: 'claimed' }
    world.alerts = [alert('warning')]
    shown = ''
    await shows('NEEDS ATTENTION')
    assert.doesNotMatch(shown, /Claim code/)
    child.kill('SIGTERM')
    await ended
  })
})
