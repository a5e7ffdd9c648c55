import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Log } from '../core/log.ts'
import { second } from '../core/time.ts'
import { friendlyLog } from './friendly-log.ts'
import type { GatewayOptions, RunningGateway } from './gateway-module.ts'
import { exampleNow, operationsDouble } from './operations-double.fixture.ts'
import { runCommandLine } from './program.ts'
import { gatewayModule, startRefused, testWorld } from './test-world.fixture.ts'

const starttls = { security: 'starttls', protocol: 'smtp' } as const
const listeners = [{ name: 'submission', address: '127.0.0.1', port: 2525, ...starttls }]
const facts = {
  listeners,
  console: 'http://127.0.0.1:8025',
  example: { name: 'Example printer', username: 'h7k2m', password: '12345678', sender: undefined },
}

/** A gateway that is ready at once, says one thing, and ends when `end` resolves. */
function gatewayDouble(end: () => Promise<void> = async () => {}) {
  const started = Promise.withResolvers<GatewayOptions>()
  const failed = Promise.withResolvers<Error>()
  let isDisposed = false
  const module = gatewayModule({
    async startGateway(options) {
      options.log.write('info', 'accepted', { message: '7', device: 'Example printer', size: 1234 })
      options.onReady(facts)
      setImmediate(() => started.resolve(options))
      return {
        operations: operationsDouble().operations,
        failed: failed.promise,
        again: new Promise(() => {}),
        async [Symbol.asyncDispose]() {
          await end()
          isDisposed = true
        },
      }
    },
  })
  return { module, started: started.promise, fail: failed.resolve, isDisposed: () => isDisposed }
}

const line = ['--data', '/data', 'serve']

describe('serve', () => {
  it('prints one ready line with what listens, and logs JSON lines', async () => {
    const { module, started, isDisposed } = gatewayDouble()
    const world = testWorld({
      loadGateway: async () => module,
      environment: { INKPOST_SETUP: '/boot/inkpost.toml' },
    })
    const running = runCommandLine(line, world)
    const { dataDir, setupFile, withExample } = await started
    assert.deepEqual([dataDir, setupFile, withExample], ['/data', '/boot/inkpost.toml', false])
    world.signal()
    assert.equal(await running, 0)
    assert.equal(
      world.written.out,
      '{"event":"ready","listeners":[{"name":"submission","address":"127.0.0.1","port":2525}],"console":"http://127.0.0.1:8025"}\n',
    )
    assert.deepEqual(JSON.parse(world.written.err), {
      at: new Date(exampleNow).toISOString(),
      level: 'info',
      event: 'accepted',
      message: '7',
      device: 'Example printer',
      size: 1234,
    })
    assert.ok(isDisposed())
  })

  it('looks for a first setup document on the boot partition, where it may be absent; a named one goes first', async () => {
    const rows = [
      [{ INKPOST_BOOT: '/boot' }, '/boot/inkpost.toml', true],
      [{ INKPOST_BOOT: '/boot', INKPOST_SETUP: '/etc/a.toml' }, '/etc/a.toml', false],
      [{}, undefined, false],
    ] as const
    for (const [environment, file, mayBeAbsent] of rows) {
      const { module, started } = gatewayDouble()
      const world = testWorld({ loadGateway: async () => module, environment })
      const running = runCommandLine(line, world)
      const { setupFile, maySetupBeAbsent } = await started
      assert.deepEqual([setupFile, maySetupBeAbsent], [file, mayBeAbsent])
      world.signal()
      assert.equal(await running, 0)
    }
  })

  it('ends with status 1 when the gateway cannot go on, even if it cannot be closed', async () => {
    const { module, started, fail } = gatewayDouble(() => Promise.reject(new Error('gone')))
    const world = testWorld({ loadGateway: async () => module })
    const running = runCommandLine(line, world)
    await started
    fail(new Error('a thread of the spool failed'))
    assert.equal(await running, 1)
    assert.match(world.written.err, /a thread of the spool failed: the gateway has to be started again/)
  })

  it('tells a person what to type, where the console is and how to send a first mail', async () => {
    const { module, started } = gatewayDouble()
    const world = testWorld({ loadGateway: async () => module })
    const running = runCommandLine([...line, '--welcome'], world)
    assert.equal((await started).withExample, true)
    world.signal()
    assert.equal(await running, 0)
    const { err } = world.written
    assert.match(err, /^Example printer sent a mail \(1 KB\) → message 7$/m)
    assert.match(err, /User name {2}h7k2m/)
    assert.match(err, /^The console: http:\/\/127\.0\.0\.1:8025\nIts claim code: ABCD2345$/m)
    assert.match(err, /^curl -sS smtp:\/\/127\.0\.0\.1:2525 /m)
  })

  it('says in one line why it could not start, and exits 1', async () => {
    const world = testWorld({
      loadGateway: async () =>
        gatewayModule({ startGateway: () => Promise.reject(startRefused('another gateway holds /data')) }),
    })
    assert.equal(await runCommandLine(line, world), 1)
    assert.equal(world.written.err, 'inkpost: another gateway holds /data\n')
  })

  it('stays where storage is missing, if it is told so or supervised, and goes on when it is there', async () => {
    const missing = startRefused('/data can not be written', false, true)
    for (const [words, environment] of [
      [[...line, '--stay'], {}],
      [line, { NOTIFY_SOCKET: '/nowhere' }],
    ] as const) {
      const { module, started, isDisposed } = gatewayDouble()
      let starts = 0
      const reasons: string[] = []
      const world = testWorld({
        environment,
        loadGateway: async () =>
          gatewayModule({
            startGateway: (options) => {
              starts += 1
              return starts === 1 ? Promise.reject(missing) : module.startGateway(options)
            },
            async standIn({ reason }) {
              reasons.push(reason)
              return 'again'
            },
          }),
      })
      const running = runCommandLine(words, world)
      await started
      world.signal()
      assert.equal(await running, 0)
      assert.deepEqual([starts, reasons, isDisposed()], [2, ['/data can not be written'], true])
    }
    const alone = testWorld({
      loadGateway: async () => gatewayModule({ startGateway: () => Promise.reject(missing) }),
    })
    assert.equal(await runCommandLine(line, alone), 1)
  })

  it('exits 2 where its first setup document is wrong', async () => {
    const refused = startRefused('/boot/inkpost.toml is not there', true)
    const world = testWorld({
      loadGateway: async () => gatewayModule({ startGateway: () => Promise.reject(refused) }),
    })
    assert.equal(await runCommandLine(line, world), 2)
    assert.equal(world.written.err, 'inkpost: /boot/inkpost.toml is not there\n')
  })

  it('does not wait for the end when it is told twice', async () => {
    const never = Promise.withResolvers<void>()
    const { module, started } = gatewayDouble(() => never.promise)
    const world = testWorld({ loadGateway: async () => module })
    const running = runCommandLine(line, world)
    await started
    world.signal()
    world.signal()
    assert.deepEqual(world.exits, [1])
    never.resolve()
    assert.equal(await running, 0)
  })

  it('ends with 0 within ten seconds, whatever hangs', async () => {
    const clock = new JumpingClock(exampleNow)
    const { module, started } = gatewayDouble(() => new Promise(() => {}))
    const world = testWorld({ loadGateway: async () => module, clock })
    const running = runCommandLine(line, world)
    await started
    world.signal()
    await clock.jump(0)
    await clock.jump(9999)
    assert.equal(await running, 0)
    assert.match(world.written.err, /stopping took too long/)
  })
})

describe('serve, told to stop while it starts', () => {
  it('ends with 0 though the start never ends', async () => {
    const clock = new JumpingClock(exampleNow)
    const called = Promise.withResolvers<void>()
    const module = gatewayModule({
      startGateway() {
        called.resolve()
        return new Promise(() => {})
      },
    })
    const world = testWorld({ loadGateway: async () => module, clock })
    const running = runCommandLine(line, world)
    await called.promise
    world.signal()
    await clock.jump(0)
    await clock.jump(4 * second)
    assert.equal(await running, 0)
    assert.equal(world.written.err, 'inkpost: stopped before it was ready\n')
    assert.deepEqual(world.exits, [])
  })

  it('closes what has started meanwhile, within the same ten seconds', async () => {
    const clock = new JumpingClock(exampleNow)
    const called = Promise.withResolvers<void>()
    const starting = Promise.withResolvers<RunningGateway>()
    const module = gatewayModule({
      startGateway() {
        called.resolve()
        return starting.promise
      },
    })
    const world = testWorld({ loadGateway: async () => module, clock })
    const running = runCommandLine(line, world)
    await called.promise
    world.signal()
    await clock.jump(0)
    await clock.jump(2 * second)
    starting.resolve({
      operations: operationsDouble().operations,
      failed: new Promise(() => {}),
      again: new Promise(() => {}),
      [Symbol.asyncDispose]: () => new Promise(() => {}),
    })
    await clock.jump(0)
    await clock.jump(8 * second)
    assert.equal(await running, 0)
    assert.match(world.written.err, /stopping took too long/)
  })

  it('says why it could not start all the same', async () => {
    const called = Promise.withResolvers<void>()
    const starting = Promise.withResolvers<RunningGateway>()
    const module = gatewayModule({
      startGateway() {
        called.resolve()
        return starting.promise
      },
    })
    const world = testWorld({ loadGateway: async () => module })
    const running = runCommandLine(line, world)
    await called.promise
    world.signal()
    starting.reject(startRefused('the disk is full'))
    assert.equal(await running, 1)
    assert.equal(world.written.err, 'inkpost: the disk is full\n')
  })
})

describe('the log for a person', () => {
  const said = (work: (log: Log) => void): string => {
    let text = ''
    work(
      friendlyLog((each) => {
        text += each
      }),
    )
    return text
  }

  it('says what a device sent and what became of it', () => {
    const text = said((log) => {
      log.write('info', 'accepted', { message: '7', device: 'Front desk', size: 7_340_000, recipients: 3 })
      log.write('warn', 'delivery', {
        message: '7/2',
        upstream: 'acs',
        state: 'deferred',
        reason: 'timed out',
      })
      log.write('info', 'test-accepted', { message: '8', device: 'Front desk', size: 1200, files: ['a.pdf'] })
    })
    assert.equal(
      text,
      'Front desk sent a mail (7.3 MB) to 3 recipients → message 7\n' +
        'Message 7/2 → deferred: timed out (acs)\n' +
        'Front desk sent a test that stays here: a.pdf, 1 KB\n',
    )
  })

  it('says alerts as sentences, once', () => {
    const text = said((log) => {
      log.write('warn', 'upstream-paused', { upstream: 'acs' })
      log.write('warn', 'alert-raised', { severity: 'warning', sentence: 'acs is paused.' })
      log.write('info', 'alert-cleared', { sentence: 'acs is paused.' })
    })
    assert.equal(text, 'warning: acs is paused.\nOver: acs is paused.\n')
  })

  it('says everything else with its fields, but no details for programmers', () => {
    const text = said((log) => {
      log.write('warn', 'too-many-connections', { address: '10.0.0.7', listener: undefined })
      log.write('debug', 'anything')
    })
    assert.equal(text, 'warn: too many connections: address 10.0.0.7\n')
  })

  it('lets no device write to the terminal', () => {
    assert.equal(
      said((log) => log.write('info', 'accepted', { device: 'a\u001b[2Jb', message: '7' })).includes(
        '\u001b',
      ),
      false,
    )
  })
})
