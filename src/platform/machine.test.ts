import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { machine } from './machine.ts'

describe('machine', () => {
  it('is asked once, and says nothing rather than a template', async () => {
    const first = machine()
    assert.equal(machine(), first)
    const { manufacturer, model, serial } = await first
    for (const text of [manufacturer, model, serial]) {
      assert.equal(text, text.trim())
      assert.doesNotMatch(text, /^(-|default string|to be filled)/i)
    }
  })
})
