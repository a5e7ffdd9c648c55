import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { address, deviceSetup, setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import type { FidelityFlag, RouteFacts } from './message.ts'
import { builtInOutbox, isExternal, type RouteQuestion, senderFor, takesSender, waysOut } from './route.ts'
import type { UpstreamSetup } from './setup.ts'

const facts = (with_: Partial<RouteFacts> = {}): RouteFacts => ({
  size: 1000,
  acsSize: 2000,
  fidelity: [],
  ...with_,
})
const question = (with_: Partial<RouteQuestion> = {}): RouteQuestion => ({
  kind: 'mail',
  route: undefined,
  facts: facts(),
  recipient: address('anna@contoso.com'),
  refusedBy: [],
  ...with_,
})

const acs = upstreamSetup('acs', { kind: 'acs-email', maxMessageSize: 10_000_000 })
const smarthost = upstreamSetup('smarthost')
const outbox = upstreamSetup('kept', { kind: 'outbox' })
const direct = upstreamSetup('direct', { kind: 'exchange-direct', acceptedDomains: ['Contoso.com'] })
const hve = upstreamSetup('hve', { kind: 'exchange-hve', acceptedDomains: ['contoso.com'] })

const ways = (asked: RouteQuestion, upstreams: readonly UpstreamSetup[]) => waysOut(asked, upstreams).ways
const whys = (asked: RouteQuestion, upstreams: readonly UpstreamSetup[]) =>
  waysOut(asked, upstreams).refusals.map(({ upstream, why }) => `${upstream}: ${why}`)

describe('ways out', () => {
  it('are tried in the order of the setup document', () => {
    assert.deepEqual(ways(question(), [smarthost, acs]), ['smarthost', 'acs'])
  })

  it('follow the route where there is one, and nothing else', () => {
    assert.deepEqual(ways(question({ route: ['acs', 'smarthost'] }), [smarthost, acs]), ['acs', 'smarthost'])
    assert.deepEqual(ways(question({ route: ['acs'] }), [smarthost, acs]), ['acs'])
  })

  it('leave out what is switched off or not there any more', () => {
    const off = { ...acs, enabled: false }
    assert.deepEqual(ways(question(), [off, smarthost]), ['smarthost'])
    assert.deepEqual(ways(question({ route: ['gone', 'acs'] }), [off, smarthost]), [])
  })

  it('include the outbox only where it is alone or named', () => {
    assert.deepEqual(ways(question(), [outbox]), ['kept'])
    assert.deepEqual(ways(question(), [outbox, smarthost]), ['smarthost'])
    assert.deepEqual(ways(question({ route: ['kept', 'smarthost'] }), [outbox, smarthost]), [
      'kept',
      'smarthost',
    ])
  })

  it('end in the built-in outbox for test mail, whatever is set up and however large it is', () => {
    const huge = question({ kind: 'test', facts: facts({ acsSize: 1e9 }), route: ['acs'] })
    assert.deepEqual(ways(huge, [acs, smarthost]), [builtInOutbox])
    assert.deepEqual(ways(huge, []), [builtInOutbox])
  })

  it('are none, for no reason of the mail, on an empty box', () => {
    assert.deepEqual(waysOut(question(), []), { ways: [], refusals: [] })
  })
})

describe('ways out by size', () => {
  const limited = { ...smarthost, maxMessageSize: 10_000_000 }
  const rows: readonly (readonly [string, number, number, readonly string[]])[] = [
    ['counts the request for ACS, octets for SMTP', 9_000_000, 10_000_001, ['smarthost']],
    ['takes what fits exactly', 10_000_000, 10_000_000, ['acs', 'smarthost']],
    ['knows that 8-bit mail may be larger than its request', 10_000_001, 9_000_000, ['acs']],
    ['finds none for the largest', 10_000_001, 10_000_001, []],
  ]
  for (const [name, size, acsSize, expected] of rows)
    it(name, () =>
      assert.deepEqual(ways(question({ facts: facts({ size, acsSize }) }), [acs, limited]), expected),
    )

  it('says which way it is too large for', () => {
    assert.deepEqual(whys(question({ facts: facts({ acsSize: 11e6 }) }), [acs, smarthost]), [
      'acs: too-large',
    ])
  })
})

describe('ways out by fidelity', () => {
  const rows: readonly (readonly [FidelityFlag, readonly string[]])[] = [
    ['signed', ['smarthost']],
    ['encrypted', ['smarthost']],
    ['partial', ['smarthost']],
    ['calendar', ['smarthost', 'acs']],
    ['embedded-message', ['smarthost', 'acs']],
    ['report', ['smarthost', 'acs']],
    ['from-name', ['acs', 'smarthost']],
    ['envelope-differs', ['acs', 'smarthost']],
  ]
  for (const [flag, expected] of rows)
    it(`${flag}: ${expected.join(', then ')}`, () =>
      assert.deepEqual(ways(question({ facts: facts({ fidelity: [flag] }) }), [acs, smarthost]), expected))

  it('still uses ACS for a calendar where nothing else is there', () => {
    assert.deepEqual(ways(question({ facts: facts({ fidelity: ['calendar'] }) }), [acs]), ['acs'])
  })
})

describe('ways out by recipient', () => {
  it('keep external mail from what delivers inside only', () => {
    const outside = question({ recipient: address('x@fabrikam.com') })
    assert.deepEqual(ways(outside, [direct, hve, smarthost]), ['smarthost'])
    assert.deepEqual(whys(outside, [direct]), ['direct: external-recipient'])
    assert.deepEqual(ways(question(), [direct, hve, smarthost]), ['direct', 'hve', 'smarthost'])
  })

  it('leave out who refused it before', () => {
    assert.deepEqual(whys(question({ refusedBy: ['acs'] }), [acs, smarthost]), ['acs: refused-before'])
    assert.deepEqual(ways(question({ refusedBy: ['acs'] }), [acs, smarthost]), ['smarthost'])
  })

  it('are each either a way or a refusal with its reason, never both and never none', () => {
    const flags = fc.subarray<FidelityFlag>(['signed', 'calendar', 'report', 'partial'])
    const sizes = fc.constantFrom(100, 10_000_001)
    fc.assert(
      fc.property(
        sizes,
        sizes,
        flags,
        fc.subarray(['acs', 'smarthost', 'direct']),
        fc.boolean(),
        (size, acsSize, fidelity, refusedBy, outside) => {
          const recipient = address(outside ? 'x@fabrikam.com' : 'anna@contoso.com')
          const asked = question({ recipient, refusedBy, facts: { size, acsSize, fidelity } })
          const found = waysOut(asked, [acs, smarthost, direct])
          const names = [...found.ways, ...found.refusals.map(({ upstream }) => upstream)]
          assert.deepEqual(names.toSorted(), ['acs', 'direct', 'smarthost'])
        },
      ),
    )
  })

  it('know inside from outside in any case of letters', () => {
    assert.equal(isExternal(address('a@CONTOSO.COM'), direct), false)
    assert.equal(isExternal(address('a@sub.contoso.com'), direct), true)
  })
})

describe('the sender a way out sees', () => {
  const from = 'Copier@contoso.com'
  const picky = upstreamSetup('acs', {
    senders: ['scanner@contoso.com', '*@alerts.contoso.com'],
    sender: address('noreply@contoso.com'),
  })
  const seen = (
    device: Parameters<typeof deviceSetup>[1] | undefined,
    upstream = upstreamSetup('any'),
    said: string | undefined = from,
  ) => {
    const own = device && deviceSetup('scanner', device)
    const { sender, keepOriginalInReplyTo } = senderFor(setupOf([], own ? [own] : []), own, said, upstream)
    return `${sender ?? 'as it is'}${keepOriginalInReplyTo ? ', reply-to' : ''}`
  }
  const owned = { sender: address('scanner@contoso.com') }
  const foreign = { sender: address('scanner@fabrikam.com') }

  const rows: readonly (readonly [string, string, string])[] = [
    [
      'reply-to: the device’s sender, its own words in Reply-To',
      seen(owned),
      'scanner@contoso.com, reply-to',
    ],
    [
      'reply-to: the upstream’s sender where it does not take the device’s',
      seen(foreign, picky),
      'noreply@contoso.com, reply-to',
    ],
    ['reply-to without a sender: what it said', seen({ sender: undefined }), 'Copier@contoso.com'],
    [
      'reply-to without a sender, not taken: the upstream’s',
      seen({ sender: undefined }, picky),
      'noreply@contoso.com, reply-to',
    ],
    ['never: nothing of what it said', seen({ ...owned, keepSender: 'never' }), 'scanner@contoso.com'],
    ['never, not taken', seen({ ...foreign, keepSender: 'never' }, picky), 'noreply@contoso.com'],
    ['when-allowed: what it said', seen({ ...owned, keepSender: 'when-allowed' }), 'Copier@contoso.com'],
    [
      'when-allowed, not taken: the device’s',
      seen({ ...owned, keepSender: 'when-allowed' }, picky),
      'scanner@contoso.com, reply-to',
    ],
    [
      'when-allowed, neither taken: the upstream’s',
      seen({ ...foreign, keepSender: 'when-allowed' }, picky),
      'noreply@contoso.com, reply-to',
    ],
    [
      'when-allowed by a pattern',
      seen({ ...owned, keepSender: 'when-allowed' }, picky, 'ups@alerts.contoso.com'),
      'ups@alerts.contoso.com',
    ],
    [
      'the same mailbox in other letters is no other sender',
      seen(owned, picky, 'SCANNER@contoso.com'),
      'scanner@contoso.com',
    ],
    ['no From that can be read', seen(owned, picky, 'printer'), 'scanner@contoso.com'],
    [
      'nothing fits and the upstream has none: the device’s, for the service to judge',
      seen(foreign, { ...picky, sender: undefined }),
      'scanner@fabrikam.com, reply-to',
    ],
    ['the box’s own mail', seen(undefined, undefined, 'inkpost@contoso.com'), 'inkpost@contoso.com'],
    [
      'the box’s own mail where the upstream does not take it',
      seen(undefined, picky, 'inkpost@contoso.com'),
      'noreply@contoso.com, reply-to',
    ],
  ]
  for (const [name, found, expected] of rows) it(name, () => assert.equal(found, expected))

  it('is always one that the upstream takes, where it takes any of those that are known', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('reply-to', 'never', 'when-allowed'),
        fc.constantFrom(undefined, 'scanner@contoso.com', 'scanner@fabrikam.com'),
        fc.constantFrom(undefined, 'copier@contoso.com', 'ups@alerts.contoso.com'),
        (keepSender, sender, said) => {
          const device = deviceSetup('x', { keepSender, sender: sender ? address(sender) : undefined })
          const found = senderFor(setupOf([], [device]), device, said, picky)
          assert.ok(found.sender === picky.sender || (found.sender && takesSender(picky, found.sender)))
          if (keepSender === 'never') assert.equal(found.keepOriginalInReplyTo, false)
        },
      ),
    )
  })

  it('has the device’s name only with the device’s address', () => {
    const device = deviceSetup('x', { ...owned, senderName: 'Front desk' })
    const name = (upstream: UpstreamSetup) => senderFor(setupOf([]), device, from, upstream).senderName
    assert.equal(name(upstreamSetup('any')), 'Front desk')
    assert.equal(name({ ...picky, senders: ['other@contoso.com'] }), '')
  })
})
