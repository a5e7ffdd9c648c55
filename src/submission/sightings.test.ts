import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { RunningClock } from '../../test/running-clock.ts'
import { Peer } from '../../test/submission/peer.ts'
import { noTakeOver, Rig, type RigOptions } from '../../test/submission/rig.ts'
import { device, listener, passwordOf, setup } from '../../test/submission/setup.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { until } from '../../test/submission/until.ts'
import type { Sighting } from '../core/learning.ts'
import { nobodyListens } from '../core/live.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { Sightings } from './sightings.ts'

const start = wallMs(Date.UTC(2026, 10, 1, 12))
const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const panel = device('Panel', { username: 'panel', password: passwordOf('Panel'), addresses: ['127.0.0.9'] })
const passwords = { [passwordOf('Scanner')]: '1234', [passwordOf('Panel')]: '5678' }
const open = (changes: Partial<RigOptions<SpoolDouble>> = {}) =>
  Rig.open({ setup: setup({ devices: [scanner, panel] }), passwords, ...changes })

const login = (user: string, password: string): string =>
  Buffer.from(`\0${user}\0${password}`).toString('base64')

const isNow = (at: number): boolean => at >= start && at < start + minute

/** Plays a session to its end from an address of its own. */
async function knock(rig: Rig, localAddress: string, transcript: string): Promise<void> {
  using peer = Peer.connect(rig.port(), { localAddress })
  await peer.play(transcript)
  peer.socket.destroy()
  await until(() => rig.submission.openConnections() === 0)
}

const refused = `
  S: 220 *
  C: HELO MFP-4F
  S: 250 *
  C: MAIL FROM:<scan@contoso.com>
  S: 530 *
  C: RCPT TO:<anna@fabrikam.com>
  S: 503 *`

describe('a refused device that nobody knows', () => {
  it('is remembered with what it said', async () => {
    const clock = new RunningClock(start)
    await using rig = await open({ clock })
    await knock(rig, '127.0.0.23', refused)
    const { firstSeen, lastSeen, ...said } = rig.submission.sightings()[0] ?? assert.fail('none')
    assert.ok(isNow(firstSeen) && isNow(lastSeen))
    assert.deepEqual(said, {
      address: '127.0.0.23',
      mac: '',
      maker: '',
      helo: 'MFP-4F',
      username: '',
      triedAuth: false,
      mailFrom: 'scan@contoso.com',
      rcptDomain: 'fabrikam.com',
      tls: '',
      result: '530 5.7.0 Sign in first A4',
      count: 1,
    })
  })

  it('is one row however often it knocks; what was said before stays', async () => {
    await using rig = await open()
    await knock(rig, '127.0.0.23', refused)
    const guess = `
      S: 220 *
      C: EHLO MFP
      ${Array.from({ length: 8 }, () => 'S: 250*').join('\n')}
      C: AUTH PLAIN ${login('oldscan', 'secret-word')}
      S: 535 *`
    await knock(rig, '127.0.0.23', guess)
    const [seen, ...others] = rig.submission.sightings()
    assert.deepEqual(others, [])
    assert.deepEqual(
      [seen?.count, seen?.helo, seen?.username, seen?.triedAuth, seen?.mailFrom],
      [2, 'MFP', 'oldscan', true, 'scan@contoso.com'],
    )
    assert.doesNotMatch(JSON.stringify(seen), /secret-word/)
  })

  it('does not betray a password that is its user name', async () => {
    await using rig = await open()
    const guess = `
      S: 220 *
      C: HELO MFP
      S: 250 *
      C: AUTH PLAIN ${login('hunter2', 'hunter2')}
      S: 535 *`
    await knock(rig, '127.0.0.23', guess)
    const [seen] = rig.submission.sightings()
    assert.deepEqual([seen?.username, seen?.triedAuth], ['', true])
  })

  for (const { what, user, password } of [
    { what: 'with both fields swapped', user: 'old-secret', password: 'scan1' },
    {
      what: 'with a further login of a device in the other field',
      user: 'old-secret',
      password: 'Lobby@x.org',
    },
    { what: 'that is the password of a device', user: '1234', password: 'whatever' },
    { what: 'as the card of a device shows it', user: '12 34', password: '' },
  ]) {
    it(`does not betray a password in the field of the user name: ${what}`, async () => {
      const lobby = { ...scanner, alsoKnownAs: ['Lobby@x.org'] }
      await using rig = await open({ setup: setup({ devices: [lobby, panel] }) })
      const guess = `
        S: 220 *
        C: HELO MFP
        S: 250 *
        C: AUTH PLAIN ${login(user, password)}
        S: 535 *`
      await knock(rig, '127.0.0.23', guess)
      const [seen] = rig.submission.sightings()
      assert.deepEqual([seen?.username, seen?.triedAuth], ['', true])
    })
  }

  it('does not betray a password where the vault can not tell', async () => {
    await using rig = await open({ passwords: {} })
    const guess = `
      S: 220 *
      C: HELO MFP
      S: 250 *
      C: AUTH PLAIN ${login('oldscan', 'old-secret')}
      S: 535 *`
    await knock(rig, '127.0.0.23', guess)
    assert.equal(rig.submission.sightings()[0]?.username, '')
  })

  it('does not betray a password in a take-over window, where any sign-in is taken', async () => {
    const clock = new RunningClock(start)
    const takeOver = await noTakeOver(clock)
    await takeOver.begin('127.0.0.0/24', hour, 'anna')
    await using rig = await open({ clock, takeOver })
    const session = `
      S: 220 *
      C: HELO MFP
      S: 250 *
      C: AUTH PLAIN ${login('old-secret', 'scan1')}
      S: 235 *
      C: MAIL FROM:<scan@contoso.com>
      S: 250 *
      C: RCPT TO:<anna@@>
      S: 501 *`
    await knock(rig, '127.0.0.23', session)
    const [seen] = rig.submission.sightings()
    assert.deepEqual([seen?.username, seen?.triedAuth], ['', true])
  })

  it('is none where the device is known: by its address, or signed in', async () => {
    await using rig = await open()
    await knock(rig, '127.0.0.9', refused)
    await knock(
      rig,
      '127.0.0.24',
      `S: 220 *
       C: HELO a
       S: 250 *
       C: AUTH PLAIN ${login('scan1', '1234')}
       S: 235 *
       C: MAIL FROM:<>
       S: 250 *`,
    )
    await knock(rig, '127.0.0.25', 'S: 220 *')
    assert.deepEqual(rig.submission.sightings(), [])
  })

  it('is remembered by its TLS where that was all it tried', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.23' })
    // A ClientHello of SSL 2.0.
    peer.says(
      Buffer.from(
        '802e010002001500000010010080020080030080040080050080060040070000c0000000000000000000000000000000',
        'hex',
      ),
    )
    await peer.closed()
    await until(() => rig.submission.sightings().length === 1)
    assert.match(rig.submission.sightings()[0]?.result ?? '', /^T[37]: /)
  })

  it('is remembered where it asked for encryption and did not begin it', async () => {
    await using rig = await open()
    await knock(
      rig,
      '127.0.0.23',
      `S: 220 *
       C: HELO a
       S: 250 *
       C: STARTTLS
       S: 220 *
       C: MAIL FROM:<a@b.test>
       S: (closed)`,
    )
    assert.equal(rig.submission.sightings()[0]?.result, 'T7: It asked for encryption and went on in clear.')
  })

  it('is none where a known device mistypes its password, or comes back to its own address', async () => {
    const spool = new SpoolDouble()
    const seenAt = wallMs(Date.now())
    spool.clientsKnown = [
      { address: '127.0.0.32', speaksFirst: 'smtp', device: 'Scanner', seenAt },
      { address: '127.0.0.33', speaksFirst: 'smtp', device: 'One that was removed', seenAt },
    ]
    await using rig = await open({ spool })
    const mistyped = `
      S: 220 *
      C: HELO MFP
      S: 250 *
      C: AUTH PLAIN ${login('scan1', 'wrong')}
      S: 535 *`
    await knock(rig, '127.0.0.31', mistyped)
    await knock(rig, '127.0.0.32', refused)
    assert.deepEqual(rig.submission.sightings(), [])
    await knock(rig, '127.0.0.33', refused)
    assert.equal(rig.submission.sightings().length, 1)
  })

  it('is remembered at POP3 as at SMTP, and a known one there, too', async () => {
    const listeners = [listener('submission', { protocol: 'pop3' })]
    await using rig = await open({ setup: setup({ devices: [scanner, panel], listeners }) })
    const signIn = (user: string, password: string, answer: string) => `
      S: +OK *
      C: USER ${user}
      S: +OK *
      C: PASS ${password}
      S: ${answer} *`
    await knock(rig, '127.0.0.23', signIn('oldscan', 'x', '-ERR'))
    await knock(rig, '127.0.0.33', signIn('old-secret', 'scan1', '-ERR'))
    await knock(rig, '127.0.0.24', signIn('scan1', '1234', '+OK'))
    assert.deepEqual(
      rig.submission.sightings().map(({ address, username, triedAuth }) => [address, username, triedAuth]),
      [
        ['127.0.0.33', '', true],
        ['127.0.0.23', 'oldscan', true],
      ],
    )
    assert.deepEqual(
      rig.submission.traits().map(({ device, address }) => [device, address]),
      [['Scanner', '127.0.0.24']],
    )
  })

  it('is remembered from a private network that is not trusted', async () => {
    await using rig = await open({ setup: setup({ gateway: { trustedNetworks: ['10.0.0.0/8'] } }) })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.23' })
    await peer.play('S: 554 *')
    await until(() => rig.submission.sightings().length === 1)
    assert.equal(rig.submission.sightings()[0]?.result, '554 5.7.1 Your network is not allowed here N5')
  })

  it('is written with its hardware, in batches, minutes later', async () => {
    const clock = new RunningClock(start)
    const asked: string[] = []
    const neighbours = {
      hardwareAt: (address: string) => {
        asked.push(address)
        return Promise.resolve({ kind: 'known', mac: '00:26:73:00:00:01' } as const)
      },
    }
    await using rig = await open({ clock, neighbours })
    for (let knocks = 0; knocks < 3; knocks++) await knock(rig, '127.0.0.23', refused)
    await knock(rig, '127.0.0.24', refused)
    assert.deepEqual([asked, rig.spool.sightingsSaved], [[], []])
    await clock.jump(5 * minute)
    await until(() => rig.spool.sightingsSaved.length > 0)
    assert.deepEqual(
      rig.spool.sightingsSaved.map(({ address, mac, count }) => [address, mac, count]),
      [
        ['127.0.0.23', '00:26:73:00:00:01', 3],
        ['127.0.0.24', '00:26:73:00:00:01', 1],
      ],
    )
  })

  it('is known again after a restart', async () => {
    const spool = new SpoolDouble()
    spool.sightingsKnown = [sighting('127.0.0.23')]
    await using rig = await open({ spool })
    await knock(rig, '127.0.0.23', refused)
    const [seen] = rig.submission.sightings()
    assert.deepEqual([seen?.count, seen?.firstSeen, seen?.mac], [8, start, '00:26:73:00:00:01'])
  })
})

const sighting = (address: string, changes: Partial<Sighting> = {}): Sighting => ({
  address,
  mac: '00:26:73:00:00:01',
  maker: '',
  helo: '',
  username: '',
  triedAuth: false,
  mailFrom: '',
  rcptDomain: '',
  tls: '',
  result: '530',
  firstSeen: start,
  lastSeen: start,
  count: 7,
  ...changes,
})

describe('sightings in memory', () => {
  const quiet = {
    clock: new JumpingClock(start),
    log: { write: () => undefined },
    live: nobodyListens,
    neighbours: { hardwareAt: () => Promise.resolve({ kind: 'routed' } as const) },
    makers: () => Promise.resolve(new Map()),
  }

  it('are bounded: the oldest give way', () => {
    const sightings = new Sightings({ ...quiet, spool: new SpoolDouble() }, [])
    for (let n = 0; n < 700; n++) sightings.saw(sighting(`10.0.${n >> 8}.${n & 255}`))
    assert.equal(sightings.list().length, 500)
    assert.equal(sightings.list()[0]?.address, '10.0.2.187')
  })

  it('are written as they are where the box stops: nobody is asked', async () => {
    const spool = new SpoolDouble()
    const neighbours = { hardwareAt: () => assert.fail('asked') }
    const sightings = new Sightings({ ...quiet, neighbours, spool }, [])
    sightings.saw(sighting('10.0.0.1'))
    await sightings.write()
    assert.equal(spool.sightingsSaved.length, 1)
  })

  it('are over after 30 days', () => {
    const old = sighting('10.0.0.1', { lastSeen: wallMs(start - 30 * day) })
    const fresh = sighting('10.0.0.2', { lastSeen: wallMs(start - 29 * day) })
    const sightings = new Sightings({ ...quiet, spool: new SpoolDouble() }, [old, fresh])
    assert.deepEqual(
      sightings.list().map(({ address }) => address),
      ['10.0.0.2'],
    )
  })

  it('learn the maker with the hardware address', async () => {
    const spool = new SpoolDouble()
    const neighbours = {
      hardwareAt: () => Promise.resolve({ kind: 'known', mac: '00:26:73:00:00:01' } as const),
    }
    const makers = (macs: readonly string[]) => Promise.resolve(new Map(macs.map((mac) => [mac, 'RICOH'])))
    const sightings = new Sightings({ ...quiet, neighbours, makers, spool }, [])
    sightings.saw(sighting('10.0.0.1'))
    await sightings.save()
    assert.deepEqual([spool.sightingsSaved[0]?.maker, sightings.list()[0]?.maker], ['RICOH', 'RICOH'])
    await sightings.save()
    assert.equal(spool.sightingsSaved.length, 1)
  })

  it('are tried again where the disk did not take them', async () => {
    const spool = new SpoolDouble()
    let isBroken = true
    const saved: number[] = []
    const events: string[] = []
    const disk = {
      forgetSighting: () => spool.forgetSighting(''),
      saveSightings: (all: readonly Sighting[]) => {
        if (isBroken) return Promise.reject(new Error('disk'))
        saved.push(all.length)
        return Promise.resolve()
      },
    }
    const log = { write: (_level: string, event: string) => void events.push(event) }
    const sightings = new Sightings({ ...quiet, log, spool: disk }, [])
    sightings.saw(sighting('10.0.0.1'))
    await sightings.save()
    isBroken = false
    await sightings.save()
    assert.deepEqual([events, saved], [['learning-not-saved'], [1]])
  })

  it('forget a person, a device by its own address, and one that was adopted', async () => {
    const spool = new SpoolDouble()
    const known = [
      sighting('10.0.0.1', { mailFrom: 'Anna@contoso.com' }),
      sighting('10.0.0.2', { username: 'anna@contoso.com', mailFrom: 'x@contoso.com' }),
      sighting('10.0.0.3'),
    ]
    const sightings = new Sightings({ ...quiet, spool }, known)
    await sightings.forget('anna@CONTOSO.com')
    await sightings.forget('10.0.0.3')
    assert.doesNotMatch(JSON.stringify(sightings.list()), /anna|10\.0\.0\.3/i)
    assert.match(JSON.stringify(sightings.list()), /x@contoso/)
    await sightings.forgetAddress('10.0.0.1')
    assert.deepEqual([sightings.list().length, spool.sightingsForgotten], [1, ['10.0.0.1']])
  })
})

describe('a known device', () => {
  const speaks = (user: string, password: string): string => `
    S: 220 *
    C: HELO
    S: 250 *
    C: AUTH PLAIN ${login(user, password)}
    S: 235 *
    C: MAIL FROM: <scan@contoso.com>
    S: 250 *`

  it('shows what it needs: encryption, sign-in, repairs', async () => {
    const clock = new RunningClock(start)
    await using rig = await open({ clock })
    await knock(rig, '127.0.0.24', speaks('scan1', '1234'))
    const [trait] = rig.submission.traits()
    assert.equal(trait?.lastSession, rig.submission.sessions()[0]?.id)
    assert.ok(isNow(trait?.lastSeen ?? 0))
    assert.deepEqual(
      { ...trait, lastSession: '', lastSeen: start, repairs: trait?.repairs.map(({ name }) => name) },
      {
        device: 'Scanner',
        address: '127.0.0.24',
        lastSeen: start,
        lastSession: '',
        tls: '',
        mechanism: 'PLAIN',
        repairs: ['helo-empty', 'mail-space'],
      },
    )
  })

  it('is written once in ten minutes, however much it sends', async () => {
    const clock = new RunningClock(start)
    await using rig = await open({ clock })
    for (let sessions = 0; sessions < 4; sessions++) await knock(rig, '127.0.0.24', speaks('scan1', '1234'))
    await clock.jump(9 * minute)
    assert.equal(rig.spool.traitsSaved.length, 0)
    await clock.jump(1 * minute)
    await until(() => rig.spool.traitsSaved.length === 1)
    await clock.jump(hour)
    assert.equal(rig.spool.traitsSaved.length, 1)
  })

  it('loses a repair that it has not needed for 30 days', async () => {
    const clock = new RunningClock(start)
    const spool = new SpoolDouble()
    spool.traitsKnown = [
      {
        device: 'Scanner',
        address: '127.0.0.24',
        lastSeen: start,
        lastSession: 'old',
        tls: '',
        mechanism: '',
        repairs: [
          { name: 'mail-dot', at: wallMs(start - 31 * day) },
          { name: 'mail-params', at: wallMs(start - 29 * day) },
        ],
      },
    ]
    await using rig = await open({ clock, spool })
    await knock(rig, '127.0.0.24', speaks('scan1', '1234'))
    assert.deepEqual(
      rig.submission.traits()[0]?.repairs.map(({ name }) => name),
      ['helo-empty', 'mail-params', 'mail-space'],
    )
  })
})
