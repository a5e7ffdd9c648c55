import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../core/outcome.ts'
import { blame } from './acs-blame.ts'
import { address } from './example-consignment.fixture.ts'

const recipients = ['anna@contoso.com', 'ana@contoso.com', 'bob@contoso.com'].map((text, index) => ({
  number: index + 1,
  address: address(text),
}))

const refusal = (detail: string): Outcome => ({
  kind: 'permanent',
  scope: 'message',
  code: 'BadRequest',
  status: '5.6.0',
  detail,
  elsewhere: false,
})

const kinds = (outcome: Outcome): readonly string[] =>
  [...blame(outcome, recipients).values()].map((one) => (one.kind === 'permanent' ? one.scope : one.kind))

describe('a refusal of several recipients', () => {
  it('falls on the one it names, in any case and before a full stop', () => {
    assert.deepEqual(kinds(refusal("Invalid address 'Ana@contoso.com'.")), [
      'transient',
      'recipient',
      'transient',
    ])
    assert.deepEqual(kinds(refusal('Not deliverable: bob@contoso.com.')), [
      'transient',
      'transient',
      'recipient',
    ])
  })

  it('falls on all where it names nobody, or everybody', () => {
    assert.deepEqual(kinds(refusal('Bad request')), ['message', 'message', 'message'])
    const everybody = recipients.map(({ address: one }) => one).join(' ')
    assert.deepEqual(kinds(refusal(everybody)), ['message', 'message', 'message'])
  })

  it('is no matter where it is not final', () => {
    const accepted: Outcome = { kind: 'accepted', reference: 'anna@contoso.com' }
    assert.deepEqual(kinds(accepted), ['accepted', 'accepted', 'accepted'])
  })
})
