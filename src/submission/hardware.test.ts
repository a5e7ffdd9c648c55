import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { address, device, setup } from '../../test/submission/setup.ts'
import { until } from '../../test/submission/until.ts'
import type { Hardware } from '../platform/neighbours.ts'

const mac = '00:1b:a9:33:44:55'
const panel = device('Panel', { addresses: ['127.0.0.2'], mac, sender: address('panel@contoso.com') })

/** A neighbour table that says this, and how often it was asked. */
function table(hardware: Hardware | Promise<Hardware>) {
  const asked: string[] = []
  const hardwareAt = (at: string): Promise<Hardware> => {
    asked.push(at)
    return Promise.resolve(hardware)
  }
  return { asked, hardwareAt }
}

const mail = (code: string): string => `
  S: 220 *
  C: HELO a
  S: 250 *
  C: MAIL FROM:<a@b.test>
  S: ${code} *`

describe('a device known by its hardware address', () => {
  it('is taken by its address where the neighbour table agrees', async () => {
    const neighbours = table({ kind: 'known', mac })
    await using rig = await Rig.open({ setup: setup({ devices: [panel] }), neighbours })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await peer.play(mail('250'))
    assert.deepEqual(neighbours.asked, ['127.0.0.2'])
  })

  it('is not taken where another box has its address, and the session says so', async () => {
    const neighbours = table({ kind: 'known', mac: '00:1b:a9:00:00:01' })
    await using rig = await Rig.open({ setup: setup({ devices: [panel] }), neighbours })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await peer.play(mail('554'))
    assert.ok(
      rig.submission
        .sessions()[0]
        ?.lines.some(
          ({ text }) =>
            text === `not taken for Panel: its hardware address is ${mac}, this one is 00:1b:a9:00:00:01`,
        ),
    )
  })

  it('costs nobody else a question', async () => {
    const neighbours = table({ kind: 'unknown' })
    await using rig = await Rig.open({ setup: setup({ devices: [{ ...panel, mac: '' }] }), neighbours })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await peer.play(mail('250'))
    assert.deepEqual(neighbours.asked, [])
  })

  it('does not hold up a stop while the table is asked', async () => {
    const answer = Promise.withResolvers<Hardware>()
    const neighbours = table(answer.promise)
    await using rig = await Rig.open({ setup: setup({ devices: [panel] }), neighbours })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await until(() => neighbours.asked.length > 0)
    await rig.submission.stop(new AbortController().signal)
    answer.resolve({ kind: 'known', mac })
    await peer.closed()
    await until(() => rig.submission.openConnections() === 0)
  })
})
