// What people do by hand to ways out and mail, with and without a running gateway.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Operations } from '../../src/core/operations.ts'
import { wallMs } from '../../src/core/time.ts'
import { openStores } from '../../src/gateway/boot.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "hub"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[[upstream]]
name = "direct"
kind = "exchange-direct"
host = "contoso-com.mail.protection.outlook.com"
accepted_domains = ["contoso.com"]
`
const who = 'anna'
const clock = () => new RunningClock(wallMs(Date.now()))

async function upstreamOf(operations: Operations, name: string) {
  return (await operations.status()).upstreams.find((view) => view.name === name) ?? assert.fail(name)
}
/** What anna did, oldest first. */
const doneBy = async (operations: Operations) =>
  (await operations.audit(50))
    .filter((entry) => entry.who === who)
    .map(({ what }) => what)
    .reverse()

describe('by hand', () => {
  it('leaves who and what in the audit', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, setup, { clock: clock() })
    const { operations } = gateway
    // Or a retry would be on its way there when it is to be held.
    await operations.pause('direct', 'another')
    assert.deepEqual(await operations.resume('hub', who), { kind: 'done', isChanged: false })
    assert.deepEqual(await operations.pause('hub', who), { kind: 'done', isChanged: true })
    assert.deepEqual(await operations.pause('hub', who), { kind: 'done', isChanged: false })
    const { id } = await gateway.send({ to: ['anna@contoso.com', 'bert@contoso.com'] })
    await gateway.messageIs(id, 'deferred')
    for (const action of ['retry', 'hold', 'release'] as const) await operations.act(action, `${id}/1`, who)
    await operations.act('drop', id, who)
    await operations.act('drop', id, who)
    await operations.resume('hub', who)
    await operations.pause('nobody', who)
    assert.deepEqual(await doneBy(operations), [
      'upstream "hub": paused by hand',
      `queue: retry ${id}/1 (1 delivery)`,
      `queue: hold ${id}/1 (1 delivery)`,
      `queue: release ${id}/1 (1 delivery)`,
      `queue: drop ${id} (2 deliveries)`,
      'upstream "hub": resumed by hand',
    ])
  })

  it('shows every way out, running or not', async () => {
    using folder = temporaryFolder()
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, { clock: clock() })
      const { upstreams } = await gateway.operations.status()
      assert.deepEqual(
        upstreams.map(({ name, state }) => [name, state]),
        [
          ['hub', 'ready'],
          ['direct', 'ready'],
        ],
      )
    }
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.equal((await upstreamOf(offline, 'direct')).state, 'not running')
    assert.equal((await upstreamOf(offline, 'hub')).state, 'not running')
  })
})

describe('pauses while no gateway runs', () => {
  it('are made with their alert, found by the gateway, lifted with it', async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    await (await GatewayInProcess.start(folder.path, setup, { clock: clock() }))[Symbol.asyncDispose]()
    {
      await using offline = await openOffline(data)
      assert.equal((await offline.pause('nobody', who)).kind, 'refused')
      assert.equal((await offline.resume('nobody', who)).kind, 'refused')
      assert.deepEqual(await offline.resume('hub', who), { kind: 'done', isChanged: false })
      assert.deepEqual(await offline.pause('hub', who), { kind: 'done', isChanged: true })
      assert.deepEqual(await offline.pause('hub', who), { kind: 'done', isChanged: false })
      assert.equal((await upstreamOf(offline, 'hub')).state, 'paused')
      assert.deepEqual(await doneBy(offline), ['upstream "hub": paused by hand'])
    }
    {
      await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
      assert.equal((await gateway.upstream('hub')).state, 'paused')
      const { alerts } = await gateway.operations.status()
      assert.deepEqual(
        alerts.map(({ key, severity }) => [key, severity]),
        [['upstream-paused/hub', 'notice']],
      )
    }
    await using offline = await openOffline(data)
    await offline.resume('hub', who)
    const { alerts } = await offline.status()
    assert.deepEqual([(await upstreamOf(offline, 'hub')).state, alerts], ['not running', []])
  })

  it('of a single sender are told with it, and lifted too', async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    await (await GatewayInProcess.start(folder.path, setup, { clock: clock() }))[Symbol.asyncDispose]()
    {
      await using stores = await openStores({ dataDir: data, profile: 'checkout', clock: clock() })
      await stores.spool.setPause({
        upstream: 'hub',
        sender: 'scanner@contoso.com',
        code: 'sender-refused',
        reason: 'the sender is not linked',
        remedy: 'Link it.',
        mayProbe: true,
        since: wallMs(1),
        byOperator: false,
        nextProbeAt: wallMs(2),
        probes: 1,
      })
    }
    await using offline = await openOffline(data)
    const { state, reason } = await upstreamOf(offline, 'hub')
    assert.deepEqual([state, reason], ['paused', 'scanner@contoso.com: the sender is not linked'])
    await offline.pause('hub', who)
    assert.equal((await upstreamOf(offline, 'hub')).reason, 'paused by hand')
    await offline.resume('hub', who)
    assert.equal((await upstreamOf(offline, 'hub')).state, 'not running')
  })
})
