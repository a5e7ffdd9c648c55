import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { wallMs } from '../core/time.ts'
import { KernelNeighbourSearch } from './neighbour-search.ts'
import type { Hardware } from './neighbours.ts'

const known = { kind: 'known', mac: '00:26:73:00:00:01' } as const

/** Answers of the table in their order, and whom the search knocked at. */
function network(...answers: readonly Hardware[]) {
  const knocked: string[] = []
  const left = [...answers]
  const clock = new JumpingClock(wallMs(0))
  const search = new KernelNeighbourSearch({
    clock,
    neighbours: { hardwareAt: () => Promise.resolve(left.shift() ?? assert.fail('asked once more')) },
    knock: (address) => {
      knocked.push(address)
      return Promise.resolve()
    },
    table: () =>
      Promise.resolve(
        `IP address       HW type     Flags       HW address            Mask     Device
192.168.7.20     0x1         0x2         00:26:73:00:00:01     *        eth0
192.168.7.21     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.7.22     0x1         0x0         00:26:73:00:00:01     *        eth0
192.168.7.23     0x1         0x0         00:26:73:00:00:03     *        eth0
`,
      ),
  })
  const look = async (address: string): Promise<Hardware> => {
    const looking = search.look(address)
    for (let turns = 0; turns < 22; turns++) await clock.jump(500)
    return looking
  }
  return { search, knocked, look }
}

describe('looking for a neighbour', () => {
  it('does not believe an entry: it knocks, and looks again when the kernel has given up', async () => {
    const on = network(known, known)
    assert.deepEqual([await on.look('192.168.7.20'), on.knocked], [known, ['192.168.7.20']])
    const off = network(known, { kind: 'unknown' })
    assert.deepEqual([await off.look('192.168.7.20'), off.knocked], [{ kind: 'unknown' }, ['192.168.7.20']])
  })

  it('knocks once at an address that the table does not have, then asks again', async () => {
    const { look, knocked } = network({ kind: 'unknown' }, known)
    assert.deepEqual([await look('192.168.7.20'), knocked], [known, ['192.168.7.20']])
    const silent = network({ kind: 'unknown' }, { kind: 'unknown' })
    assert.deepEqual([await silent.look('192.168.7.20'), silent.knocked.length], [{ kind: 'unknown' }, 1])
  })

  it('sends nothing beyond the box’s own private networks', async () => {
    for (const [address, answer] of [
      ['192.168.9.20', { kind: 'routed' }],
      ['198.51.100.7', { kind: 'unknown' }],
      ['127.0.0.1', { kind: 'unknown' }],
    ] as const) {
      const { look, knocked } = network(answer)
      assert.deepEqual([await look(address), knocked], [answer, []])
    }
  })

  it('finds the address of a hardware address', async () => {
    const { search } = network()
    assert.deepEqual(await search.addressesOf('00:26:73:00:00:01'), ['192.168.7.20'])
    assert.deepEqual(await search.addressesOf('00:26:73:00:00:02'), [])
    assert.deepEqual(await search.addressesOf('00:26:73:00:00:03'), [], 'an entry that failed')
  })

  it('knocks by one datagram to the discard port', async (context) => {
    const server = createSocket('udp4')
    const heard = Promise.withResolvers<number>()
    server.on('message', (octets) => heard.resolve(octets.length))
    const bound = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.bind(9, '127.0.0.77', () => resolve(true))
    })
    if (!bound) return context.skip('port 9 needs root')
    const { sendOne } = await import('./neighbour-search.ts')
    await sendOne('127.0.0.77')
    assert.equal(await heard.promise, 1)
    server.close()
    await sendOne('127.0.0.78')
  })
})
