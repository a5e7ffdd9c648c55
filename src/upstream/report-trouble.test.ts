import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SignInRefused } from './acs-credential.ts'
import { paused } from './pause-reasons.ts'
import { isGone, queueTrouble } from './report-trouble.ts'

const never = new AbortController().signal
const answer = (statusCode: number, code?: string): Error =>
  Object.assign(new Error('the whole request'), { statusCode, ...(code === undefined ? {} : { code }) })
const network = (code: string, message = code): Error => Object.assign(new Error(message), { code })

describe('what keeps reports from being collected', () => {
  const cases: readonly (readonly [name: string, error: unknown, code: string, remedy: RegExp])[] = [
    ['no role', answer(403, 'AuthorizationPermissionMismatch'), 'role-missing', /Data Message Processor/],
    [
      'no right at all',
      answer(403, 'InsufficientAccountPermissions'),
      'role-missing',
      /Data Message Processor/,
    ],
    ['a token that it does not take', answer(401, 'InvalidAuthenticationInfo'), 'role-missing', /role/],
    ['a 401 without a code', answer(401), 'role-missing', /role/],
    ['the firewall of the account', answer(403, 'AuthorizationFailure'), 'network-refused', /Networking/],
    ['no queue', answer(404, 'QueueNotFound'), 'queue-missing', /reports\.queue/],
    ['a 404 of somebody else', answer(404), 'queue-missing', /reports\.queue/],
    ['a busy service', answer(503, 'ServerBusy'), 'unavailable', /tried again/],
    ['too many questions', answer(429), 'unavailable', /tried again/],
    ['a fault of the service', answer(500, 'InternalError'), 'unavailable', /tried again/],
    ['no route', network('ECONNREFUSED', 'connect ECONNREFUSED'), 'connection-failed', /port 443/],
    ['no name', network('ENOTFOUND'), 'connection-failed', /port 443/],
    ['a wrong certificate', network('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate-not-trusted', /ca_file/],
    ['anything', 'a text', 'connection-failed', /port 443/],
    [
      'an expired secret',
      new SignInRefused(paused('upstream', 'secret-expired')),
      'secret-expired',
      /client secret/,
    ],
    [
      'Entra out of reach',
      new SignInRefused({ kind: 'transient', code: 'unreachable-entra', detail: 'busy' }),
      'sign-in-failed',
      /port 443/,
    ],
  ]
  for (const [name, error, code, remedy] of cases)
    it(`${name} is ${code}`, () => {
      const trouble = queueTrouble(error, never)
      assert.equal(trouble.code, code)
      assert.match(trouble.remedy, remedy)
      assert.doesNotMatch(trouble.reason, /the whole request/)
    })

  it('a question without an answer is the line', () => {
    const signal = AbortSignal.abort(new DOMException('no end within 30 s', 'TimeoutError'))
    const trouble = queueTrouble(new Error('aborted'), signal)
    assert.deepEqual([trouble.code, trouble.reason], ['connection-failed', 'no end within 30 s'])
  })

  it('an entry that somebody else removed is gone', () => {
    assert.equal(isGone({ status: 404, code: 'MessageNotFound' }), true)
    assert.equal(isGone({ status: 400, code: 'PopReceiptMismatch' }), true)
    assert.equal(isGone({ status: 404, code: 'QueueNotFound' }), false)
    assert.equal(isGone({ status: 400, code: 'InvalidInput' }), false)
  })
})
