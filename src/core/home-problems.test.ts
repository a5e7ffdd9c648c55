import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HomeDevice } from './home.ts'
import { type HomeFacts, problemsOf } from './home-problems.ts'
import type { ListenerView, StatusView, UpstreamView } from './operations.ts'
import { wallMs } from './time.ts'

const listener: ListenerView = {
  name: 'submission',
  address: '0.0.0.0',
  port: 25,
  security: 'starttls',
  protocol: 'smtp',
  trouble: '',
}
const upstream: UpstreamView = {
  name: 'acs',
  kind: 'acs-email',
  state: 'ready',
  reason: '',
  remedy: '',
  inFlight: 0,
  waiting: 0,
  nextTryInMs: undefined,
  byOperator: false,
  quota: [],
  forecast: { kind: 'nothing-waits' },
}
const status: StatusView = {
  version: '1',
  name: 'branch-07',
  running: true,
  since: wallMs(0),
  clock: { wall: wallMs(0), believable: true },
  console: '',
  listeners: [listener],
  upstreams: [upstream],
  queue: { byState: {}, oldestOpen: undefined, waitingByUpstream: {}, bytes: 0 },
  disk: { writable: true, freeBytes: 1e9, detail: '' },
  alerts: [],
  vault: 'open',
  takeOver: undefined,
  revision: 1,
}
const device: HomeDevice = {
  name: 'Scanner',
  health: { kind: 'trouble', word: 'wrong password', code: 'A5', at: wallMs(1), session: 'S1' },
  lastMail: undefined,
}
const enabled = { upstreams: [{ enabled: true }] }
const of = (changes: Partial<StatusView>, facts: Partial<HomeFacts> = {}) =>
  problemsOf({
    status: { ...status, ...changes },
    setup: enabled,
    devices: [],
    misfits: [],
    unadopted: [],
    ...facts,
  })
const kinds = (...given: Parameters<typeof of>) => of(...given).map(({ problem }) => problem.kind)
const alert = (key: string, severity: 'alarm' | 'warning' = 'warning') => ({
  key,
  severity,
  sentence: `It is ${key}.`,
  remedy: 'Mend it.',
  since: wallMs(0),
})
const paused: UpstreamView = { ...upstream, state: 'paused', reason: 'The secret has expired.', waiting: 12 }

describe('what home tells', () => {
  it('is nothing where nothing is wrong', () => {
    assert.deepEqual(of({}), [])
  })

  it('is the worst first', () => {
    const everything = of(
      {
        listeners: [{ ...listener, trouble: 'in use' }],
        disk: { writable: false, freeBytes: 0, detail: 'no space' },
        vault: 'locked',
        clock: { wall: wallMs(0), believable: false },
        upstreams: [paused],
        alerts: [alert('expires/secret/acs'), alert('relay-open', 'alarm')],
      },
      { devices: [device], unadopted: [{ mails: 2 }], misfits: ['gateway: x'] },
    )
    assert.deepEqual(
      everything.map(({ problem }) => problem.kind),
      [
        'nothing-accepted',
        'disk-full',
        'vault-locked',
        'clock-wrong',
        'setup-not-understood',
        'alert',
        'upstream-paused',
        'expiry',
        'device-trouble',
        'unadopted-mail',
      ],
    )
  })

  it('tells one port of several apart from none at all', () => {
    const closed = { ...listener, name: 'submissions', port: 465, trouble: 'in use' }
    const [problem] = of({ listeners: [listener, closed] })
    assert.equal(problem?.sentence, 'Port 465 (submissions) is not open: in use.')
    assert.deepEqual(kinds({ running: false, listeners: [{ ...listener, trouble: 'not running' }] }), [
      'not-running',
    ])
  })

  it('tells nothing twice', () => {
    const alerts = [
      alert('upstream-paused/acs'),
      alert('upstream-paused/acs <a@contoso.com>'),
      alert('vault-locked', 'alarm'),
      alert('clock-not-believable'),
    ]
    const told = of({ vault: 'locked', upstreams: [paused], alerts })
    assert.deepEqual(
      told.map(({ problem }) => problem.kind),
      ['vault-locked', 'upstream-paused', 'alert'],
    )
    assert.deepEqual(kinds({ alerts: [alert('upstream-paused/acs')] }), ['alert'])
  })

  it('says what helps, as data', () => {
    const cure = (...given: Parameters<typeof of>) => of(...given)[0]?.cure
    assert.deepEqual(cure({ upstreams: [paused] }), { kind: 'page', page: 'upstream', name: 'acs' })
    assert.deepEqual(cure({ upstreams: [{ ...paused, byOperator: true }] }), {
      kind: 'resume-upstream',
      upstream: 'acs',
    })
    const weak = { kind: 'page', page: 'device', name: 'Front/desk' }
    assert.deepEqual(cure({ alerts: [alert('expires/weak-device/Front/desk')] }), weak)
    const ends = { kind: 'page', page: 'upstream', name: 'acs' }
    assert.deepEqual(cure({ alerts: [alert('expires/service-end/basic/acs')] }), ends)
    assert.deepEqual(cure({}, { setup: { upstreams: [] } }), { kind: 'page', page: 'upstreams' })
    assert.deepEqual(cure({ alerts: [alert('mail-waits')] }), { kind: 'page', page: 'queue' })
    const silent = { kind: 'page', page: 'device', name: 'Front desk' }
    assert.deepEqual(cure({ alerts: [alert('device-silent/Front desk')] }), silent)
    assert.deepEqual(cure({ alerts: [alert('too-warm')] }), { kind: 'page', page: 'health' })
  })

  it('is that the card takes nothing, and not that it is full', () => {
    const disk = { writable: false, freeBytes: 9e9, detail: 'attempt to write a readonly database' }
    const alerts = [alert('spool-not-writable', 'alarm'), alert('card-read-only', 'alarm')]
    const told = of({ disk, alerts })
    assert.deepEqual(
      told.map(({ sentence }) => sentence),
      ['It is card-read-only.'],
    )
    assert.deepEqual(kinds({ disk, alerts: alerts.slice(0, 1) }), ['disk-full'])
  })

  it('says it in a sentence', () => {
    assert.equal(
      of({ upstreams: [paused] })[0]?.sentence,
      'acs is paused: The secret has expired. 12 mails wait for it.',
    )
    assert.equal(of({}, { devices: [device] })[0]?.sentence, 'Scanner: The password is wrong.')
  })
})
