import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { deviceSetup, setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import type { Alert, RaisedAlert } from '../core/alerts.ts'
import type { Setup } from '../core/setup.ts'
import { day, minute, wallMs } from '../core/time.ts'
import { address } from '../spool/spool-fixture.ts'
import { alertKeys, endPassingAlerts } from './passing-alerts.ts'

const noon = wallMs(Date.UTC(2026, 10, 28, 12))
let clock: JumpingClock
let raised: Map<string, RaisedAlert>
const alerts = {
  raise: (alert: Alert) => void raised.set(alert.key, { ...alert, since: clock.wall() }),
  clear: (key: string) => void raised.delete(key),
  active: () => [...raised.values()],
}
const raise = (...keys: readonly string[]): void => {
  for (const key of keys) alerts.raise({ key, severity: 'warning', sentence: 'It was so.', remedy: '' })
}

const base = setupOf([upstreamSetup('acs')], [deviceSetup('scanner', { owner: undefined })])
const unread: Setup = { ...base, gateway: { ...base.gateway, postmaster: undefined } }
const keysAfter = (setup: Setup): readonly string[] => {
  endPassingAlerts({ alerts, clock, setup: () => setup })
  return [...raised.keys()]
}

beforeEach(() => {
  clock = new JumpingClock(noon)
  raised = new Map()
})

describe('an alert of what happened', () => {
  const { ownMail, ownerMail, manyBounces, unreadable } = alertKeys
  const all = [ownMail, `${ownerMail}scanner`, `${manyBounces}scanner`, `${unreadable}acs`]

  it('ends a day later; what lasts is left alone', async () => {
    raise(...all, 'mail-waits')
    await clock.jump(day - minute)
    assert.deepEqual(keysAfter(base), [...all, 'mail-waits'])
    await clock.jump(minute)
    assert.deepEqual(keysAfter(base), ['mail-waits'])
  })

  it('stays while the clock is not set yet: in 1970 everything lies ahead', () => {
    raise(ownMail)
    clock = new JumpingClock(wallMs(0))
    clock.believable = false
    assert.deepEqual(keysAfter(base), [ownMail])
  })

  it('ends where a wrong clock dated it into the future', () => {
    raise(ownMail)
    clock = new JumpingClock(wallMs(noon - 365 * day))
    assert.deepEqual(keysAfter(base), [])
  })
})

describe('that nobody reads bounces', () => {
  const key = `${alertKeys.nobodyReads}scanner`

  it('lasts until somebody does', async () => {
    raise(key)
    await clock.jump(30 * day)
    assert.deepEqual(keysAfter(unread), [key])
    assert.deepEqual(keysAfter(base), [])
    raise(key)
    const owned = { ...unread, devices: [deviceSetup('scanner', { owner: address('anna@contoso.com') })] }
    assert.deepEqual(keysAfter(owned), [])
  })

  it('is over with the device', () => {
    raise(key)
    assert.deepEqual(keysAfter({ ...unread, devices: [] }), [])
  })
})

describe('every alert that is raised', () => {
  /** What is raised, and the place that ends it. */
  const ends: Readonly<Record<string, readonly [file: string, end: string]>> = {
    mailAlert: ['gateway/take-over-care.ts', 'clear(mailAlert)'],
    windowAlert: ['gateway/take-over-care.ts', 'clear(windowAlert)'],
    key: ['gateway/relay-check.ts', 'clear(key)'],
    "'mail-waits'": ['gateway/housekeeping.ts', "clear('mail-waits')"],
    absentAlert: ['gateway/absent-addresses.ts', 'clear(absentKey)'],
    alert: ['gateway/expiry-watch.ts', 'clear(key)'],
    "'setup-not-understood'": ['gateway/rooms.ts', "clear('setup-not-understood')"],
    "'vault-locked'": ['gateway/rooms.ts', "clear('vault-locked')"],
    'sharedKey(lane.name)': ['delivery/consequences.ts', 'clear(sharedKey(lane.name))'],
    'pauseAlert(pause)': ['delivery/pauses.ts', 'clear(pauseAlertKey('],
    'alertKey(name)': ['delivery/report-collector.ts', 'clear(alertKey(name))'],
    'prefix + device': ['delivery/failure-rate.ts', 'clear(key)'],
    'channelKey(channel)': ['health/alert-teller.ts', 'clear(channelKey(channel))'],
    'notSet(answer.reason)': ['gateway/firewall-care.ts', 'clear(alertKey)'],
    fullKey: ['health/disk-watch.ts', 'clear(fullKey)'],
    deafKey: ['health/disk-watch.ts', 'clear(deafKey)'],
    alertKey: ['health/clock-watch.ts', 'clear(alertKey)'],
    'alertOf(trouble)': ['health/machine-watch.ts', 'alerts.clear(kind)'],
    'busyPrefix + device': ['health/device-watch.ts', 'clear(busyPrefix + device)'],
    'silentPrefix + device': ['health/device-watch.ts', 'clear(silentPrefix + device)'],
    allSilentKey: ['health/device-watch.ts', 'clear(allSilentKey)'],
    'putAsideAlert(replaced)': ['gateway/backup/put-aside.ts', 'clear(key)'],
    givenUpAlert: ['delivery/passing-alerts.ts', 'alertKeys.restoreGivenUp'],
    'doneAlert(mark)': ['gateway/physical-reset.ts', 'clear(doneKey)'],
    'refusedAlert(refusal)': ['gateway/physical-reset.ts', 'clear(refusedKey)'],
    'alertPrefix + setup.name': ['gateway/backup/targets/target-round.ts', 'clear(alertPrefix + setup.name)'],
    takenKey: ['gateway/local-name/name-care.ts', 'clear(takenKey)'],
    newerKey: ['gateway/twins/twin-care.ts', 'clear(newerKey)'],
    olderKey: ['gateway/twins/twin-care.ts', 'clear(olderKey)'],
    notInForceKey: ['gateway/network-care.ts', 'clear(notInForceKey)'],
    changedKey: ['gateway/address-memory.ts', 'clear(changedKey)'],
    refusedKey: ['gateway/fleet/fleet-care.ts', 'clear(refusedKey)'],
    rolledBackKey: ['gateway/fleet/fleet-care.ts', 'clear(rolledBackKey)'],
    notReachedKey: ['gateway/fleet/fleet-care.ts', 'clear(notReachedKey)'],
    'silentPrefix + name': ['gateway/fleet/fleet-boxes.ts', 'clear(silentPrefix + box.name)'],
    'undoneAlert(state, running)': ['update/update-round.ts', 'updateAlertKeys.undone]) alerts.clear(key)'],
    'failedAlert(sentence)': ['update/updates.ts', 'clear(updateAlertKeys.failed)'],
    'availableAlert(version, running)': ['update/update-round.ts', 'clear(updateAlertKeys.available)'],
    'notFoundAlert(detail)': ['update/update-round.ts', 'clear(updateAlertKeys.notFound)'],
    'alertKeys.': ['delivery/passing-alerts.ts', 'alerts.clear(key)'],
  }
  const src = join(import.meta.dirname, '..')
  const sources = globSync('**/*.ts', { cwd: src }).filter((file) => !/\.(test|fixture)\.ts$/.test(file))
  const textOf = (file: string): string => readFileSync(join(src, file), 'utf8')

  it('has an end', () => {
    const found = sources.flatMap((file) =>
      [...textOf(file).matchAll(/\.raise\((?:\{\s*key(?:: ([^\n]+?))?,|([^{].*)\))\n/g)].map(
        ([, key, whole]) => key ?? whole ?? 'key',
      ),
    )
    const names = found.map((name) => name.replace(/^.*(alertKeys\.).*$/, '$1'))
    assert.deepEqual([...new Set(names)].toSorted(), Object.keys(ends).toSorted())
    for (const [file, end] of Object.values(ends)) assert.ok(textOf(file).includes(end), `${file}: ${end}`)
  })
})
