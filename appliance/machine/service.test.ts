import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { machineService } from '../../src/platform/machine-service.ts'
import { type Duties, type Duty, DutyRefused, duty } from './duty.ts'
import { lampDuty } from './lamp.ts'
import type { After } from './lanes.ts'
import { machineServer } from './service.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'inkpost-machine-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

async function withService(
  duties: Duties,
  play: (place: string, failures: readonly string[]) => Promise<void>,
  after?: After,
  busy: (count: number) => void = () => {},
): Promise<void> {
  using home = folder()
  const place = join(home.path, 'socket')
  const failures: string[] = []
  const events = {
    busy,
    failed: (name: string, error: unknown) => void failures.push(`${name}: ${error}`),
  }
  const server = machineServer(duties, events, after)
  server.listen(place)
  await once(server, 'listening')
  try {
    await play(place, failures)
  } finally {
    server.close()
  }
}

const lamp = (run: () => Promise<Record<never, never>>): Duty =>
  duty<'lamp'>(v.object({ beats: v.picklist(['on', 'off'] as const) }), run)
const only = (run: () => Promise<Record<never, never>>): Duties => new Map([['lamp', lamp(run)]])
const on = { beats: 'on' } as const

describe('the machine service', () => {
  it('does what is asked, in the order of coming, one at a time', () => {
    const steps: string[] = []
    let number = 0
    const work = async () => {
      const mine = ++number
      steps.push(`begins ${mine}`)
      await new Promise((resolve) => setImmediate(resolve))
      steps.push(`ends ${mine}`)
      return {}
    }
    return withService(only(work), async (place) => {
      const machine = machineService(place)
      const answers = await Promise.all([machine.call('lamp', on), machine.call('lamp', on)])
      assert.deepEqual(answers, Array(2).fill({ kind: 'done', answer: {} }))
      assert.deepEqual(steps, ['begins 1', 'ends 1', 'begins 2', 'ends 2'])
    })
  })

  it('is told apart from what hangs: its lane is closed for as long, the others go on', () => {
    const hanging = Promise.withResolvers<Record<never, never>>()
    const limits: { readonly ms: number; readonly over: () => void }[] = []
    const mount: Duty = {
      run: (asked) => (JSON.stringify(asked) === '{"storage":"sda1"}' ? hanging.promise : sticks()),
    }
    const sticks = async () => ({ storages: [] })
    const duties: Duties = new Map([
      ['storage-open', mount],
      ['storage-list', { run: sticks }],
      ['lamp', lamp(async () => ({}))],
    ])
    const after = (ms: number, over: () => void) => {
      limits.push({ ms, over })
      return () => {}
    }
    return withService(
      duties,
      async (place) => {
        const machine = machineService(place)
        const opening = machine.call('storage-open', { storage: 'sda1' })
        const listing = machine.call('storage-list', {})
        assert.equal((await machine.call('lamp', on)).kind, 'done')
        const [limit] = limits
        assert.equal(limit?.ms, 100_000)
        limit?.over()
        assert.deepEqual(await opening, {
          kind: 'refused',
          reason: 'storage-open hangs: it took longer than 100 s',
        })
        const listed = await listing
        assert.ok(listed.kind === 'refused')
        assert.match(listed.reason, /^this machine still hangs at storage-open: pull out/)
        hanging.resolve({})
        await new Promise((resolve) => setImmediate(resolve))
        assert.deepEqual(await machine.call('storage-list', {}), { kind: 'done', answer: { storages: [] } })
      },
      after,
    )
  })

  it('is busy for as long as something is at work, also where its end is waited for no more', () => {
    const hanging = Promise.withResolvers<Record<never, never>>()
    let atWork = -1
    const after: After = (_, over) => {
      setImmediate(over)
      return () => {}
    }
    return withService(
      new Map([['network-show', { run: () => hanging.promise }]]),
      async (place) => {
        const asked = await machineService(place).call('network-show', {})
        assert.ok(asked.kind === 'refused')
        assert.match(asked.reason, /^network-show hangs/)
        assert.equal(atWork, 1)
        const again = await machineService(place).call('network-show', {})
        assert.deepEqual(again, {
          kind: 'refused',
          reason: 'this machine still hangs at network-show: restart the box',
        })
        hanging.resolve({})
        await new Promise((resolve) => setImmediate(resolve))
        assert.equal(atWork, 0)
      },
      after,
      (count) => {
        atWork = count
      },
    )
  })

  it('drops what lay on a large disk, however long that takes', () => {
    const limits: number[] = []
    const after: After = (ms) => {
      limits.push(ms)
      return () => {}
    }
    const duties: Duties = new Map([
      ['data-erase', { run: async () => ({ done: 'dropped' }) }],
      ['lamp', lamp(async () => ({}))],
    ])
    return withService(
      duties,
      async (place) => {
        const machine = machineService(place)
        await machine.call('lamp', on)
        const dropped = await machine.call('data-erase', { step: 'rest' })
        assert.deepEqual(dropped, { kind: 'done', answer: { done: 'dropped' } })
        assert.deepEqual(limits, [20_000])
      },
      after,
    )
  })

  it('refuses what is not a duty, not understood, or can not be done, with its reason', () =>
    withService(
      only(async () => {
        throw new DutyRefused('there is no lamp')
      }),
      async (place, failures) => {
        const machine = machineService(place)
        assert.deepEqual(await machine.call('lamp', on), { kind: 'refused', reason: 'there is no lamp' })
        const unknown = await machine.call('duties', {})
        assert.deepEqual(unknown, { kind: 'refused', reason: "this machine service does not know 'duties'" })
        const wrong = await machine.call('lamp', { beats: [1, 2] })
        assert.equal(wrong.kind, 'refused')
        assert.match(wrong.reason, /^what was asked is not understood: .*beats/s)
        assert.deepEqual(failures, [])
      },
    ))

  it('tells what nobody foresaw, and goes on', () =>
    withService(
      only(async () => {
        throw new Error('the disk broke')
      }),
      async (place, failures) => {
        const machine = machineService(place)
        assert.deepEqual(await machine.call('lamp', on), { kind: 'refused', reason: 'the disk broke' })
        assert.equal((await machine.call('lamp', on)).kind, 'refused')
        assert.deepEqual(failures, Array(2).fill('lamp: Error: the disk broke'))
      },
    ))

  it('takes no line without an end, and none that is no JSON', () =>
    withService(
      only(async () => ({})),
      async (place) => {
        const cut = createConnection(place)
        cut.end('{"duty":"lamp"')
        await once(cut.resume(), 'close')
        const odd = createConnection(place).setEncoding('utf8')
        odd.write('lamp\n')
        const [line] = await once(odd, 'data')
        assert.match(String(line), /"refused"/)
        assert.equal((await machineService(place).call('lamp', on)).kind, 'done')
      },
    ))

  it('is absent where nobody listens', async () => {
    using home = folder()
    const place = join(home.path, 'none')
    assert.deepEqual(await machineService(place).call('lamp', on), { kind: 'absent' })
  })
})

describe('the lamp', () => {
  const lampOf = (path: string, triggers: string): string => {
    const place = join(path, 'ACT')
    mkdirSync(place)
    writeFileSync(join(place, 'trigger'), triggers)
    writeFileSync(join(place, 'max_brightness'), '255\n')
    return place
  }
  const read = (place: string, file: string) => readFileSync(join(place, file), 'utf8')

  it('stays on or off', async () => {
    using home = folder()
    const place = lampOf(home.path, '[mmc0] none pattern\n')
    await lampDuty(home.path).run({ beats: 'on' })
    assert.deepEqual([read(place, 'trigger'), read(place, 'brightness')], ['none', '255'])
    await lampDuty(home.path).run({ beats: 'off' })
    assert.equal(read(place, 'brightness'), '0')
  })

  it('beats by the pattern trigger, in steps without slopes', async () => {
    using home = folder()
    const place = lampOf(home.path, 'none [mmc0] timer pattern\n')
    await lampDuty(home.path).run({ beats: [100, 900] })
    assert.deepEqual([read(place, 'trigger'), read(place, 'pattern')], ['pattern', '255 100 255 0 0 900 0 0'])
  })

  it('blinks where the kernel knows no patterns', async () => {
    using home = folder()
    const place = lampOf(home.path, 'none [mmc0] timer\n')
    await lampDuty(home.path).run({ beats: [100, 900, 100, 300] })
    assert.deepEqual(
      ['trigger', 'delay_on', 'delay_off'].map((file) => read(place, file)),
      ['timer', '100', '900'],
    )
  })

  it('refuses to blink where the kernel can’t', async () => {
    using home = folder()
    lampOf(home.path, '[none] kbd-capslock panic\n')
    await assert.rejects(lampDuty(home.path).run({ beats: [100, 900] }), /no ledtrig-timer/)
  })

  it('refuses beats that are none, and a machine without a lamp', async () => {
    using home = folder()
    await assert.rejects(
      lampDuty(home.path).run({ beats: 'on' }),
      new DutyRefused('this machine has no lamp'),
    )
    for (const beats of [[], [1, 1], [100], [100, 99_999], 'dim', Array(22).fill(100)]) {
      await assert.rejects(lampDuty(home.path).run({ beats }), DutyRefused)
    }
  })
})
