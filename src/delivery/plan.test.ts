import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { address, deviceSetup, noon, setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Part, PartState } from '../core/spool.ts'
import { minute, monotonicMs } from '../core/time.ts'
import type { Availability } from './lane.ts'
import { type LaneBook, type Plan, patienceMs, planMessage } from './plan.ts'

const id = messageIdOf(7)
const now = monotonicMs(1000)

const recipient = (number: number, with_: Partial<DueRecipient> = {}): DueRecipient => ({
  number,
  address: address(`r${number}@contoso.com`),
  state: 'queued',
  attempts: 0,
  part: undefined,
  lifetime: { countedMs: 0, since: noon },
  dueAt: noon,
  refusedBy: [],
  ...with_,
})
const part = (
  number: number,
  state: PartState,
  recipients: readonly number[],
  with_: Partial<Part> = {},
): Part => ({
  message: id,
  upstream: 'acs',
  number,
  generation: 1,
  operationId: `op-${number}`,
  bodySha256: 'x',
  state,
  recipients,
  sends: 1,
  asks: 0,
  nextAskAt: undefined,
  startedAt: noon,
  ...with_,
})
const message = (
  recipients: readonly DueRecipient[],
  parts: readonly Part[] = [],
  with_: Partial<DueMessage> = {},
): DueMessage => ({
  id,
  kind: 'mail',
  priority: 'normal',
  device: 'scanner',
  from: 'scanner@contoso.com',
  subject: 'Scan',
  headerMessageId: 'x@branch',
  envelope: { reversePath: address('scanner@contoso.com'), bodyType: '7BIT', smtputf8: false, dsn: {} },
  route: undefined,
  facts: { size: 100, acsSize: 100, fidelity: [] },
  index: { headerEnd: 0, parts: [], isCut: false, has8bit: false, hasBareLineEnds: false, longestLine: 0 },
  acceptedWall: noon,
  recipients,
  parts: [
    ...parts,
    ...recipients.flatMap((one) => (one.part && !parts.includes(one.part) ? [one.part] : [])),
  ],
  recipientCount: recipients.length,
  about: undefined,
  ...with_,
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

type States = Readonly<Record<string, Availability | ((sender: string | undefined) => Availability)>>
const ready: Availability = { kind: 'ready' }
const busy: Availability = { kind: 'busy' }
const throttledFor = (ms: number): Availability => ({ kind: 'throttled', until: monotonicMs(now + ms) })
const pausedFor = (upstream: string, sender?: string): Availability => ({
  kind: 'paused',
  pause: {
    code: 'secret-expired',
    reason: 'expired',
    remedy: 'renew',
    mayProbe: true,
    upstream,
    sender,
    since: noon,
    byOperator: false,
    nextProbeAt: undefined,
    probes: 1,
  },
})

interface World {
  readonly states?: States
  readonly upstreams?: readonly UpstreamSetup[]
  readonly canAsk?: boolean
  readonly perPart?: number
  /** Lanes that are there without being set up. */
  readonly retired?: readonly string[]
}

function plans(of: DueMessage, world: World = {}): readonly Plan[] {
  const { states = {}, upstreams = [upstreamSetup('acs'), upstreamSetup('smarthost')] } = world
  const { canAsk = false, perPart = 50, retired = [] } = world
  const book: LaneBook = {
    now,
    find: (name) => {
      const setup =
        upstreams.find((upstream) => upstream.name === name) ??
        (retired.includes(name) ? upstreamSetup(name) : undefined)
      return setup && { setup, canAsk, recipientsPerPart: perPart }
    },
    availability: (name, sender) => {
      const state = states[name] ?? ready
      return typeof state === 'function' ? state(sender) : state
    },
  }
  return planMessage(of, setupOf(upstreams, [deviceSetup('scanner')]), book)
}

/** One line for each plan. */
function told(plan: Plan): string {
  if (plan.kind === 'ask') return `ask ${plan.part.upstream}:${plan.part.number}`
  const who = plan.recipients.map(({ number }) => number)
  const list = who.length > 3 ? `${who[0]}-${who.at(-1)}` : who.join()
  switch (plan.kind) {
    case 'send': {
      const repeat = plan.repeats ? ` again ${plan.repeats.number}` : ''
      const leaves = plan.leaves.length > 0 ? ` leaving ${plan.leaves.map((one) => one.number).join()}` : ''
      return `send ${list} by ${plan.upstream}${repeat}${leaves}`
    }
    case 'park':
      return `park ${list} for ${plan.waitingFor} (${plan.code})`
    case 'busy':
      return `busy ${list} at ${plan.upstream}`
    case 'stranded':
      return `stranded ${list}`
  }
}
const shown = (of: DueMessage, world?: World) => plans(of, world).map(told)

describe('new mail', () => {
  it('goes by the first way out', () => {
    assert.deepEqual(shown(message([recipient(1), recipient(2)])), ['send 1,2 by acs'])
  })

  it('to 120 recipients goes in parts of 50, 50 and 20', () => {
    const found = plans(message(range(1, 120).map((n) => recipient(n))))
    assert.deepEqual(found.map(told), ['send 1-50 by acs', 'send 51-100 by acs', 'send 101-120 by acs'])
    assert.deepEqual(
      found.map((plan) => plan.kind === 'send' && plan.usage.recipients),
      [50, 50, 20],
    )
  })

  it('parts its recipients by the way out that each may take', () => {
    const upstreams = [
      upstreamSetup('direct', { kind: 'exchange-direct', acceptedDomains: ['contoso.com'] }),
      upstreamSetup('smarthost'),
    ]
    const outside = recipient(2, { address: address('x@fabrikam.com') })
    assert.deepEqual(shown(message([recipient(1), outside, recipient(3)]), { upstreams }), [
      'send 1,3 by direct',
      'send 2 by smarthost',
    ])
  })

  it('goes where it was not refused', () => {
    const refused = recipient(1, { refusedBy: ['acs'] })
    assert.deepEqual(shown(message([refused, recipient(2)])), ['send 1 by smarthost', 'send 2 by acs'])
  })

  it('has no plan by a way out that no driver serves', () => {
    const upstreams = [upstreamSetup('acs')]
    const known = plans(message([recipient(1)]), { upstreams })
    assert.equal(known[0]?.kind, 'send')
    const book: LaneBook = { now, find: () => undefined, availability: () => ready }
    const found = planMessage(message([recipient(1)]), setupOf(upstreams), book)
    assert.deepEqual(found.map(told), ['stranded 1'])
  })
})

describe('failover', () => {
  const rows: readonly (readonly [string, States, string])[] = [
    ['none while the first is busy', { acs: busy }, 'busy 1 at acs'],
    [
      'none while it is throttled for five minutes',
      { acs: throttledFor(patienceMs) },
      'park 1 for acs (throttled)',
    ],
    ['when it is throttled for longer', { acs: throttledFor(patienceMs + 1) }, 'send 1 by smarthost'],
    ['when it is paused', { acs: pausedFor('acs') }, 'send 1 by smarthost'],
    [
      'to the first whose end of waiting is known',
      { acs: pausedFor('acs'), smarthost: throttledFor(60 * minute) },
      'park 1 for smarthost (throttled)',
    ],
    [
      'to the one that is free sooner',
      { acs: throttledFor(60 * minute), smarthost: throttledFor(30 * minute) },
      'park 1 for smarthost (throttled)',
    ],
    [
      'nowhere when all are paused',
      { acs: pausedFor('acs'), smarthost: pausedFor('smarthost') },
      'park 1 for acs (secret-expired)',
    ],
    ['to a busy one', { acs: pausedFor('acs'), smarthost: busy }, 'busy 1 at smarthost'],
  ]
  for (const [name, states, expected] of rows)
    it(name, () => assert.deepEqual(shown(message([recipient(1)]), { states }), [expected]))

  it('is for the paused sender only', () => {
    const acs = (sender: string | undefined) =>
      sender === 'scanner@contoso.com' ? pausedFor('acs', sender) : ready
    assert.deepEqual(shown(message([recipient(1)]), { states: { acs } }), ['send 1 by smarthost'])
    assert.deepEqual(
      shown(message([recipient(1)], [], { device: undefined, from: 'inkpost@contoso.com' }), {
        states: { acs },
      }),
      ['send 1 by acs'],
    )
  })

  it('waits under the sender where there is no other way', () => {
    const found = shown(message([recipient(1)]), {
      upstreams: [upstreamSetup('acs')],
      states: { acs: pausedFor('acs', 'scanner@contoso.com') },
    })
    assert.deepEqual(found, ['park 1 for acs <scanner@contoso.com> (secret-expired)'])
  })

  it('uses the sender that the other way takes', () => {
    const upstreams = [
      upstreamSetup('acs'),
      upstreamSetup('smarthost', { senders: ['*@fabrikam.com'], sender: address('relay@fabrikam.com') }),
    ]
    const [plan] = plans(message([recipient(1)]), { upstreams, states: { acs: pausedFor('acs') } })
    assert.ok(plan?.kind === 'send')
    assert.equal(plan.rewrite.sender, 'relay@fabrikam.com')
    assert.equal(plan.rewrite.keepOriginalInReplyTo, true)
  })
})

describe('an open part', () => {
  const open = part(1, 'open', [1, 2])
  const both = [
    recipient(1, { part: open, state: 'deferred' }),
    recipient(2, { part: open, state: 'deferred' }),
  ]

  it('is repeated with the same recipients', () => {
    assert.deepEqual(shown(message(both)), ['send 1,2 by acs again 1'])
    assert.deepEqual(shown(message(both.toReversed())), ['send 2,1 by acs again 1'])
  })

  it('is left where one of them is missing', () => {
    assert.deepEqual(shown(message(both.slice(0, 1))), ['send 1 by acs leaving 1'])
  })

  it('does not take newcomers in', () => {
    assert.deepEqual(shown(message([...both, recipient(3)])), ['send 1,2 by acs again 1', 'send 3 by acs'])
  })

  it('is left for another way out', () => {
    assert.deepEqual(shown(message(both), { states: { acs: pausedFor('acs') } }), [
      'send 1,2 by smarthost leaving 1',
    ])
  })
})

describe('an uncertain part', () => {
  const uncertain = part(1, 'indeterminate', [1, 2])
  const both = [1, 2].map((n) => recipient(n, { part: uncertain, state: 'indeterminate' }))

  it('is asked for where that can be done', () => {
    assert.deepEqual(shown(message(both), { canAsk: true }), ['ask acs:1'])
    assert.deepEqual(shown(message(both), { canAsk: true, states: { acs: pausedFor('acs') } }), ['ask acs:1'])
  })

  it('is repeated where it was, else', () => {
    assert.deepEqual(shown(message(both)), ['send 1,2 by acs again 1'])
  })

  for (const [name, state, expected] of [
    ['paused', pausedFor('acs'), 'park 1,2 for acs (secret-expired)'],
    ['throttled', throttledFor(60 * minute), 'park 1,2 for acs (throttled)'],
    ['busy', busy, 'busy 1,2 at acs'],
  ] as const)
    it(`never changes the way out: ${name}`, () =>
      assert.deepEqual(shown(message(both), { states: { acs: state } }), [expected]))

  it('stays with a way out that is retired, and waits for one that is gone', () => {
    const upstreams = [upstreamSetup('smarthost')]
    assert.deepEqual(shown(message(both), { upstreams, retired: ['acs'] }), ['send 1,2 by acs again 1'])
    assert.deepEqual(shown(message(both), { upstreams }), ['park 1,2 for acs (retired)'])
  })

  it('binds only those whose fate is unknown: who was told to come later is free, and does not end the doubt', () => {
    const told = recipient(2, { part: uncertain, state: 'deferred' })
    const first = recipient(1, { part: uncertain, state: 'indeterminate' })
    assert.deepEqual(shown(message([first, told]), { states: { acs: pausedFor('acs') } }), [
      'park 1 for acs (secret-expired)',
      'send 2 by smarthost',
    ])
  })

  it('never meets another way out, whatever the lanes are like', () => {
    const state = fc.constantFrom(
      ready,
      busy,
      throttledFor(minute),
      throttledFor(60 * minute),
      pausedFor('acs'),
    )
    fc.assert(
      fc.property(state, state, fc.boolean(), (acs, smarthost, canAsk) => {
        for (const plan of plans(message(both), { states: { acs, smarthost }, canAsk }))
          if (plan.kind === 'send') assert.deepEqual([plan.upstream, plan.repeats], ['acs', uncertain])
      }),
    )
  })
})

describe('a refusal of several as one', () => {
  const after = (failed: readonly Part[], numbers: readonly number[]) =>
    shown(
      message(
        numbers.map((n) => recipient(n)),
        failed,
      ),
    )

  it('halves them', () => {
    assert.deepEqual(after([part(1, 'failed', range(1, 50))], range(1, 50)), [
      'send 1-25 by acs',
      'send 26-50 by acs',
    ])
  })

  it('goes on halving the half that failed, and leaves the others out', () => {
    const failed = [part(1, 'failed', range(1, 50)), part(2, 'failed', range(1, 25))]
    assert.deepEqual(after(failed, range(1, 25)), ['send 1-13 by acs', 'send 14-25 by acs'])
  })

  it('ends with each alone', () => {
    assert.deepEqual(after([part(1, 'failed', [1, 2])], [1, 2]), ['send 1 by acs', 'send 2 by acs'])
    assert.deepEqual(after([part(1, 'failed', [1])], [1]), ['send 1 by acs'])
  })

  it('keeps the halves of different parts apart', () => {
    const failed = [part(1, 'failed', [1, 2, 3, 4]), part(2, 'failed', [5, 6])]
    assert.deepEqual(after(failed, range(1, 7)), [
      'send 1,2 by acs',
      'send 3,4 by acs',
      'send 5 by acs',
      'send 6 by acs',
      'send 7 by acs',
    ])
  })

  it('elsewhere means nothing here', () => {
    assert.deepEqual(after([part(1, 'failed', range(1, 50), { upstream: 'direct' })], range(1, 50)), [
      'send 1-50 by acs',
    ])
  })
})

describe('mail without a way out', () => {
  it('waits for other settings', () => {
    const [plan] = plans(message([recipient(1)]), { upstreams: [] })
    assert.ok(plan?.kind === 'stranded')
    assert.equal(plan.reason, 'no way out is set up for it')
  })

  it('says who refused it and why', () => {
    const upstreams = [upstreamSetup('acs', { kind: 'acs-email', maxMessageSize: 10 })]
    const [plan] = plans(message([recipient(1)]), { upstreams })
    assert.ok(plan?.kind === 'stranded')
    assert.equal(plan.reason, 'no way out takes it: acs (too-large)')
  })
})

describe('the plans of a message', () => {
  it('have every due recipient in exactly one place', () => {
    const state = fc.constantFrom(
      ready,
      busy,
      throttledFor(minute),
      throttledFor(60 * minute),
      pausedFor('acs'),
    )
    const partOf = fc.constantFrom<PartState | undefined>(undefined, 'open', 'indeterminate')
    fc.assert(
      fc.property(
        state,
        state,
        fc.array(fc.tuple(partOf, fc.boolean()), { minLength: 1, maxLength: 130 }),
        (acs, smarthost, rows) => {
          const members = (wanted: PartState) => rows.flatMap(([kind], n) => (kind === wanted ? [n + 1] : []))
          const made = {
            open: part(1, 'open', members('open')),
            indeterminate: part(2, 'indeterminate', members('indeterminate')),
          }
          const due = rows.map(([kind, isRefused], n) =>
            recipient(n + 1, {
              part: kind === 'open' || kind === 'indeterminate' ? made[kind] : undefined,
              state: kind === 'indeterminate' ? 'indeterminate' : 'queued',
              refusedBy: isRefused ? ['acs'] : [],
            }),
          )
          const found = plans(message(due), { states: { acs, smarthost } })
          const numbers = found.flatMap((plan) =>
            plan.kind === 'ask' ? plan.part.recipients : plan.recipients.map(({ number }) => number),
          )
          assert.deepEqual(
            numbers.toSorted((a, b) => a - b),
            due.map(({ number }) => number),
          )
          for (const plan of found) {
            if (plan.kind !== 'send') continue
            assert.ok(plan.recipients.length <= 50 || plan.repeats)
            assert.ok(plan.leaves.every((left) => left.state === 'open'))
          }
        },
      ),
    )
  })
})
