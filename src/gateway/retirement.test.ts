import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  acsTraits,
  type Bench,
  bench,
  indeterminate,
  paused,
  setupOf,
  transient,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import { minute } from '../core/time.ts'
import { releaseRetired } from './retirement.ts'

const anna = 'anna@contoso.com'
const acs = upstreamSetup('acs')
const others = setupOf([upstreamSetup('smarthost')])

/** The bench in the place of the settings: what is released. */
async function release(box: Bench): Promise<void> {
  await releaseRetired({
    spool: box.spool,
    delivery: box.delivery,
    settings: {
      retired: () => box.retired,
      release: (name) => {
        box.retired = box.retired.filter((upstream) => upstream.name !== name)
      },
    },
  })
}

const names = async (box: Bench): Promise<readonly string[]> =>
  box.delivery.status(await box.spool.counts()).map(({ name, state }) => `${name} ${state}`)

describe('an upstream that left the setup', () => {
  it('goes with its pauses and alerts when nothing names it', async () => {
    await using box = await bench(setupOf([acs]))
    box.way('acs').answer = () => paused()
    const id = await box.submit([anna])
    await box.rest()
    box.retired = [acs]
    await box.apply(others)
    await box.until(async () => (await box.only(id)).state === 'accepted', 'sent another way')
    assert.deepEqual(await names(box), ['acs retired', 'smarthost ready'])
    await box.until(() => box.way('acs').disposals === 1, 'its driver was replaced')
    await release(box)
    assert.deepEqual(await names(box), ['smarthost ready'])
    assert.deepEqual([box.retired, box.alerts.keys, await box.spool.pauses()], [[], [], []])
    assert.equal(box.way('acs').disposals, 2)
  })

  it('stays while the fate of a mail is to be asked there', async () => {
    await using box = await bench(setupOf([acs]), { traits: { acs: acsTraits } })
    const way = box.way('acs')
    way.answer = () => indeterminate
    way.answerAsk = () => transient('denied')
    const id = await box.submit([anna])
    await box.rest()
    box.retired = [acs]
    await box.apply(others)
    await release(box)
    assert.deepEqual(await names(box), ['acs retired', 'smarthost ready'])
    way.answerAsk = () => ({ kind: 'accepted', reference: 'ref' })
    await box.pass(10 * minute, minute)
    assert.deepEqual(await box.states(id), ['accepted'])
    await release(box)
    assert.deepEqual(await names(box), ['smarthost ready'])
  })

  it('stays if it is in the setup again', async () => {
    await using box = await bench(setupOf([acs]))
    box.retired = [acs]
    await release(box)
    assert.deepEqual(await names(box), ['acs ready'])
  })
})
