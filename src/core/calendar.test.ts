import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deviceSetup, setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import { type CalendarEntry, type CertificateEnd, calendarOf, expiryAlerts, nearnessOf } from './calendar.ts'
import { secretName } from './secret.ts'
import { serviceEnds } from './service-ends.ts'
import type { CredentialSetup, UpstreamKind } from './setup.ts'
import { day, hour, type WallMs, wallMs } from './time.ts'

const due = '2028-05-01'
const before = (ms: number): WallMs => wallMs(Date.UTC(2028, 4, 1) - ms)

const clientSecret = (expires: string): CredentialSetup => ({
  kind: 'client-secret',
  tenantId: 't',
  clientId: 'c',
  secrets: [],
  expires,
})
const password = (expires: string): CredentialSetup => ({
  kind: 'password',
  username: 'u',
  password: secretName('x'),
  expires,
})

const calendar = (kind: UpstreamKind, credential: CredentialSetup, certificates: CertificateEnd[] = []) =>
  calendarOf(setupOf([upstreamSetup('out', { kind, credential })]), certificates)
const only = (entries: readonly CalendarEntry[], kind: CalendarEntry['kind']): CalendarEntry =>
  entries.find((entry) => entry.kind === kind) ?? assert.fail(`no ${kind}`)

describe('the calendar', () => {
  it('knows secrets by their date, and asks for the date of a client secret alone', () => {
    const known = only(calendar('graph', clientSecret(due)), 'secret')
    assert.deepEqual([known.due, known.when, known.certainty], [due, '1 May 2028', 'fixed'])
    assert.match(known.remedy, /next_secret/)
    const unknown = only(calendar('graph', clientSecret('')), 'secret')
    assert.deepEqual([unknown.due, unknown.certainty], [undefined, 'unknown'])
    assert.equal(only(calendar('acs-smtp', password('')), 'secret').certainty, 'unknown')
    assert.deepEqual(calendar('smarthost', password('')), [])
    assert.deepEqual(calendar('smarthost', { kind: 'access-key', keys: [] }), [])
  })

  it('says nothing of what is switched off', () => {
    const off = upstreamSetup('out', { kind: 'graph', credential: clientSecret(due), enabled: false })
    const printer = deviceSetup('Printer', { weakUntil: due, enabled: false })
    assert.deepEqual(calendarOf(setupOf([off], [printer]), []), [])
  })

  it('has ends of services where the kind and the credential are concerned', () => {
    const ends = (kind: UpstreamKind, credential: CredentialSetup): readonly string[] =>
      calendar(kind, credential).flatMap(({ kind: what, key }) => (what === 'service-end' ? [key] : []))
    assert.deepEqual(ends('acs-email', { kind: 'access-key', keys: [] }), ['service-end/acs-email/out'])
    assert.deepEqual(ends('exchange-smtp', password('')), [
      'service-end/smtp-auth-basic-default/out',
      'service-end/smtp-auth-basic-removal/out',
    ])
    assert.deepEqual(ends('exchange-smtp', clientSecret('')), [])
    assert.deepEqual(ends('smarthost', password('')), [])
  })

  it('puts the nearest first and what nobody knows last', () => {
    const certificate: CertificateEnd = {
      key: 'client-certificate/out',
      kind: 'client-certificate',
      what: 'The certificate expires',
      notAfter: wallMs(Date.UTC(2027, 0, 2, 23)),
      remedy: 'Renew it.',
      source: 'made by this box',
    }
    const entries = calendar('exchange-smtp', password(due), [certificate])
    assert.deepEqual(
      entries.map(({ due: when }) => when),
      ['2026-12-31', '2027-01-02', due, undefined],
    )
  })

  it('cites a source with the time it was read for every end of a service', () => {
    for (const { source, read, certainty, due: on } of serviceEnds) {
      assert.ok(source.length > 20)
      assert.match(read, /^20\d\d-\d\d/)
      if (certainty === 'fixed') assert.match(on ?? '', /^\d{4}-\d\d-\d\d$/)
    }
  })
})

describe('being told in time', () => {
  const secret = only(calendar('graph', clientSecret(due)), 'secret')

  it('has the steps 60, 30, 14, 7, 1 and past', () => {
    for (const [ms, nearness] of [
      [60 * day + 1, undefined],
      [60 * day, 60],
      [30 * day + 1, 60],
      [30 * day, 30],
      [14 * day, 14],
      [7 * day, 7],
      [day, 1],
      [-day + 1, 1],
      [-day, 'past'],
      [-400 * day, 'past'],
    ] as const)
      assert.equal(nearnessOf(secret, before(ms)), nearness, String(ms))
  })

  it('grows graver, names the next step, and changes by the step alone', () => {
    const told = (ms: number) => expiryAlerts([secret], before(ms))[0]
    assert.equal(told(61 * day), undefined)
    assert.deepEqual(told(59 * day), {
      key: 'expires/secret/out',
      severity: 'warning',
      chapter: '60',
      sentence: 'The client secret of out expires: on 1 May 2028, in less than 60 days.',
      remedy: secret.remedy,
    })
    assert.deepEqual(told(58 * day), told(31 * day))
    assert.equal(told(6 * day)?.severity, 'alarm')
    assert.match(told(hour)?.sentence ?? '', /today or tomorrow/)
    assert.deepEqual([told(-2 * day)?.severity, told(-2 * day)?.chapter], ['alarm', 'past'])
  })

  it('tells of an authority in good time: nobody renews it, and every device has imported it', () => {
    const authority: CalendarEntry = { ...secret, key: 'authority/authority', kind: 'authority' }
    const own: CalendarEntry = { ...secret, kind: 'server-certificate' }
    const now = before(59 * day)
    assert.deepEqual([nearnessOf(authority, now), nearnessOf(own, now)], [60, undefined])
  })

  it('waits with what the box renews by itself until that has evidently failed', () => {
    const own: CalendarEntry = { ...secret, key: 'server-certificate/server', kind: 'server-certificate' }
    assert.equal(nearnessOf(own, before(29 * day)), undefined)
    assert.equal(nearnessOf(own, before(14 * day)), 14)
  })

  it('asks for a date as a notice', () => {
    const [alert] = expiryAlerts(calendar('graph', clientSecret('')), before(0))
    assert.equal(alert?.severity, 'notice')
    assert.match(alert?.remedy ?? '', /write it as expires/)
  })

  it('never prints a date of what is only announced, and claims nothing when that time has come', () => {
    const entries = calendar('exchange-smtp', password(''))
    for (const at of ['2026-11-28', '2026-12-30', '2027-02-01', '2028-01-01']) {
      for (const { sentence, severity } of expiryAlerts(entries, wallMs(Date.parse(at)))) {
        assert.doesNotMatch(sentence, /\b\d{1,2} (Dec|Jan|Jul)|2026-12|2027-/)
        assert.match(sentence, /announced/)
        assert.equal(severity, at < '2027' ? 'warning' : 'notice')
      }
    }
  })

  it('leaves weak encryption that has ended alone', () => {
    const entries = calendarOf(setupOf([], [deviceSetup('Printer', { weakUntil: due })]), [])
    assert.equal(expiryAlerts(entries, before(day))[0]?.severity, 'warning')
    assert.deepEqual(expiryAlerts(entries, before(-2 * day)), [])
  })
})
