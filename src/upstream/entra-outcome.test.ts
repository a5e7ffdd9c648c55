import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minute } from '../core/time.ts'
import { type EntraSighting, entraOutcome } from './entra-outcome.ts'

const reply = (status: number, error: string, ...numbers: number[]) => ({
  kind: 'reply' as const,
  status,
  error,
  description: `AADSTS${numbers[0]}: said so.`,
  numbers,
  retryAfterMs: undefined,
})

const network = (code: string, message = code): EntraSighting => ({
  kind: 'network',
  trouble: { code, message },
})

/** microsoft.md 6.2: the OAuth error decides, the number only chooses the hint. */
const rows: readonly (readonly [string, EntraSighting, string])[] = [
  ['invalid_client', reply(401, 'invalid_client', 1), 'paused entra-refused'],
  ['unauthorized_client', reply(400, 'unauthorized_client', 1), 'paused entra-refused'],
  ['invalid_request', reply(400, 'invalid_request', 1), 'paused entra-refused'],
  ['invalid_scope', reply(400, 'invalid_scope', 1), 'paused entra-refused'],
  ['an expired secret', reply(401, 'invalid_client', 7000222), 'paused secret-expired'],
  ['a wrong secret', reply(401, 'invalid_client', 7000215), 'paused secret-wrong'],
  ['an app that is not in the tenant', reply(400, 'unauthorized_client', 700016), 'paused app-unknown'],
  ['an unknown tenant', reply(400, 'invalid_request', 90002), 'paused tenant-wrong'],
  ['a tenant that is none', reply(400, 'invalid_request', 900023), 'paused tenant-wrong'],
  [
    'a certificate that has ended',
    {
      ...reply(401, 'invalid_client', 700027),
      description: 'AADSTS700027: The certificate used to sign the client assertion is expired.',
    },
    'paused certificate-expired',
  ],
  ['an unregistered certificate', reply(401, 'invalid_client', 700027), 'paused certificate-not-registered'],
  ['an assertion outside its time', reply(401, 'invalid_client', 700024), 'paused clock-wrong'],
  ['a service missing in the tenant', reply(400, 'invalid_resource', 500011), 'paused resource-missing'],
  ['conditional access', reply(400, 'access_denied', 53003), 'paused conditional-access'],
  ['temporarily_unavailable', reply(400, 'temporarily_unavailable', 90033), 'transient unreachable-entra'],
  ['90033 with its status', reply(503, 'temporarily_unavailable', 90033), 'transient unreachable-entra'],
  ['50196 with its status', reply(429, 'temporarily_unavailable', 50196), 'transient unreachable-entra'],
  [
    'a known number under a passing status',
    reply(500, 'invalid_client', 7000222),
    'transient unreachable-entra',
  ],
  ['an error that nobody knows', reply(400, 'brand_new_error', 1), 'transient unreachable-entra'],
  ["a portal's page", reply(200, ''), 'transient unreachable-entra-unreadable'],
  ['a time-out', network('ETIMEDOUT'), 'transient unreachable-etimedout'],
  ['a host that is not found', network('ENOTFOUND'), 'transient unreachable-enotfound'],
  ['an untrusted certificate', network('SELF_SIGNED_CERT_IN_CHAIN'), 'paused certificate-not-trusted'],
  ['a key that cannot be used', { kind: 'local', message: 'bad PEM' }, 'paused certificate-missing'],
]

describe('outcome of a failed sign-in at Entra', () => {
  for (const [name, sighting, expected] of rows) {
    it(name, () => {
      const outcome = entraOutcome(sighting)
      assert.equal(
        `${outcome.kind} ${outcome.kind === 'paused' ? outcome.pause.code : outcome.code}`,
        expected,
      )
    })
  }

  it('waits as long as Entra asks, a minute after 429 without a word', () => {
    const asked = entraOutcome({
      kind: 'reply',
      status: 503,
      error: 'temporarily_unavailable',
      description: '',
      numbers: [],
      retryAfterMs: 9000,
    })
    const silent = entraOutcome(reply(429, 'temporarily_unavailable', 1))
    assert.ok(asked.kind === 'transient' && asked.afterMs === 9000)
    assert.ok(silent.kind === 'transient' && silent.afterMs === minute)
  })
})
