import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readBoxAnswer } from './box-answer.ts'

const nothing = { name: '', version: '', alarms: 0, warnings: 0, waiting: 0, paused: 0 }

describe('the answer of another box', () => {
  it('is what is shown of it, and no more', () => {
    const box = { name: 'branch-07', version: '1.2.0', alarms: 1, warnings: 2, waiting: 3, paused: 4 }
    const said = { box, state: 'current', managed: { serial: 12, fleet: 'contoso' }, published: 12 }
    assert.deepEqual(readBoxAnswer(JSON.stringify(said)), { box, state: 'current', serial: 12 })
  })

  it('shows as nothing where it does not fit', () => {
    const box = { name: '\u001b[31m', version: ['1'], alarms: '\u001b]0;', warnings: -1, waiting: 1e300 }
    const said = { box, state: 'wonderful', managed: { serial: 'twelve' } }
    assert.deepEqual(readBoxAnswer(JSON.stringify(said)), { box: nothing, state: 'off', serial: 0 })
    assert.deepEqual(readBoxAnswer('{"box":{}}'), { box: nothing, state: 'off', serial: 0 })
  })

  it('is none where no box says that', () => {
    for (const text of ['', '[]', '{}', '{"box":1}', '<html>'])
      assert.equal(readBoxAnswer(text), undefined, text)
  })
})
