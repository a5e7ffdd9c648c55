import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { calmMachine } from '../health/doctor/facts.fixture.ts'
import { type MachineSigns, type MachineTroubleKind, troublesOf } from './machine-troubles.ts'
import { wallMs } from './time.ts'

const [port] = calmMachine.network
assert.ok(port)

describe('what is wrong with a machine', () => {
  const rows: readonly (readonly [MachineTroubleKind, Partial<MachineSigns>, RegExp])[] = [
    ['too-warm', { temperature: 80 }, /^The box is warmer than 80 °C\.$/],
    ['too-warm', { temperature: 86, throttling: { isNow: true } }, /warmer than 85 °C and slows down/],
    ['too-warm', { temperature: 61, throttling: { isNow: true } }, /^The box is too warm and slows down/],
    ['undervoltage', { power: { now: ['undervoltage'], sinceBoot: [] } }, /too little voltage/],
    ['memory-short', { memory: { total: 512e6, available: 20e6, swapUsed: 0 } }, /^Memory is short/],
    [
      'memory-short',
      { memory: { total: 512e6, available: 99e6, swapUsed: 0, pressure: { some: 50, full: 10 } } },
      /^Memory is short/,
    ],
    ['card-read-only', { fileSystem: { isReadOnly: true, errors: 3 } }, /takes no writes/],
    [
      'card-faults',
      { fileSystem: { isReadOnly: false, errors: 3, firstErrorAt: wallMs(Date.UTC(2026, 10, 3)) } },
      /found faults on the card or disk since 2026-11-03\.$/,
    ],
    ['card-worn', { flash: { device: 'mmcblk0', model: '', lifeUsed: 110 } }, /end of its life/],
    ['card-worn', { flash: { device: 'mmcblk0', model: '', reserve: 'low' } }, /most of its life/],
    ['disk-filling', { disk: { total: 16e9, free: 2e9, hoursLeft: 30 } }, /full in less than 48 hours/],
    ['disk-filling', { disk: { total: 16e9, free: 1e9, hoursLeft: 0 } }, /full in less than 2 hours/],
    [
      'clock-not-set',
      { time: { believable: true, synchronised: false, hasBattery: false } },
      /No time server/,
    ],
    ['no-network', { network: [{ ...port, isUp: false }] }, /no cable/],
    ['no-address', { network: [{ ...port, addresses: ['169.254.3.4', 'fe80::1'] }] }, /no address/],
    ['no-name-service', { nameServers: [] }, /knows no DNS server/],
    ['no-name-service', { doNamesAnswer: false }, /does not answer/],
  ]
  for (const [kind, changes, sentence] of rows)
    it(`${kind}: ${sentence.source}`, () => {
      const [trouble, ...others] = troublesOf({ ...calmMachine, ...changes })
      assert.equal(trouble?.kind, kind)
      assert.match(trouble.sentence, sentence)
      assert.ok(trouble.remedy.length > 10)
      assert.deepEqual(others, [])
    })

  it('is a missing router, where there is none of either kind', () => {
    const { router: _, ...without } = calmMachine
    assert.deepEqual(
      troublesOf(without).map(({ kind }) => kind),
      ['no-router'],
    )
  })

  it('is nothing where nothing is told but time and network', () => {
    const { ownMemory, network, router = '', nameServers } = calmMachine
    assert.deepEqual(
      troublesOf({ ownMemory, time: { believable: false, hasBattery: false }, network, router, nameServers }),
      [],
    )
  })

  it('keeps its words while nothing gets worse: at most six for a disk that fills', () => {
    const sentences = new Set(
      Array.from({ length: 600 }, (_, n) => ({ total: 16e9, free: 1e9, hoursLeft: n / 10 })).map(
        (disk) => troublesOf({ ...calmMachine, disk })[0]?.sentence,
      ),
    )
    assert.equal(sentences.size, 6)
  })

  it('never is a number that was not measured', () => {
    const degrees = fc.double({ min: -40, max: 140, noNaN: true })
    fc.assert(
      fc.property(degrees, degrees, (temperature, hoursLeft) => {
        const told = troublesOf({ ...calmMachine, temperature, disk: { total: 1e9, free: 1e6, hoursLeft } })
        return told.every(({ sentence }) => !/NaN|undefined|Infinity/.test(sentence))
      }),
    )
  })
})
