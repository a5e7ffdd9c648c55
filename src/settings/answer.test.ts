import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { scratchSettings } from './scratch-settings.ts'
import type { Settings } from './settings.ts'

const lineOf = (upstreams: object, box = 'branch-07'): string =>
  `inkpost-answer:${Buffer.from(JSON.stringify({ v: 1, box, upstreams })).toString('base64url')}\n`

const document = `
[gateway]
name = "branch-07"
[[device]]
name = "Front desk"
username = "scan1"
password = "12345678"
[[upstream]]
name = "acs"
kind = "acs-email"
enabled = false
senders = ["scanner@contoso.com", "*@alerts.contoso.com", "old@contoso.com"]
[upstream.credential]
kind = "client-certificate"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "relay.contoso.com"
enabled = false
[upstream.credential]
kind = "password"
username = "box"
password = "secret"
`
const ids = { tenant_id: 't', client_id: 'c' }
const acs = { endpoint: 'https://contoso.communication.azure.com', ...ids }

function box(text = document): Settings {
  const settings = scratchSettings({ profile: 'checkout', dataDirectory: '/nowhere', now: () => wallMs(7) })
  assert.equal(settings.apply(text, { who: 'anna' }).kind, 'applied')
  return settings
}

const problemsOf = (settings: Settings, line: string): string => {
  const application = settings.apply(line, { who: 'anna' })
  assert.ok(application.kind === 'problems', JSON.stringify(application))
  return application.problems.map(({ place, sentence }) => `${place}: ${sentence}`).join('\n')
}

describe('an upstream that waits for Microsoft', () => {
  it('may lack what only the service can tell, with a warning, while it is switched off', () => {
    using settings = box()
    const application = settings.apply(document, { who: 'anna', check: true })
    assert.ok(application.kind === 'checked')
    const waiting = application.remarks.filter(({ sentence }) => sentence.includes('is not known yet'))
    assert.deepEqual(
      waiting.map(({ place }) => place),
      ['endpoint', 'credential.tenant_id', 'credential.client_id'].map((key) => `upstream 1 "acs": ${key}`),
    )
    const said = problemsOf(settings, document.replace('enabled = false\nsenders', 'senders'))
    assert.match(said, /upstream 1 "acs": endpoint: is required for acs-email$/m)
    assert.match(said, /credential\.client_id: is required/)
  })
})

describe('an answer', () => {
  it('completes and switches on its upstream, and touches nothing else', () => {
    using settings = box()
    const before = settings.document
    const application = settings.apply(
      lineOf({
        acs: {
          ...acs,
          senders: 'new@contoso.com SCANNER@contoso.com NEW@contoso.com',
          refused_senders: 'Old@contoso.com',
        },
      }),
      { who: 'anna' },
    )
    assert.ok(application.kind === 'applied', JSON.stringify(application))
    const [upstream, relay] = settings.document.upstream
    assert.deepEqual(upstream, {
      ...before.upstream[0],
      enabled: true,
      endpoint: acs.endpoint,
      senders: ['scanner@contoso.com', '*@alerts.contoso.com', 'new@contoso.com'],
      credential: { ...before.upstream[0]?.credential, ...ids },
    })
    assert.deepEqual(relay, before.upstream[1], 'what was switched off for another reason stays off')
    assert.deepEqual({ ...settings.document, upstream: [] }, { ...before, upstream: [] })
    assert.equal(settings.audit(1)[0]?.who, 'anna')
    assert.match(settings.audit(1)[0]?.what.join() ?? '', /upstream "acs": endpoint changed/)
  })

  it('changes nothing the second time, and nothing with `check`', () => {
    using settings = box()
    const line = lineOf({ acs })
    assert.equal(settings.apply(line, { who: 'anna', check: true }).kind, 'checked')
    assert.equal(settings.document.upstream[0]?.enabled, false)
    settings.apply(line, { who: 'anna' })
    const { revision } = settings
    settings.apply(line, { who: 'anna' })
    assert.equal(settings.revision, revision)
  })

  it('does not switch on what was complete', () => {
    using settings = box()
    settings.apply(lineOf({ acs }), { who: 'anna' })
    settings.apply(settings.export().replace('kind = "acs-email"', 'kind = "acs-email"\nenabled = false'), {
      who: 'anna',
    })
    settings.apply(lineOf({ acs: { ...acs, client_id: 'another' } }), { who: 'anna' })
    assert.equal(settings.document.upstream[0]?.enabled, false)
  })

  const wrong: readonly (readonly [name: string, line: string, says: RegExp])[] = [
    [
      'of another box',
      lineOf({ acs }, 'branch-08'),
      /^answer: is for the box "branch-08", and this one is "branch-07"$/,
    ],
    [
      'to an upstream that is gone',
      lineOf({ old: acs }),
      /^answer: tells of upstream "old", which is not in the setup$/,
    ],
    [
      'with ids for a password',
      lineOf({ relay: ids }),
      /upstream "relay", which signs in by password: make the script anew/,
    ],
    ['that is cut off', lineOf({ acs }).slice(0, 40), /^answer: is cut off or damaged/],
    [
      'with an endpoint that is none',
      lineOf({ acs: { ...acs, endpoint: 'http://x' } }),
      /^upstream 1 "acs": endpoint: /,
    ],
    ['with a sender that is none', lineOf({ acs: { ...acs, senders: 'x' } }), /^upstream 1 "acs": senders/],
  ]
  for (const [name, line, says] of wrong) {
    it(`${name} is refused with its place, and changes nothing`, () => {
      using settings = box()
      const { revision } = settings
      assert.match(problemsOf(settings, line), says)
      assert.equal(settings.revision, revision)
    })
  }
})
