import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../test/gateway-process.ts'
import { serveControl } from '../console/control-socket.ts'
import { wallMs } from '../core/time.ts'
import type { UpdateSheet, UpdateState } from '../core/update-operations.ts'
import type { Call } from './call.ts'
import { operationsDouble } from './operations-double.fixture.ts'
import { testWorld } from './test-world.fixture.ts'
import { installUpdate } from './update.ts'
import { exampleUpdates } from './update-double.fixture.ts'
import { sheetLines } from './update-lines.ts'

interface Play {
  readonly call: Call
  readonly asked: readonly (readonly unknown[])[]
  readonly folder: string
}

/** A box that is in these states, one after the other as it is asked. */
async function onBoxIn(states: readonly UpdateState[], play: (here: Play) => Promise<void>): Promise<void> {
  using folder = temporaryFolder()
  const sheet = await exampleUpdates.updates()
  const left = [...states]
  const { operations, asked } = operationsDouble({
    updates: async () => ({ ...sheet, state: (left.length > 1 ? left.shift() : left[0]) ?? sheet.state }),
  })
  const served = await serveControl({
    path: join(folder.path, 'control.sock'),
    operations,
    log: { write() {} },
  })
  assert.ok(served.kind === 'open')
  await using _ = served
  await play({ call: { world: testWorld(), dataDir: folder.path, json: false }, asked, folder: folder.path })
}

const verified = {
  kind: 'verified',
  bundle: { version: '1.1.0', compatible: 'inkpost-arm64', built: '', schemas: null },
} as const satisfies UpdateState
const none: UpdateState = { kind: 'none' }
const fetching: UpdateState = { kind: 'fetching', source: { kind: 'upload' }, who: 'anna', octets: 0 }
const names = (asked: Play['asked']): readonly unknown[] => asked.map(([name]) => name)

describe('an update by command', () => {
  it('takes a file in pieces and orders it', () =>
    onBoxIn([none], async ({ call, asked, folder }) => {
      const file = join(folder, 'b.raucb')
      writeFileSync(file, Buffer.alloc(9_000_000))
      assert.deepEqual(await installUpdate(call, file, true), { kind: 'done' })
      const pieces = asked.filter(([name]) => name === 'uploadBundle').map(([, offset]) => offset)
      assert.deepEqual(pieces, [0, 8 << 20])
      assert.equal(asked.find(([name]) => name === 'installUpdate')?.[1], true)
    }))

  it('orders what was verified already', () =>
    onBoxIn([verified], async ({ call, asked }) => {
      assert.deepEqual(await installUpdate(call, undefined, false), { kind: 'done' })
      assert.ok(!names(asked).includes('fetchUpdate'))
    }))

  it('waits for what it fetches, and says why it is refused', () =>
    onBoxIn(
      [none, fetching, { kind: 'failed', sentence: 'the bundle is not signed', at: wallMs(0) }],
      async ({ call, asked }) => {
        const verdict = await installUpdate(call, 'https://updates.contoso.com/b.raucb', false)
        assert.partialDeepStrictEqual(verdict, { kind: 'failed', reason: 'the bundle is not signed' })
        assert.ok(!names(asked).includes('installUpdate'))
      },
    ))

  it('names what is wrong with its argument', () =>
    onBoxIn([none], async ({ call }) => {
      assert.partialDeepStrictEqual(await installUpdate(call, '/nonexistent.raucb', false), {
        kind: 'wrong',
        reason: 'there is no file /nonexistent.raucb',
      })
      assert.partialDeepStrictEqual(await installUpdate(call, 'stick:other.raucb', false), {
        reason: 'no stick has other.raucb',
      })
      assert.equal((await installUpdate(call, 'http://a.b/c', false)).kind, 'wrong')
    }))

  it('says each state in a line', async () => {
    const sheet: UpdateSheet = await exampleUpdates.updates()
    const { bundle } = verified
    const order = { bundle, who: 'anna', isNow: false, brokenOff: 0 }
    const at = wallMs(Date.UTC(2026, 10, 29, 4))
    for (const [state, words] of [
      [fetching, /is being fetched/],
      [verified, /1\.1\.0 is verified/],
      [{ kind: 'waiting', ...order }, /1\.1\.0 waits: the window 02:00-04:00 opens/],
      [{ kind: 'installing', ...order }, /is being installed/],
      [{ kind: 'restart-due', version: '1.1.0', who: 'anna', isNow: true }, /restarts: at once/],
      [{ kind: 'on-trial', version: '1.1.0', slot: 'B', before: '1.0.0', trouble: 'deaf' }, /on trial: deaf/],
      [{ kind: 'kept', version: '1.1.0', at }, /to 1\.1\.0 kept/],
      [
        { kind: 'rolled-back', version: '1.1.0', reason: 'not-healthy', trouble: 'deaf', at },
        /did not work \(it was not healthy in time: deaf\); 1\.0\.0 runs again/,
      ],
      [{ kind: 'failed', sentence: 'no room', at }, /failed .*: no room/],
    ] as const)
      assert.match(sheetLines({ ...sheet, state }, at).join('\n'), words)
  })
})
