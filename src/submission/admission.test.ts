import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, device, passwordOf, type SetupChanges, setup } from '../../test/submission/setup.ts'
import type { Secrets } from '../core/secret.ts'
import type { Setup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import type { Hardware } from '../platform/neighbours.ts'
import {
  type Client,
  type Credentials,
  deviceAt,
  hardwareText,
  hardwareTrouble,
  judgeSignIn,
  mannersFor,
  mayConnect,
  maySignIn,
  submitterOf,
} from './admission.ts'
import { rulesOf } from './rules.ts'

const withPassword = { username: 'scan1', password: passwordOf('Scanner') }
const scanner = device('Scanner', withPassword)
const client = (address: string, hardware: Hardware = { kind: 'routed' }): Client => ({ address, hardware })
const lan = { gateway: { trustedNetworks: ['192.168.7.0/24'] } }
const rules = (changes: SetupChanges = {}) => rulesOf(setup({ ...lan, ...changes }))

describe('who may connect', () => {
  const known = rules({ devices: [device('Far', { addresses: ['203.0.113.5'] })] })
  const table: readonly (readonly [string, boolean])[] = [
    ['192.168.7.20', true],
    ['192.168.8.20', false],
    ['203.0.113.5', true],
    ['203.0.113.6', false],
    ['2001:db8::1', false],
  ]
  for (const [from, expected] of table) {
    it(`${from}: ${expected ? 'yes' : 'no'}`, () => assert.equal(mayConnect(known, from), expected))
  }
})

describe('which device it is by address', () => {
  const devices = [
    device('Building', { addresses: ['192.168.0.0/16'] }),
    device('Floor', { addresses: ['192.168.7.0/24', '10.1.0.0/16'] }),
    device('Scanner', { addresses: ['192.168.7.20', 'fd00::20'] }),
  ]
  const table: readonly (readonly [string, string | undefined])[] = [
    ['192.168.7.20', 'Scanner'],
    ['192.168.7.21', 'Floor'],
    ['192.168.8.1', 'Building'],
    ['10.1.2.3', 'Floor'],
    ['fd00::20', 'Scanner'],
    ['10.2.0.1', undefined],
  ]
  for (const [from, expected] of table) {
    it(`${from}: ${expected ?? 'none'}`, () => {
      assert.equal(deviceAt(rules({ devices }), client(from))?.name, expected)
    })
  }
})

describe('manners before AUTH', () => {
  const listener = { security: 'starttls', tls: 'legacy' } as const
  const devices = [
    device('Bound', { addresses: ['192.168.7.20'], tls: 'vintage', auth: ['CRAM-MD5', 'LOGIN'] }),
    device('Roaming', { ...withPassword, tls: 'vintage', auth: ['PLAIN'] }),
    device('Clear', { addresses: ['192.168.7.22'], tls: 'plain' }),
    device('Strict', { addresses: ['192.168.7.23'], tls: 'modern' }),
  ]
  const vintage = rules({ devices, gateway: { ...lan.gateway, weakestTls: 'vintage' } })
  const legacy = rules({ devices })
  const modern = rules({ devices, gateway: { ...lan.gateway, weakestTls: 'modern' } })
  const at = (r: typeof legacy, from: string, remembered?: string) =>
    mannersFor(r, listener, client(from), remembered, undefined)

  it('are the listener’s for a stranger', () => {
    const manners = at(legacy, '192.168.7.99')
    assert.deepEqual(manners, {
      device: undefined,
      tls: 'legacy',
      certificate: 'auto',
      hidesStartTls: false,
      auth: ['LOGIN', 'PLAIN'],
    })
  })
  it('are the device’s where its address is listed', () => {
    assert.equal(at(vintage, '192.168.7.20').tls, 'vintage')
    assert.deepEqual(at(vintage, '192.168.7.20').auth, ['CRAM-MD5', 'LOGIN'])
    assert.equal(at(legacy, '192.168.7.23').tls, 'modern')
  })
  it('are those of the device that signed in from there, but never vintage', () => {
    assert.equal(at(vintage, '192.168.7.99', 'Roaming').tls, 'legacy')
    assert.deepEqual(at(vintage, '192.168.7.99', 'Roaming').auth, ['PLAIN'])
    assert.equal(at(vintage, '192.168.7.23', 'Roaming').device?.name, 'Strict')
  })
  it('are vintage at private addresses of enabled devices only, whoever asked for it', () => {
    const everywhere = device('Everywhere', { addresses: ['0.0.0.0/0'] })
    const off = device('Off', { addresses: ['192.168.7.30'], enabled: false })
    const open = rules({ devices: [everywhere, off], gateway: { ...lan.gateway, weakestTls: 'vintage' } })
    const on = { security: 'starttls', tls: 'vintage' } as const
    const tls = (from: string) => mannersFor(open, on, client(from), undefined, undefined).tls
    assert.equal(tls('192.168.7.20'), 'vintage')
    assert.equal(tls('192.168.7.30'), 'legacy')
    assert.equal(tls('203.0.113.5'), 'legacy')
    assert.equal(tls('2001:db8::5'), 'legacy')
  })
  it('never go below the box’s floor', () => {
    assert.equal(at(legacy, '192.168.7.20').tls, 'legacy')
    assert.equal(at(modern, '192.168.7.20').tls, 'modern')
    assert.equal(at(modern, '192.168.7.99').tls, 'modern')
  })
  it('are modern again from the device’s date on', () => {
    const weak = { tls: 'legacy', certificate: 'sha1-1024' } as const
    const until = device('Until', { addresses: ['192.168.7.24'], weakUntil: '2027-01-31', ...weak })
    const dated = rules({ devices: [until] })
    const on = (day: string | undefined) =>
      mannersFor(
        dated,
        listener,
        client('192.168.7.24'),
        undefined,
        day === undefined ? day : wallMs(Date.parse(day)),
      )
    assert.deepEqual([on('2027-01-30').tls, on('2027-01-30').certificate], ['legacy', 'sha1-1024'])
    assert.deepEqual([on('2027-01-31').tls, on('2027-01-31').certificate], ['modern', 'auto'])
    assert.equal(on(undefined).tls, 'legacy')
  })
  it('hide STARTTLS from a device that must not use it, and on a plain listener', () => {
    assert.equal(at(legacy, '192.168.7.22').hidesStartTls, true)
    assert.equal(
      mannersFor(legacy, { security: 'plain', tls: 'legacy' }, client('192.168.7.99'), undefined, undefined)
        .hidesStartTls,
      true,
    )
  })
})

describe('where a password may be said', () => {
  const known = rules({ devices: [scanner, device('Far', { addresses: ['203.0.113.5'] })] })
  it('in clear on trusted networks only', () => {
    assert.equal(maySignIn(known, client('192.168.7.20'), false, 'LOGIN'), undefined)
    assert.equal(maySignIn(known, client('203.0.113.5'), true, 'LOGIN'), undefined)
    assert.equal(maySignIn(known, client('203.0.113.5'), false, 'LOGIN')?.code, 538)
  })
  it('by CRAM-MD5 only where a device lists it', () => {
    assert.equal(maySignIn(known, client('192.168.7.20'), false, 'CRAM-MD5')?.code, 504)
    const listed = rules({ devices: [device('Old', { auth: ['CRAM-MD5'] })] })
    assert.equal(maySignIn(listed, client('192.168.7.20'), false, 'CRAM-MD5'), undefined)
    assert.equal(maySignIn(listed, client('192.168.7.20'), false, 'NTLM')?.code, 504)
  })
  it('by CRAM-MD5 not from where that device is not', () => {
    const elsewhere = rules({ devices: [device('Old', { auth: ['CRAM-MD5'], addresses: ['192.168.7.21'] })] })
    assert.equal(maySignIn(elsewhere, client('192.168.7.20'), false, 'CRAM-MD5')?.code, 504)
    assert.equal(maySignIn(elsewhere, client('192.168.7.21'), false, 'CRAM-MD5'), undefined)
  })
})

const secrets: Secrets = {
  open: (name) => (name === passwordOf('Scanner') ? { kind: 'open', value: '1234' } : { kind: 'absent' }),
}
const locked: Secrets = { open: () => ({ kind: 'locked' }) }
const says = (username: string, password: string, mechanism = 'PLAIN'): Credentials => ({
  mechanism,
  username,
  isPassword: (right) => right === password,
})
const clear = { ...client('192.168.7.20'), isSecure: false }

/** The device's name, or the code of the refusal. */
function signIn(s: Setup, credentials: Credentials, from = clear, by = secrets): string | number {
  const verdict = judgeSignIn(rulesOf(s), by, from, credentials)
  return verdict.kind === 'in' ? verdict.device.name : verdict.reply.code
}

describe('signing in', () => {
  const one = (changes = {}) => setup({ ...lan, devices: [{ ...scanner, ...changes }] })

  it('needs the right name and password', () => {
    assert.equal(signIn(one(), says('scan1', '1234')), 'Scanner')
    assert.equal(signIn(one(), says('SCAN1 ', '1234')), 'Scanner')
    assert.equal(signIn(one(), says('scan1', '12345')), 535)
    assert.equal(signIn(one(), says('scan2', '1234')), 535)
    assert.equal(signIn(one(), says('', '')), 535)
  })
  it('goes by a further login too', () => {
    const known = one({ alsoKnownAs: ['Scanner@Contoso.com'] })
    assert.equal(signIn(known, says('scanner@contoso.com', '1234')), 'Scanner')
  })
  it('is refused to a device that is switched off, after its password', () => {
    assert.equal(signIn(one({ enabled: false }), says('scan1', '1234')), 535)
  })
  it('goes from the device’s own addresses only, where it has some', () => {
    assert.equal(signIn(one({ addresses: ['192.168.7.21'] }), says('scan1', '1234')), 535)
    assert.equal(signIn(one({ addresses: ['192.168.7.20'] }), says('scan1', '1234')), 'Scanner')
    assert.equal(signIn(one(), says('scan1', '1234'), { ...client('203.0.113.5'), isSecure: true }), 535)
  })
  it('is not possible now while the vault is locked: no guess, no 5xx', () => {
    const verdict = judgeSignIn(rulesOf(one()), locked, clear, says('scan1', '1234'))
    assert.equal(verdict.kind === 'refused' && verdict.reply.code, 454)
    assert.equal(verdict.kind === 'refused' && verdict.isGuess, false)
  })
  it('has to be encrypted where the device requires it', () => {
    assert.equal(signIn(one({ requireTls: true }), says('scan1', '1234')), 538)
    assert.equal(
      signIn(one({ requireTls: true }), says('scan1', '1234'), { ...clear, isSecure: true }),
      'Scanner',
    )
    assert.equal(signIn(one({ requireTls: true }), says('scan1', 'x')), 535)
  })
  it('by CRAM-MD5 where it is listed for this device', () => {
    assert.equal(signIn(one(), says('scan1', '1234', 'CRAM-MD5')), 535)
    assert.equal(signIn(one({ auth: ['CRAM-MD5'] }), says('scan1', '1234', 'CRAM-MD5')), 'Scanner')
  })

  describe('without a password to check', () => {
    const open = device('Open', { addresses: ['192.168.7.20'] })
    it('is taken as it is from the device’s address, and noted', () => {
      const known = rulesOf(setup({ ...lan, devices: [open] }))
      const verdict = judgeSignIn(known, secrets, clear, says('whatever', 'x'))
      assert.equal(verdict.kind === 'in' && verdict.device.name, 'Open')
      assert.match((verdict.kind === 'in' && verdict.note) || '', /taken as it is/)
    })
    it('is refused elsewhere, and to one that is switched off', () => {
      const known = setup({ ...lan, devices: [{ ...open, username: 'open' }] })
      assert.equal(signIn(known, says('open', ''), { ...client('192.168.7.21'), isSecure: false }), 535)
      assert.equal(signIn(setup({ ...lan, devices: [{ ...open, enabled: false }] }), says('x', 'y')), 535)
    })
    it('does not keep another device from signing in there', () => {
      assert.equal(signIn(setup({ ...lan, devices: [open, scanner] }), says('scan1', '1234')), 'Scanner')
    })
  })
})

describe('who submits', () => {
  /** The device's name, or the code of the refusal. */
  function submits(changes: Partial<typeof scanner>, signedIn = false, isSecure = false): string | number {
    const known = rules({ devices: [{ ...device('Scanner'), ...changes }] })
    const submitter = submitterOf(known, client('192.168.7.20'), isSecure, signedIn ? 'Scanner' : undefined)
    return submitter.kind === 'device' ? submitter.device.name : submitter.reply.code
  }
  const here = { addresses: ['192.168.7.20'], sender: address('scanner@contoso.com') }

  it('a device without password at its address', () => assert.equal(submits(here), 'Scanner'))
  it('a device that signed in', () => assert.equal(submits(withPassword, true), 'Scanner'))
  it('nobody else: sign in first', () => {
    assert.equal(submits(withPassword), 530)
    assert.equal(submits({ ...withPassword, addresses: ['192.168.7.21'] }), 530)
  })
  it('nobody else, and where no device could sign in: no relaying', () => {
    assert.equal(submits({ addresses: ['192.168.7.21'] }), 554)
  })
  it('not a device with a password at its address that did not sign in', () => {
    assert.equal(submits({ ...here, ...withPassword }), 530)
    assert.equal(submits({ ...here, ...withPassword }, true), 'Scanner')
  })
  it('not a device that was switched off, also in the middle of a session', () => {
    assert.equal(submits({ ...here, enabled: false }), 550)
    assert.equal(submits({ ...withPassword, enabled: false }, true), 550)
  })
  it('not in clear where encryption is required', () => {
    assert.equal(submits({ ...here, requireTls: true }), 530)
    assert.equal(submits({ ...here, requireTls: true }, false, true), 'Scanner')
  })
})

describe('a device with a hardware address', () => {
  const mac = '00:1b:a9:33:44:55'
  const devices = [
    device('Floor', { addresses: ['192.168.7.0/24'] }),
    device('Bound', { addresses: ['192.168.7.20'], mac }),
    device('Known', { ...withPassword, mac }),
  ]
  const known = rules({ devices })
  const [its, others] = [
    { kind: 'known', mac },
    { kind: 'known', mac: '00:1b:a9:00:00:01' },
  ] as const
  const table: readonly (readonly [what: string, hardware: Hardware, name: string])[] = [
    ['its own', its, 'Bound'],
    ['another', others, 'Floor'],
    ['none in the table', { kind: 'unknown' }, 'Floor'],
    ['one behind a router, which cannot be known', { kind: 'routed' }, 'Bound'],
  ]
  for (const [what, hardware, name] of table) {
    it(`with ${what}: it is ${name}`, () => {
      assert.equal(deviceAt(known, client('192.168.7.20', hardware))?.name, name)
    })
  }

  it('signs in from that hardware only', () => {
    const from = (hardware: Hardware) => ({ ...client('192.168.7.30', hardware), isSecure: false })
    const s = setup({ ...lan, devices: [{ ...scanner, mac }] })
    assert.equal(signIn(s, says('scan1', '1234'), from(its)), 'Scanner')
    assert.equal(signIn(s, says('scan1', '1234'), from(others)), 535)
    assert.equal(signIn(s, says('scan1', '1234'), from({ kind: 'unknown' })), 535)
    assert.equal(signIn(s, says('scan1', '1234'), from({ kind: 'routed' })), 'Scanner')
  })

  it('is told from the one that has its address', () => {
    const trouble = (hardware: Hardware) => {
      const found = hardwareTrouble(known, client('192.168.7.20', hardware))
      return found && hardwareText(found)
    }
    assert.equal(
      trouble(others),
      `not taken for Bound: its hardware address is ${mac}, this one is 00:1b:a9:00:00:01`,
    )
    assert.match(trouble({ kind: 'unknown' }) ?? '', /this one is not in the neighbour table$/)
    assert.equal(trouble(its), undefined)
    assert.equal(trouble({ kind: 'routed' }), undefined)
  })
})
