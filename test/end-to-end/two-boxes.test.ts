// Two boxes with one identity in a LAN: the older one takes mail and sends none, until an administrator says otherwise.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { QueueRow } from '../../src/core/spool.ts'
import { wallMs } from '../../src/core/time.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { Lan } from '../lan.ts'
import { RunningClock } from '../running-clock.ts'
import { inkpost } from './command-line.ts'
import { plainBox } from './plain-box.ts'

const setup = (relay: SmtpUpstream, ca: string): string =>
  `${plainBox()}[[upstream]]\nname = "relay"\nkind = "smarthost"\nhost = "localhost"\nport = ${relay.port}\nca_file = "${ca}"\n[upstream.credential]\nkind = "none"\n`

const newer = 'a newer box with this identity is in the LAN'
const to = ['anna@contoso.com']

describe('a box that was replaced', () => {
  it('comes back and sends nothing, keeps what it takes, and goes on when it is told to', {
    timeout: 120_000,
  }, async () => {
    using folder = temporaryFolder()
    await using relay = await startSmtpUpstream()
    const ca = await relay.certificateAuthority.writeCa(folder.path)
    const lan = new Lan()
    const world = () => ({ clock: new RunningClock(wallMs(Date.now())), air: lan.open })
    const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')]
    {
      await using gateway = await GatewayInProcess.start(one, setup(relay, ca), world())
      await gateway.send({ to, subject: 'before' })
      await until('it is sent', () => relay.ledger.length === 1)
      await gateway.operations.pause('relay', 'anna')
      await gateway.send({ to, subject: 'on the card' })
    }
    cpSync(one, join(folder.path, 'card'), { recursive: true })
    const taken = inkpost(join(two, 'data'), {}, 'take-over', join(folder.path, 'card', 'data'))
    assert.equal(taken.code, 0, taken.stderr)
    await using younger = await GatewayInProcess.start(two, undefined, world())
    await younger.operations.resume('relay', 'anna')
    await until('the new one sends what was on the card', () => relay.ledger.length === 2)
    {
      await using older = await GatewayInProcess.start(one, undefined, world())
      const { reason, remedy } = await older.upstreamIs('relay', 'paused')
      await until('it has heard', async () => (await older.operations.identity()).stoodDown)
      assert.match(reason, /newer box with this identity/)
      assert.match(remedy, /./)
      const { id } = await older.send({ to, subject: 'to the old one' })
      const view = await until('it waits, and says why', async () => {
        const message = await older.message(id)
        return message.recipients[0]?.reason === newer && message
      })
      assert.equal(view.recipients[0]?.state, 'deferred')
      const { active } = await older.operations.alerts()
      assert.match(active.find(({ key }) => key === 'newer-box')?.sentence ?? '', /^Nothing is sent: /)
      const told = await until('the new one knows', async () =>
        (await younger.operations.alerts()).active.find(({ key }) => key === 'older-box'),
      )
      assert.match(told.sentence, /An older box with this identity is in the LAN/)
      assert.equal((await older.operations.resume('relay', 'anna')).kind, 'refused')
    }
    // Alone now, and still it sends nothing: the other one may be off for a minute only.
    const elsewhere = new Lan()
    await using older = await GatewayInProcess.start(one, undefined, { ...world(), air: elsewhere.open })
    assert.equal((await older.upstreamIs('relay', 'paused')).reason, newer)
    assert.equal(relay.ledger.length, 2)
    assert.equal((await older.operations.keepIdentity('anna')).kind, 'done')
    await older.operations.resume('relay', 'anna')
    await until('what waited goes', () => relay.ledger.length === 3)
    assert.equal((await older.operations.identity()).stoodDown, undefined)
    await until('only what was on the card too is left, and held', async () => {
      const [left, ...more] = await older.operations.queue({ all: false, limit: 9 })
      const reason = 'may already have been sent by the other box with this identity'
      return more.length === 0 && left?.state === 'held' && left.reason === reason
    })
    assert.equal((await older.operations.keepIdentity('anna')).kind, 'refused')
    const audit = await older.operations.audit(5)
    assert.match(JSON.stringify(audit), /this box is the one to stay \(generation 2\)/)
  })

  it('stops the newer one where an administrator said that it is the one to stay', {
    timeout: 120_000,
  }, async () => {
    using folder = temporaryFolder()
    await using relay = await startSmtpUpstream()
    const ca = await relay.certificateAuthority.writeCa(folder.path)
    const lan = new Lan()
    const world = () => ({ clock: new RunningClock(wallMs(Date.now())), air: lan.open })
    const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')]
    await (await GatewayInProcess.start(one, setup(relay, ca), world()))[Symbol.asyncDispose]()
    cpSync(one, two, { recursive: true })
    await using first = await GatewayInProcess.start(one, undefined, world())
    await using second = await GatewayInProcess.start(two, undefined, world())
    for (const each of [first, second])
      await until('each has heard its copy', async () => {
        const { stoodDown } = await each.operations.identity()
        return stoodDown?.reason.startsWith('a copy of this box is in the LAN')
      })
    assert.equal((await second.operations.keepIdentity('anna')).kind, 'done')
    await second.send({ to, subject: 'of the one that stays' })
    await until('it sends', () => relay.ledger.length === 1)
    assert.notEqual((await first.operations.identity()).stoodDown, undefined)
  })
})

/** Two network namespaces with a cable between them; both boxes have the address that printers hold. */
function cable() {
  const [one, two] = [`ink${process.pid}a`, `ink${process.pid}b`]
  const run = (script: string) => spawnSync('sh', ['-ec', script], { encoding: 'utf8' })
  const end = () => run(`ip netns del ${one}; ip netns del ${two}`)
  const made = run(`ip netns add ${one} && ip netns add ${two}
    ip link add eth0 netns ${one} type veth peer name eth0 netns ${two}
    for name in ${one} ${two}; do
      ip netns exec $name sysctl -qw net.ipv6.conf.eth0.accept_dad=0
      ip -n $name link set lo up && ip -n $name link set eth0 up && ip -n $name address add 10.9.9.7/24 dev eth0
    done`)
  if (made.status !== 0) end()
  return made.status === 0 ? { one, two, [Symbol.dispose]: end } : undefined
}

const hasCables = (() => {
  using found = cable()
  return found !== undefined
})()

describe('two boxes at a cable, with one IPv4 address', () => {
  it('hear each other all the same', {
    timeout: 120_000,
    ...(hasCables ? {} : { skip: 'needs root: ip netns' }),
  }, async () => {
    using folder = temporaryFolder()
    using wire = cable()
    assert.ok(wire)
    const [one, two] = [join(folder.path, 'one', 'data'), join(folder.path, 'two', 'data')]
    mkdirSync(one, { recursive: true })
    const within = (name: string) => ['ip', 'netns', 'exec', name]
    const text = plainBox().replace('address = "127.0.0.1"', 'address = "0.0.0.0"')
    const relay =
      '[[upstream]]\nname = "relay"\nkind = "smarthost"\nhost = "10.9.9.8"\n[upstream.credential]\nkind = "none"\n'
    await using older = await GatewayProcess.start(one, { setup: text + relay, under: within(wire.one) })
    const sends = await until('the first look is over', () => older.run('identity', 'status').stdout)
    assert.match(sends, /^This box sends\.$/m)
    cpSync(one, join(folder.path, 'card'), { recursive: true, filter: (path) => !/\.sock$|lock$/.test(path) })
    mkdirSync(join(folder.path, 'two'))
    const taken = inkpost(two, {}, 'take-over', join(folder.path, 'card'))
    assert.equal(taken.code, 0, taken.stderr)
    await using newerOne = await GatewayProcess.start(two, { under: within(wire.two) })
    await until('the older one stops', () =>
      /^Nothing is sent since/m.test(older.run('identity', 'status').stdout),
    )
    assert.match(newerOne.run('identity', 'status').stdout, /^Generation 1.*\nThis box sends\.$/m)
    const mail = [
      '--mail-from',
      'scanner@contoso.com',
      '--mail-rcpt',
      'anna@contoso.com',
      '-T',
      '/etc/hostname',
    ]
    const url = `smtp://127.0.0.1:${older.port('plain')}`
    const sent = spawnSync('ip', ['netns', 'exec', wire.one, 'curl', '-sS', url, ...mail], {
      encoding: 'utf8',
    })
    assert.equal(sent.status, 0, sent.stderr)
    await until('it says why it waits', () =>
      (older.ask('queue') as readonly QueueRow[]).some(({ reason }) => reason === newer),
    )
  })
})
