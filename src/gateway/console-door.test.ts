import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { setupOf } from '../../test/delivery-harness.ts'
import { ConsoleDoor } from './console-door.ts'

describe('a console whose address the machine lacks', () => {
  let own: readonly string[]
  let wanted: { readonly address: string; readonly port: number }
  let told: string[]
  let door: ConsoleDoor
  beforeEach(() => {
    own = ['192.168.7.5', '192.168.8.5']
    wanted = { address: '192.168.7.5', port: 8080 }
    told = []
    door = new ConsoleDoor({
      setup: () => ({ ...setupOf([]).console, ...wanted, tls: 'off' }),
      isHere: (address) => address === '::' || own.includes(address),
      instead: () => '::',
      identity: () => assert.fail('it is served without TLS'),
      serve: async ({ port }) => ({
        kind: 'open',
        port,
        secure: undefined,
        [Symbol.asyncDispose]: async () => {},
      }),
      serveExplanation: async () => assert.fail('only beside 443'),
      log: { write: (_level, event, { address } = {}) => void told.push(`${event} ${address}`) },
    })
  })

  it('is served elsewhere, also when the address goes while it is served there, and comes back', async () => {
    await door.follow()
    assert.equal(door.url, 'http://192.168.7.5:8080')
    own = ['192.168.7.9']
    await door.follow()
    assert.equal(door.url, 'http://[::]:8080')
    own = ['192.168.7.5']
    await door.follow()
    assert.equal(door.url, 'http://192.168.7.5:8080')
    own = []
    await door.follow()
    assert.deepEqual(told, ['console-failed 192.168.7.5', 'console-failed 192.168.7.5'], 'each time once')
  })

  it('stays where it can be reached, and follows all else that the settings say', async () => {
    await door.follow()
    wanted = { address: '192.0.2.1', port: 8080 }
    await door.follow()
    assert.equal(door.url, 'http://192.168.7.5:8080')
    wanted = { address: '192.0.2.1', port: 9090 }
    await door.follow()
    assert.equal(door.url, 'http://192.168.7.5:9090')
  })
})
