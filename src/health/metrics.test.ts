import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { calmMachine } from './doctor/facts.fixture.ts'
import { exposition } from './exposition.ts'
import { type Measurements, metricsText } from './metrics.ts'

const now = Date.UTC(2026, 10, 21)

const measured: Measurements = {
  version: '0.1.0',
  messagesAccepted: 5,
  messagesRefused: new Map([
    ['552', 2],
    ['535', 1],
  ]),
  attempts: new Map([
    ['Main "way" out accepted', 4],
    ['acs transient', 1],
  ]),
  repeatedParts: 1,
  reports: new Map([['Main "way" out failed', 2]]),
  queue: {
    byState: { deferred: 3, queued: 1, accepted: 9 },
    oldestOpen: wallMs(now - 90_000),
    waitingByUpstream: { acs: 3 },
    bytes: 12_345,
  },
  upstreams: [
    {
      name: 'acs',
      kind: 'acs-email',
      state: 'paused',
      reason: 'blocked for anna@contoso.com',
      remedy: '',
      inFlight: 0,
      waiting: 3,
      nextTryInMs: undefined,
      byOperator: false,
      forecast: { kind: 'paused', waiting: 3 },
      quota: [{ window: 'messages in 1 min', windowMs: 60_000, of: 'messages', limit: 30, left: 12 }],
    },
  ],
  listeners: [
    { name: 'submission', trouble: '' },
    { name: 'submissions', trouble: 'in use' },
  ],
  alerts: [{ key: 'upstream-paused/acs <scanner@contoso.com>', severity: 'warning' }],
  diskFreeBytes: 1e9,
  memoryBudgetUsedBytes: 65_536,
  residentBytes: 9e7,
  sessionsOpen: 2,
  machine: { ...calmMachine, temperature: 81.5, network: [] },
  now,
}

/** The exposition format's grammar, as far as we use it. */
const line =
  /^(?:# HELP [a-z_:][a-z0-9_:]* .*|# TYPE [a-z_:][a-z0-9_:]* (?:counter|gauge)|inkpost_[a-z0-9_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (?:-?\d[\d.e+-]*|NaN|[+-]Inf))$/

describe('/metrics', () => {
  const text = metricsText(measured)
  const lines = text.trimEnd().split('\n')

  it('is in the exposition format, line by line', () => {
    assert.ok(text.endsWith('\n'))
    for (const each of lines) assert.match(each, line)
  })

  it('tells what was counted', () => {
    for (const expected of [
      'inkpost_build_info{version="0.1.0"} 1',
      'inkpost_messages_accepted_total 5',
      'inkpost_temperature_celsius 81.5',
      'inkpost_memory_pressure_percent{kind="full"} 0',
      'inkpost_card_written_bytes{since="ever"} 1000000000',
      'inkpost_disk_hours_left 900',
      'inkpost_clock_synchronised 1',
      'inkpost_messages_refused_total{code="552"} 2',
      'inkpost_attempts_total{upstream="Main \\"way\\" out",outcome="accepted"} 4',
      'inkpost_attempts_total{upstream="acs",outcome="transient"} 1',
      'inkpost_repeated_parts_total 1',
      'inkpost_deliveries{state="accepted"} 9',
      'inkpost_queue_depth 4',
      'inkpost_queue_oldest_seconds 90',
      'inkpost_quota_left{upstream="acs",window="messages in 1 min"} 12',
      'inkpost_upstream_paused{upstream="acs"} 1',
      'inkpost_listener_up{listener="submissions"} 0',
      'inkpost_sessions_open 2',
      'inkpost_alerts{severity="warning"} 1',
      'inkpost_alert{key="upstream-paused",severity="warning"} 1',
    ]) {
      assert.ok(lines.includes(expected), expected)
    }
  })

  it('names each family once, and no address', () => {
    const types = lines.filter((each) => each.startsWith('# TYPE'))
    assert.equal(new Set(types).size, types.length)
    assert.doesNotMatch(text, /@/)
  })

  it('says an age of zero for an empty queue', () => {
    const empty = { ...measured, queue: { ...measured.queue, oldestOpen: undefined, byState: {} } }
    assert.match(metricsText(empty), /^inkpost_queue_oldest_seconds 0$/m)
    assert.match(metricsText(empty), /^inkpost_queue_depth 0$/m)
  })
})

describe('the exposition', () => {
  const family = { name: 'x', help: 'a\\b\nc', type: 'gauge' } as const

  it('escapes backslash, line end and quote', () => {
    const text = exposition([{ ...family, samples: [{ labels: { l: 'a"b\\c\nd' }, value: 1.5 }] }])
    assert.equal(
      text,
      '# HELP inkpost_x a\\\\b\\nc\n# TYPE inkpost_x gauge\ninkpost_x{l="a\\"b\\\\c\\nd"} 1.5\n',
    )
  })

  it('leaves out a family without samples', () => {
    assert.equal(exposition([{ ...family, samples: [] }]), '')
  })

  it('spells what is no number as Prometheus does', () => {
    const sample = (value: number) => exposition([{ ...family, samples: [{ labels: {}, value }] }])
    assert.match(sample(Number.POSITIVE_INFINITY), / \+Inf\n$/)
    assert.match(sample(Number.NaN), / NaN\n$/)
  })

  it('refuses a name that no scraper takes', () => {
    assert.throws(
      () => exposition([{ ...family, name: 'a-b', samples: [{ labels: {}, value: 1 }] }]),
      TypeError,
    )
    assert.throws(
      () => exposition([{ ...family, samples: [{ labels: { 'a b': '' }, value: 1 }] }]),
      TypeError,
    )
  })
})
