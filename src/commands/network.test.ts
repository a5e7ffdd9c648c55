import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../test/gateway-process.ts'
import { serveControl } from '../console/control-socket.ts'
import type { Operations } from '../core/operations.ts'
import type { Call } from './call.ts'
import { keepNetwork, setClock, tryNetwork } from './network.ts'
import { operationsDouble } from './operations-double.fixture.ts'
import { testWorld } from './test-world.fixture.ts'

async function onDouble(
  play: (call: Call, asked: readonly (readonly unknown[])[]) => Promise<void>,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  using folder = temporaryFolder()
  const { operations, asked } = operationsDouble()
  const path = join(folder.path, 'control.sock')
  const served = await serveControl({ path, operations: operations as Operations, log: { write() {} } })
  assert.ok(served.kind === 'open')
  try {
    await play({ world: { ...testWorld(), environment }, dataDir: folder.path, json: false }, asked)
  } finally {
    await served[Symbol.asyncDispose]()
  }
}

describe('the network by command', () => {
  it('changes the keys that are named, and leaves secrets as they are', () =>
    onDouble(async (call, asked) => {
      const words = [
        'method=static',
        'address=192.168.7.9/24',
        'dns=["192.168.7.1"]',
        'wifi.ssid=lab',
        'vlan=',
      ]
      assert.deepEqual(await tryNetwork(call, words, false), { kind: 'done' })
      const tried = asked.find(([name]) => name === 'tryNetwork')
      assert.deepEqual(tried?.[1], {
        method: 'static',
        address: '192.168.7.9/24',
        dns: ['192.168.7.1'],
        wifi: { ssid: 'lab', passphrase: '(kept)', country: 'DE' },
      })
    }))

  it('goes back to what the machine came with', () =>
    onDouble(async (call, asked) => {
      assert.deepEqual(await tryNetwork(call, [], true), { kind: 'done' })
      assert.equal(asked.find(([name]) => name === 'tryNetwork')?.[1], null)
    }))

  it('names what is wrong with its arguments', () =>
    onDouble(async (call) => {
      for (const [words, isOwn] of [
        [['static'], false],
        [[], false],
        [['method=dhcp'], true],
      ] as const)
        assert.equal((await tryNetwork(call, words, isOwn)).kind, 'wrong')
      assert.equal((await setClock(call, undefined)).kind, 'wrong')
    }))

  it('says over SSH by which address it is kept', () =>
    onDouble(
      async (call) => {
        const kept = await keepNetwork(call)
        assert.deepEqual(kept, {
          kind: 'failed',
          reason: 'say so through the new address of the box: 192.168.7.10',
        })
      },
      { SSH_CONNECTION: '192.168.7.1 50000 192.168.7.9 22' },
    ))
})
