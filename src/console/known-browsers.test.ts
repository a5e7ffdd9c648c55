import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KnownBrowsers } from './known-browsers.ts'

/** Operators by name, each with the mark of their password. */
function browsers(people: Record<string, string>, key = new Uint8Array(32)) {
  return new KnownBrowsers({
    key: () => key,
    standing: (name) => {
      const mark = people[name.toLowerCase()]
      return mark === undefined ? undefined : { role: 'technician', mark }
    },
  })
}

describe('a browser in which somebody signed in', () => {
  it('is known for that operator, by a name of its own', () => {
    const known = browsers({ anna: 'first', bob: 'other' })
    const [one, other] = [known.mark('anna'), known.mark('anna')]
    const names = [known.nameOf(one, 'anna'), known.nameOf(other, 'Anna')]
    assert.match(names[0] ?? '', /^[\w-]{22}$/)
    assert.notEqual(names[0], names[1])
    assert.equal(known.nameOf(one, 'bob'), undefined)
    assert.equal(known.nameOf(one, 'nobody'), undefined)
  })

  it('is a stranger’s with another password, and with another key', () => {
    const people = { anna: 'first' }
    const known = browsers(people)
    const mark = known.mark('anna')
    assert.equal(browsers(people, new Uint8Array(32).fill(1)).nameOf(mark, 'anna'), undefined)
    people.anna = 'second'
    assert.equal(known.nameOf(mark, 'anna'), undefined)
  })

  it('shows a mark that nobody makes up', () => {
    const known = browsers({ anna: 'first' })
    const mark = known.mark('anna')
    const [name = '', seal = ''] = mark.split('.')
    const [, otherSeal = ''] = known.mark('anna').split('.')
    const letter = seal.startsWith('A') ? 'B' : 'A'
    for (const forged of [
      undefined,
      '',
      name,
      `${name}.`,
      `${name}.${otherSeal}`,
      `${name}.${letter}${seal.slice(1)}`,
      `${name}.${seal}=`,
      `${name}.${seal}.${seal}`,
      mark.repeat(1000),
    ])
      assert.equal(known.nameOf(forged, 'anna'), undefined, String(forged).slice(0, 80))
    assert.equal(known.nameOf(mark, 'anna'), name)
  })
})
