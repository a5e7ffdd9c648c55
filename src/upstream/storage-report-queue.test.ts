import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { wallMs } from '../core/time.ts'
import { exampleHouse, exampleSetup } from './example-consignment.fixture.ts'
import { createReportQueue } from './storage-report-queue.ts'

const app = { kind: 'client-certificate', certificateFile: '', expires: '' } as const
const reportsQueue = 'https://contoso.queue.core.windows.net/acs-reports'

describe('the queue of delivery reports', () => {
  const cases = [
    ['is asked by the app of the way out', { tenantId: 't', clientId: 'c' }, true],
    ['is asked by nobody while the app is not known yet', { tenantId: '', clientId: '' }, false],
    ['is asked by nobody while half of it is known', { tenantId: 't', clientId: '' }, false],
  ] as const
  for (const [name, ids, isAsked] of cases) {
    it(name, async () => {
      const clock = new JumpingClock(wallMs(Date.now()))
      using house = exampleHouse({ clock })
      const setup = exampleSetup({ reportsQueue, enabled: false, credential: { ...app, ...ids } })
      const queue = createReportQueue(setup, { clock, tokens: house.tokens, gateway: house.gateway })
      assert.equal(queue !== undefined, isAsked)
      await queue?.[Symbol.asyncDispose]()
    })
  }
})
