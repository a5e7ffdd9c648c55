import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Operations } from '../core/operations.ts'
import { consolePorts } from './console-ports.fixture.ts'
import { consoleSite } from './console-site.ts'
import { Entrance } from './entrance.ts'
import type { OperatorStanding } from './ports.ts'
import { type Answer, answerTo } from './router.ts'

type Restore = Operations['restore']
type TakeOver = Operations['takeOverStorage']

/** Anna, an administrator, sends a body; `present`: what she is when its first piece was read. */
async function send(
  path: string,
  pieces: readonly string[],
  {
    restore,
    takeOverStorage,
    present,
  }: {
    readonly restore?: Restore
    readonly takeOverStorage?: TakeOver
    readonly present: () => OperatorStanding | undefined
  },
): Promise<{ readonly answer: Answer; readonly applied: readonly string[]; readonly asked: number }> {
  const applied: string[] = []
  const ports = consolePorts()
  const operations: Partial<Operations> = {
    applySetup: async (text) => {
      applied.push(text)
      return { kind: 'applied', changes: [], remarks: [], revision: 1 }
    },
    ...(restore && { restore }),
    ...(takeOverStorage && { takeOverStorage }),
  }
  let asked = 0
  let isIn = true
  const entrance = new Entrance({
    ...ports,
    operations: operations as Operations,
    people: { ...ports.people, standing: () => (isIn ? administrator : present()) },
  })
  const token = entrance.sessions.begin('anna', '192.168.7.9')
  const proof = entrance.sessions.look(token)?.proof ?? ''
  const answer = await answerTo(consoleSite(entrance), {
    method: 'POST',
    path: `/api/v1${path}`,
    query: new URLSearchParams(),
    headers: { host: 'branch-07.local', cookie: `inkpost=${token}`, 'inkpost-proof': proof },
    from: '192.168.7.9',
    at: '192.168.7.5',
    isSecure: false,
    takeTime() {},
    body: (async function* () {
      for (const piece of pieces) {
        asked++
        yield Buffer.from(piece)
        isIn = false
      }
    })(),
  })
  return { answer, applied, asked }
}

const administrator: OperatorStanding = { role: 'administrator', mark: 'first' }
const cardWish = JSON.stringify({
  secret: '',
  isTrial: false,
  mayReplace: true,
  mayPutAsideMail: false,
  isWithoutSpool: false,
  oldBox: { mayHaveGoneOn: false },
})
/** What becomes of her when the first piece was read. */
const fates = [
  ['is removed', () => undefined, 401],
  ['is a viewer', () => ({ role: 'viewer', mark: 'first' }), 403],
  ['has another password', () => ({ role: 'administrator', mark: 'second' }), 401],
] as const satisfies readonly (readonly [string, () => OperatorStanding | undefined, number])[]

for (const [what, present, status] of fates)
  describe(`who ${what} while a body arrives`, () => {
    it('changes nothing with it', async () => {
      for (const pieces of [['{"text":"schema = 1"}'], ['{"text":', '"schema = 1"}']]) {
        const { answer, applied } = await send('/setup', pieces, { present })
        assert.deepEqual([answer.status, applied], [status, []])
      }
    })

    it('takes over from no card with it', async () => {
      let taken = 0
      const takeOverStorage: TakeOver = async () => {
        taken++
        return { kind: 'refused', reason: 'it was begun' }
      }
      const path = '/storages/sda2/take-over'
      const { answer } = await send(path, [cardWish.slice(0, 9), cardWish.slice(9)], {
        takeOverStorage,
        present,
      })
      assert.deepEqual([answer.status, taken], [status, 0])
    })

    it('sends a backup no further', async () => {
      let read = 0
      const restore: Restore = async (octets) => {
        for await (const _ of octets) read++
        return { kind: 'refused', reason: 'it was read to its end' }
      }
      const pieces = ['{"secret":"x"}\n', 'one', 'two', 'three']
      const { answer, asked } = await send('/restore', pieces, { restore, present })
      assert.deepEqual([answer.status, read, asked], [status, 0, 2])
    })
  })

describe('a card that was read whole', () => {
  it('is known to be wanted by somebody who may not take over any more', async () => {
    let present: OperatorStanding | undefined = administrator
    const allowed: (boolean | undefined)[] = []
    const takeOverStorage: TakeOver = async (_storage, _wish, _who, isStillAllowed) => {
      allowed.push(await isStillAllowed?.())
      present = undefined
      allowed.push(await isStillAllowed?.())
      return { kind: 'refused', reason: 'a test' }
    }
    await send('/storages/sda2/take-over', [cardWish], { takeOverStorage, present: () => present })
    assert.deepEqual(allowed, [true, false])
  })
})

describe('a backup that was read whole', () => {
  it('is known to come from somebody who may not restore any more', async () => {
    let present: OperatorStanding | undefined = administrator
    const allowed: (boolean | undefined)[] = []
    const restore: Restore = async (octets, _wish, _who, isStillAllowed) => {
      for await (const _ of octets);
      allowed.push(await isStillAllowed?.())
      present = undefined
      allowed.push(await isStillAllowed?.())
      return { kind: 'refused', reason: 'a test' }
    }
    await send('/restore', ['{"secret":"x"}\n', 'one'], { restore, present: () => present })
    assert.deepEqual(allowed, [true, false])
  })
})
