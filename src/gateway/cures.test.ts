import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { CureOptions } from '../core/cure-operations.ts'
import type { Sighting } from '../core/learning.ts'
import type { Operations } from '../core/operations.ts'
import type { DeviceSetup, GatewaySetup, TlsFloor } from '../core/setup.ts'
import type { SessionRecord } from '../core/spool.ts'
import { day, hour, wallMs } from '../core/time.ts'
import type { Cure } from '../core/verdict.ts'
import { Cures } from '../settings/cures.ts'
import { editDeviceRow } from '../settings/row-edits.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import type { Settings } from '../settings/settings.ts'
import { adopt } from './adoption.ts'
import { calendarNow } from './calendar-facts.ts'
import { endCures } from './cure-care.ts'
import { cureOperations } from './cure-operations.ts'

const start = Date.UTC(2026, 10, 1, 15)

interface Box extends Disposable {
  readonly settings: Settings
  readonly cures: Cures
  readonly operations: ReturnType<typeof cureOperations>
  readonly log: string[]
  readonly alerts: string[]
  now: number
  isBelievable: boolean
  /** What the session's verdict proposes. */
  proposed: Cure | undefined
  device(name?: string): DeviceSetup
  cure(cure: Cure, options?: Partial<CureOptions>): ReturnType<Operations['cure']>
  end(): void
}

const panel = `[[device]]
name = "Panel"
username = "scan1"
password = "k7m2p9qx"
addresses = ["192.168.7.20"]
max_per_hour = 300
`

const stranger: Sighting = {
  address: '192.168.7.99',
  mac: '00:26:73:00:00:01',
  maker: '',
  helo: '',
  username: '',
  triedAuth: false,
  mailFrom: '',
  rcptDomain: '',
  tls: '',
  result: 'T2',
  firstSeen: wallMs(start),
  lastSeen: wallMs(start),
  count: 1,
}

function box(document = `schema = 1\n${panel}`): Box {
  const state: { now: number; isBelievable: boolean; proposed: Cure | undefined } = {
    now: start,
    isBelievable: true,
    proposed: undefined,
  }
  const settings = scratchSettings({
    profile: 'checkout',
    dataDirectory: '/nowhere',
    now: () => wallMs(state.now),
  })
  const applied = settings.apply(document, { who: 'test' })
  assert.equal(applied.kind, 'applied', JSON.stringify(applied))
  const cures = new Cures(settings)
  const clock = { wall: () => wallMs(state.now), isBelievable: () => state.isBelievable }
  const session = { id: 'S1', verdict: { code: 'T2', sentence: '', evidence: [] } }
  const operations = cureOperations({
    settings,
    cures,
    clock,
    operations: () => ({
      // What the double leaves out of a session no cure looks at.
      session: async (id) =>
        id === 'S1'
          ? ({
              ...session,
              verdict: { ...session.verdict, cure: state.proposed },
            } as unknown as SessionRecord)
          : undefined,
      sightings: async () => [stranger],
      adopt: (wish, who) =>
        adopt(
          {
            settings,
            spool: { unadopted: async () => [] },
            sightings: async () => [stranger],
            forgetSighting: async () => {},
            release: async () => 0,
            cardOf: async (name) => ({ kind: 'done', card: [name] }),
          },
          wish,
          who,
        ),
    }),
  })
  const log: string[] = []
  const alerts: string[] = []
  const raised = new Set<string>()
  return Object.assign(state, {
    settings,
    cures,
    operations,
    log,
    alerts,
    device(name = 'Panel') {
      return settings.setup.devices.find((device) => device.name === name) ?? assert.fail(`no ${name}`)
    },
    cure(cure: Cure, options: Partial<CureOptions> = {}) {
      state.proposed = cure
      return operations.cure('S1', 'anna', {
        forMs: undefined,
        name: undefined,
        mayChangeBox: true,
        ...options,
      })
    },
    end() {
      endCures({
        cures,
        clock: {
          ...clock,
          monotonic: () => assert.fail(),
          sleep: async () => {},
          after: () => () => {},
          limit: () => () => {},
        },
        log: { write: (_level, event) => void log.push(event) },
        alerts: {
          raise({ key, sentence }) {
            raised.add(key)
            alerts.push(sentence)
          },
          active: () =>
            [...raised].map((key) => ({
              key,
              severity: 'warning',
              sentence: '',
              remedy: '',
              since: wallMs(0),
            })),
        },
      })
    },
    [Symbol.dispose]: () => settings[Symbol.dispose](),
  })
}

const ofPanel = { kind: 'device-setting', device: 'Panel', words: '' } as const
const legacy: Cure = { ...ofPanel, key: 'tls', value: 'legacy' }
const rate: Cure = { ...ofPanel, key: 'max_per_hour', value: 600 }
const network: Cure = {
  kind: 'setting',
  table: 'gateway',
  key: 'trusted_networks',
  adds: '203.0.113.7',
  words: '',
}

const doneOf = async (result: ReturnType<Operations['cure']>) => {
  const done = await result
  return done.kind === 'done' ? done : assert.fail(done.reason)
}
const reasonOf = async (
  result: Promise<{ readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: string }>,
) => {
  const done = await result
  return done.kind === 'refused' ? done.reason : assert.fail('it was done')
}

describe('a cure', () => {
  it('allows old encryption for a week, told in the audit with before and after', async () => {
    using its = box()
    const { cure } = await doneOf(its.cure(legacy))
    assert.deepEqual([its.device().tls, its.device().weakUntil], ['legacy', '2026-11-09'])
    assert.equal(cure.until, Date.UTC(2026, 10, 9))
    assert.ok((cure.until ?? 0) - start >= 7 * day, 'not sooner than a week')
    assert.deepEqual(cure.changes, [
      'device "Panel": tls "" → "legacy"',
      'device "Panel": weak_until "" → "2026-11-09"',
    ])
    const audit = its.settings.audit(9).map(({ who, what }) => `${who}: ${what.join('; ')}`)
    assert.ok(audit.includes(`anna: cure of T2 in session S1: ${cure.changes.join('; ')}`), audit.join('\n'))
    assert.ok(
      audit.includes('anna: device "Panel": tls changed; device "Panel": weak_until changed'),
      'one change',
    )
  })

  it('lasts as long as is wished, from a day to thirty', async () => {
    using its = box()
    for (const forMs of [hour, 31 * day])
      assert.match(await reasonOf(its.cure(legacy, { forMs })), /a cure lasts 1d to 30d/)
    await doneOf(its.cure(legacy, { forMs: 1 * day }))
    assert.equal(its.device().weakUntil, '2026-11-03')
    await doneOf(its.cure(legacy, { forMs: 30 * day }))
    assert.equal(its.device().weakUntil, '2026-12-02')
    assert.match(await reasonOf(its.cure(legacy)), /it holds already/)
  })

  it('allows it again when it was over', async () => {
    using its = box(`schema = 1\n${panel}tls = "legacy"\nweak_until = "2026-10-01"\n`)
    await doneOf(its.cure({ ...ofPanel, key: 'weak_until', value: '' }))
    assert.deepEqual([its.device().tls, its.device().weakUntil], ['legacy', '2026-11-09'])
  })

  it('never passes weakest_tls, whatever an old verdict proposes', async () => {
    const floors: readonly TlsFloor[] = ['vintage', 'legacy', 'modern']
    const old = fc.constantFrom('legacy' as const, 'vintage' as const)
    const cures = fc.oneof(
      old.map((value): Cure => ({ ...ofPanel, key: 'tls', value })),
      old.map((tls): Cure => ({ kind: 'adopt', address: stranger.address, tls, words: '' })),
      old.map((tls): Cure => ({ ...ofPanel, key: 'addresses', adds: '192.168.7.21', tls, words: '' })),
      fc.constant<Cure>({ ...ofPanel, key: 'weak_until', value: '' }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<GatewaySetup['weakestTls']>(...floors),
        cures,
        async (weakestTls, cure) => {
          using its = box(`schema = 1\n[gateway]\nweakest_tls = "${weakestTls}"\n${panel}`)
          await its.cure(cure)
          for (const { tls } of its.settings.setup.devices) {
            if (tls === undefined || tls === 'plain') continue
            assert.ok(floors.indexOf(tls) >= floors.indexOf(weakestTls), `${tls} under ${weakestTls}`)
          }
        },
      ),
    )
    using its = box(`schema = 1\n[gateway]\nweakest_tls = "modern"\n${panel}`)
    assert.match(
      await reasonOf(its.cure(legacy)),
      /weakest_tls of \[gateway\] is modern: no tap opens legacy/,
    )
  })

  it('gives an old device its address with its encryption, as one change', async () => {
    using its = box(`schema = 1\n[gateway]\nweakest_tls = "vintage"\n${panel}`)
    await doneOf(its.cure({ ...ofPanel, key: 'addresses', adds: '192.168.7.21', tls: 'vintage' }))
    const { addresses, tls, weakUntil } = its.device()
    assert.deepEqual([addresses, tls, weakUntil], [['192.168.7.20', '192.168.7.21'], 'vintage', '2026-11-09'])
  })

  it('adopts a stranger with its hardware, and with the encryption that it needs', async () => {
    using its = box()
    const { cure, card } = await doneOf(
      its.cure({ kind: 'adopt', address: stranger.address, tls: 'legacy', words: '' }, { name: 'Copier' }),
    )
    const { addresses, mac, tls, weakUntil } = its.device('Copier')
    assert.deepEqual(
      [addresses, mac, tls, weakUntil],
      [[stranger.address], stranger.mac, 'legacy', '2026-11-09'],
    )
    assert.deepEqual(card?.card, ['Copier'])
    assert.equal((await its.operations.undoCure(cure.id, 'anna', { mayChangeBox: true })).kind, 'done')
    assert.deepEqual(
      its.settings.setup.devices.map(({ name }) => name),
      ['Panel'],
    )
  })

  it('adopts for who may not change the box to write to whom its devices may, no further', async () => {
    for (const [mayChangeBox, expected] of [
      [false, ['*@contoso.com']],
      [true, []],
    ] as const) {
      using its = box()
      const devices = its.settings.document.device.map((row) => ({
        ...row,
        allowed_recipients: ['*@contoso.com'],
      }))
      its.settings.replace({ ...its.settings.document, device: devices }, { who: 'test' })
      const stray: Cure = { kind: 'adopt', address: stranger.address, tls: 'legacy', words: '' }
      await doneOf(its.cure(stray, { name: 'Copier', mayChangeBox }))
      assert.deepEqual(its.device('Copier').allowedRecipients, expected)
    }
  })

  it('does each of the others that a verdict proposes', async () => {
    const all: readonly (readonly [Cure, (device: DeviceSetup) => unknown, unknown])[] = [
      [{ ...ofPanel, key: 'data_end', value: 'lf' }, ({ dataEnd }) => dataEnd, 'lf'],
      [{ ...ofPanel, key: 'mac', value: '00:26:73:00:00:02' }, ({ mac }) => mac, '00:26:73:00:00:02'],
      [{ ...ofPanel, key: 'auth', adds: 'CRAM-MD5' }, ({ auth }) => auth, ['LOGIN', 'PLAIN', 'CRAM-MD5']],
      [{ ...ofPanel, key: 'sender', value: 'box@contoso.com' }, ({ sender }) => sender, 'box@contoso.com'],
      [rate, ({ maxPerHour }) => maxPerHour, 600],
      [{ ...ofPanel, key: 'tls', value: 'plain' }, ({ tls }) => tls, 'plain'],
    ]
    for (const [cure, look, value] of all) {
      using its = box()
      const before = its.settings.export()
      await doneOf(its.cure(cure))
      assert.deepEqual(look(its.device()), value)
      assert.equal((await its.operations.undoCure('S1', 'anna', { mayChangeBox: true })).kind, 'done')
      assert.equal(its.settings.export(), before)
    }
    using off = box(`schema = 1\n${panel}enabled = false\n`)
    await doneOf(off.cure({ ...ofPanel, key: 'enabled', value: true }))
    assert.equal(off.device().enabled, true)
    using narrow = box(`schema = 1\n${panel}allowed_recipients = ["*@contoso.com"]\n`)
    await doneOf(narrow.cure({ ...ofPanel, key: 'allowed_recipients', adds: 'x@fabrikam.test' }))
    assert.deepEqual(narrow.device().allowedRecipients, ['*@contoso.com', 'x@fabrikam.test'])
  })

  it('is refused where it is none, holds already, or is too late', async () => {
    using its = box()
    assert.match(
      await reasonOf(its.cure({ kind: 'advice', words: 'Type it again.' })),
      /nothing to apply here: Type/,
    )
    assert.match(
      await reasonOf(its.cure({ ...ofPanel, device: 'Gone', key: 'tls', value: 'legacy' })),
      /no device Gone/,
    )
    assert.match(await reasonOf(its.cure({ ...ofPanel, key: 'max_per_hour', value: 200 })), /holds already/)
    assert.match(
      await reasonOf(its.cure({ ...ofPanel, key: 'addresses', adds: '192.168.7.20' })),
      /holds already/,
    )
    assert.match(await reasonOf(its.cure(network, { mayChangeBox: false })), /takes an administrator/)
    assert.match(
      await reasonOf(
        its.operations.cure('S2', 'anna', { forMs: undefined, name: undefined, mayChangeBox: true }),
      ),
      /no session S2/,
    )
    its.proposed = undefined
    assert.match(
      await reasonOf(
        its.operations.cure('S1', 'anna', { forMs: undefined, name: undefined, mayChangeBox: true }),
      ),
      /No setting would help/,
    )
    assert.deepEqual(await its.operations.cures(), [])
    assert.deepEqual(
      its.settings.audit(9).filter(({ who }) => who === 'anna'),
      [],
    )
  })

  it('ends under the new name of its device, given by an edit or by a whole document', async () => {
    const plain: Cure = { ...ofPanel, key: 'tls', value: 'plain' }
    for (const rename of [
      (settings: Settings) => editDeviceRow(settings, 'Panel', { name: 'Desk' }, { who: 'anna' }).kind,
      (settings: Settings) =>
        settings.apply(settings.export().replace('"Panel"', '"Desk"'), { who: 'anna' }).kind,
    ]) {
      using its = box()
      await doneOf(its.cure(plain, { forMs: 7 * day }))
      assert.match(rename(its.settings), /^(done|applied)$/)
      assert.equal(its.device('Desk').tls, 'plain')
      its.now += 8 * day
      its.end()
      assert.notEqual(its.device('Desk').tls, 'plain')
      assert.deepEqual(its.log, ['cure-ended'])
    }
  })

  it('ends key by key, and tells of what somebody changed since', async () => {
    using its = box()
    const until = wallMs(start + 7 * day)
    const occasion = { id: 'c1', session: 'S1', code: 'T2', who: 'anna', at: wallMs(start) } as const
    const edit = { device: 'Panel', set: { tls: 'plain', max_per_hour: 600 }, adds: [] }
    const applied = its.cures.apply(edit, { ...occasion, until, endsItself: false, keptUntil: until })
    assert.equal(applied.kind, 'done')
    editDeviceRow(its.settings, 'Panel', { max_per_hour: 900 }, { who: 'bob' })
    its.now = until
    its.end()
    assert.notEqual(its.device().tls, 'plain')
    assert.equal(its.device().maxPerHour, 900)
    assert.match(
      its.alerts.join(),
      /^The time of a cure \(T2\) is over, but device "Panel": max_per_hour was/,
    )
    assert.deepEqual(its.cures.list(), [])
  })

  it('that a rule keeps from ending is told once, and ends when nothing needs it', async () => {
    using its = box(`schema = 1
[[listener]]
name = "smtp"
address = "0.0.0.0"
port = 2525
[[device]]
name = "Panel"
username = "panel"
password = "k7m2p9qx"
`)
    const until = wallMs(start + day)
    const occasion = { id: 'c1', session: 'S1', code: 'A1', who: 'anna', at: wallMs(start) } as const
    const edit = { device: 'Panel', set: {}, adds: [{ key: 'addresses', item: '192.168.7.77', there: [] }] }
    const applied = its.cures.apply(edit, { ...occasion, until, endsItself: false, keptUntil: until })
    assert.equal(applied.kind, 'done', JSON.stringify(applied))
    editDeviceRow(its.settings, 'Panel', { password: '4815' }, { who: 'bob' })
    its.now = until
    its.end()
    its.end()
    assert.deepEqual(its.log, ['cure-not-ended'])
    assert.match(its.alerts.join(), /^The time of a cure \(A1\) is over, but it can't be put back: .*8/)
    assert.deepEqual(its.device().addresses, ['192.168.7.77'])
    editDeviceRow(its.settings, 'Panel', { password: 'k7m2p9qx' }, { who: 'bob' })
    its.end()
    assert.deepEqual(its.device().addresses, [])
    assert.deepEqual(its.cures.list(), [])
  })

  it('whose end is the box’s to bring is forgotten for no other, and refused where no more can join', async () => {
    using its = box()
    const until = wallMs(start + 7 * day)
    const occasion = { session: 'S1', code: 'T2', who: 'anna', at: wallMs(start), endsItself: false } as const
    const apply = (n: number, end: typeof until | undefined) =>
      its.cures.apply(
        { device: 'Panel', set: { max_per_hour: 300 + n }, adds: [] },
        { ...occasion, id: `c${n}`, until: end, keptUntil: until },
      ).kind
    assert.equal(apply(1, until), 'done')
    for (let n = 2; n <= 203; n++) assert.equal(apply(n, undefined), 'done')
    assert.deepEqual([its.cures.list().length, its.cures.list().at(-1)?.id], [200, 'c1'])
    for (let n = 204; n <= 402; n++) assert.equal(apply(n, until), 'done')
    assert.equal(apply(403, until), 'full')
    assert.match(await reasonOf(its.cure(legacy)), /^200 cures wait for their end/)
  })

  it('that made a device takes it away under its new name', async () => {
    using its = box()
    const { cure } = await doneOf(
      its.cure({ kind: 'adopt', address: stranger.address, words: '' }, { name: 'Copier' }),
    )
    assert.equal(editDeviceRow(its.settings, 'Copier', { name: 'Desk' }, { who: 'anna' }).kind, 'done')
    assert.equal((await its.operations.undoCure(cure.id, 'anna', { mayChangeBox: true })).kind, 'done')
    assert.deepEqual(
      its.settings.setup.devices.map(({ name }) => name),
      ['Panel'],
    )
  })

  it('of the whole box is undone by who may change the box, that of a device by a technician too', async () => {
    using its = box()
    const { cure } = await doneOf(its.cure(network))
    const networks = its.settings.setup.gateway.trustedNetworks
    for (const id of [cure.id, 'S1'])
      assert.match(
        await reasonOf(its.operations.undoCure(id, 'tom', { mayChangeBox: false })),
        /an administrator undoes it/,
      )
    assert.deepEqual(its.settings.setup.gateway.trustedNetworks, networks)
    assert.equal((await its.operations.undoCure(cure.id, 'anna', { mayChangeBox: true })).kind, 'done')
    await doneOf(its.cure(legacy))
    assert.equal((await its.operations.undoCure('S1', 'tom', { mayChangeBox: false })).kind, 'done')
  })

  it('gives nothing an end while the clock is wrong', async () => {
    using its = box()
    its.isBelievable = false
    assert.match(await reasonOf(its.cure(legacy)), /the clock of the box is not set/)
    await doneOf(its.cure({ ...ofPanel, key: 'data_end', value: 'lf' }))
  })
})

describe('the undo of a cure', () => {
  it('puts back exactly what it changed, also after a restart', async () => {
    using its = box(`schema = 1\n${panel}tls = "modern"\n`)
    const before = its.settings.export()
    const { cure } = await doneOf(its.cure(legacy))
    const again = new Cures(its.settings)
    const kept = again.find(cure.id) ?? assert.fail('forgotten')
    assert.equal(again.undo(kept, 'anna').kind, 'done')
    assert.equal(its.settings.export(), before)
    assert.deepEqual(await its.operations.cures(), [])
  })

  it('leaves what was changed since', async () => {
    using its = box()
    await doneOf(its.cure(legacy))
    its.settings.apply(`schema = 1\n${panel}tls = "modern"\n`, { who: 'bert' })
    assert.match(
      await reasonOf(its.operations.undoCure('S1', 'anna', { mayChangeBox: true })),
      /device "Panel": tls was changed since/,
    )
    assert.equal(its.device().tls, 'modern')
  })

  it('takes out of a list only what it put there', async () => {
    using its = box()
    const there = its.settings.setup.gateway.trustedNetworks
    await doneOf(its.cure(network))
    const trusted = [...its.settings.setup.gateway.trustedNetworks, '198.51.100.0/24']
    its.settings.apply(`schema = 1\n[gateway]\ntrusted_networks = ${JSON.stringify(trusted)}\n${panel}`, {
      who: 'bert',
    })
    assert.equal((await its.operations.undoCure('S1', 'anna', { mayChangeBox: true })).kind, 'done')
    assert.deepEqual(its.settings.setup.gateway.trustedNetworks, [...there, '198.51.100.0/24'])
  })

  it('is there for thirty days where nothing ends, else until the end', async () => {
    using its = box()
    await doneOf(its.cure({ ...ofPanel, key: 'data_end', value: 'lf' }))
    its.now += 30 * day
    its.end()
    assert.match(
      await reasonOf(its.operations.undoCure('S1', 'anna', { mayChangeBox: true })),
      /no cure S1 that could be undone/,
    )
    assert.equal(its.device().dataEnd, 'lf')
  })
})

describe('the end of a cure', () => {
  it('puts a higher rate back after a day, and a network after a week', async () => {
    using its = box()
    const before = its.settings.export()
    await doneOf(its.cure(rate))
    await doneOf(its.cure(network))
    assert.deepEqual(
      calendarNow(its.settings.setup, noCertificates, its.cures.list()).map(({ key, due }) => [
        key.split('/')[0],
        due,
      ]),
      [['cure', '2026-11-08']],
    )
    its.now += day - 1
    its.end()
    assert.equal(its.device().maxPerHour, 600)
    its.now += 1
    its.end()
    assert.equal(its.device().maxPerHour, 300)
    assert.ok(its.settings.setup.gateway.trustedNetworks.includes('203.0.113.7'))
    its.now += 6 * day
    its.end()
    assert.equal(its.settings.export(), before)
    assert.deepEqual(its.log, ['cure-ended', 'cure-ended'])
    assert.ok(its.settings.audit(9).some(({ who }) => who === 'the box: its time was over'))
  })

  it('leaves weak_until to do its work, and stays with what a person changed meanwhile', async () => {
    using its = box()
    await doneOf(its.cure(legacy))
    await doneOf(its.cure(rate))
    its.settings.apply(
      `schema = 1\n${panel.replace('300', '1000')}tls = "legacy"\nweak_until = "2026-11-09"\n`,
      { who: 'bert' },
    )
    its.now += 9 * day
    its.end()
    assert.deepEqual(
      [its.device().tls, its.device().weakUntil, its.device().maxPerHour],
      ['legacy', '2026-11-09', 1000],
    )
    assert.deepEqual(its.cures.list(), [])
  })

  it('waits for a clock that can be believed', async () => {
    using its = box()
    await doneOf(its.cure(rate))
    its.now += 400 * day
    its.isBelievable = false
    its.end()
    assert.equal(its.device().maxPerHour, 600)
  })
})

/** A store in which there is nothing. */
const noCertificates = { load: () => ({ kind: 'absent' }) } as unknown as Parameters<typeof calendarNow>[1]
