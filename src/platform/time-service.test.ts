import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { isTimeSynchronised } from './time-service.ts'

it('a time service leaves a mark once it has heard from a server; without one nothing is known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkpost-time-'))
  assert.equal(isTimeSynchronised(join(folder, 'none')), undefined)
  assert.equal(isTimeSynchronised(folder), false)
  writeFileSync(join(folder, 'synchronized'), '')
  assert.equal(isTimeSynchronised(folder), true)
  rmSync(folder, { recursive: true })
})
