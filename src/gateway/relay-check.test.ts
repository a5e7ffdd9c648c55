import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Alert } from '../core/alerts.ts'
import { checkRelay } from './relay-check.ts'

const raised = new Map<string, Alert>()
const alerts = {
  raise: (alert: Alert) => void raised.set(alert.key, alert),
  clear: (key: string) => void raised.delete(key),
  active: () => [],
}
const check = async (openings: () => Promise<readonly { readonly sentence: string }[]>) => {
  const log: string[] = []
  await checkRelay({
    submission: { openings },
    alerts,
    log: { write: (_level, event, fields) => log.push(`${event} ${JSON.stringify(fields)}`) },
  })
  return log
}

describe('the box’s question whether it is an open relay', () => {
  it('raises an alarm that names what is open, and clears it when that is cured', async () => {
    const openings = ['a', 'b', 'c', 'd', 'e'].map((sentence) => ({ sentence }))
    const log = await check(() => Promise.resolve(openings))
    const alert = raised.get('open-relay')
    assert.equal(alert?.severity, 'alarm')
    assert.match(alert.sentence, /those who should not: a; b; c; and 2 more, in the log\.$/)
    assert.equal(log.length, 5)
    assert.equal(log[4], 'open-relay {"sentence":"e"}')
    await check(() => Promise.resolve([]))
    assert.equal(raised.size, 0)
  })

  it('says in the log where it could not be answered', async () => {
    const log = await check(() => Promise.reject(new Error('no memory')))
    assert.deepEqual(log, ['relay-check-failed {"detail":"Error: no memory"}'])
  })
})
