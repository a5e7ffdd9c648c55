import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { packages } from './contents.ts'

/** On every Debian, or brought by ours. */
const given = ['util-linux', 'inkpost']

it('has on the card what our packages depend on', () => {
  const controls = ['appliance/package/control', 'appliance/box/control'].map((file) =>
    readFileSync(file, 'utf8'),
  )
  const names = controls.flatMap((control) => (/^Depends: (.*)$/m.exec(control)?.[1] ?? '').split(', '))
  const missing = names
    .map((name) => name.replace(/ \(.*/, ''))
    .filter((name) => !packages.includes(name) && !given.includes(name))
  assert.ok(names.length > 2)
  assert.deepEqual(missing, [])
})
