import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isAside, namesAfter, renamesBetween } from './device-renames.ts'
import type { SetupDocument } from './schema.ts'
import { emptyDocument } from './stored-document.ts'

/** Devices as `account: name`. */
const documentOf = (devices: Readonly<Record<string, string>>): SetupDocument => ({
  ...emptyDocument(),
  device: Object.entries(devices).map(([username, name]) => ({ ...row, username, name })),
})
const row = {} as SetupDocument['device'][number]

const renames = (before: Readonly<Record<string, string>>, next: Readonly<Record<string, string>>) =>
  renamesBetween(documentOf(before), documentOf(next))

describe('devices of a whole document', () => {
  it('are under another name where their account is', () => {
    assert.deepEqual(renames({ a: 'Panel', b: 'Desk' }, { a: 'Hall', b: 'Desk' }), [
      { from: 'Panel', to: 'Hall' },
    ])
  })

  it('take a name when it is free', () => {
    assert.deepEqual(renames({ a: 'Panel', b: 'Desk' }, { a: 'Desk', b: 'Hall' }), [
      { from: 'Desk', to: 'Hall' },
      { from: 'Panel', to: 'Desk' },
    ])
  })

  it('are not one with a device that is gone, whose name they take', () => {
    assert.deepEqual(renames({ a: 'Panel', b: 'Desk' }, { a: 'Desk' }), [])
  })

  it('leave their name to a new one', () => {
    assert.deepEqual(renames({ a: 'Panel' }, { a: 'Hall', c: 'Panel' }), [{ from: 'Panel', to: 'Hall' }])
  })

  it('each end up under their name of the document, in whatever circles', () => {
    const order = ['A', 'B', 'C', 'D', 'E', 'F']
    const shuffled = fc.shuffledSubarray(order, { minLength: order.length })
    fc.assert(
      fc.property(shuffled, (next) => {
        const accounts = Object.fromEntries(order.map((name, index) => [`account${index}`, name]))
        const wished = Object.fromEntries(next.map((name, index) => [`account${index}`, name]))
        const steps = renames(accounts, wished)
        // Histories by name, moved step by step; each remembers whose it is.
        const histories = new Map(order.map((name) => [name, name]))
        for (const { from, to } of steps) {
          assert.ok(!histories.has(to), `${to} is not free`)
          histories.set(to, histories.get(from) ?? assert.fail())
          histories.delete(from)
        }
        assert.deepEqual(
          new Map(next.map((name, index) => [name, order[index]])),
          new Map([...histories].sort(byPlaceIn(next))),
        )
        const names = namesAfter(steps)
        assert.deepEqual(
          order.map((name) => names.get(name) ?? name),
          next,
        )
        assert.ok([...names].flat().every((name) => !isAside(name)))
      }),
    )
  })
})

const byPlaceIn =
  (names: readonly string[]) =>
  ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
    names.indexOf(a) - names.indexOf(b)
