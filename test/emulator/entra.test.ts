// The token endpoint, spoken to by hand: form, scopes and assertions that an SDK would never send.
import assert from 'node:assert/strict'
import {
  constants,
  createHash,
  createPublicKey,
  randomUUID,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from './certificate-authority.ts'
import { ask, type RawAnswer } from './https-raw-client.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let azure: Azure
let identity: Identity

before(async () => {
  azure = await startAzure()
  identity = await makeSelfSignedIdentity('hand made')
})
after(() => azure[Symbol.asyncDispose]())
beforeEach(() => {
  azure.settings.now = Date.now
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret, expiresAt: Date.now() + 60_000 }],
      certificates: [identity.certificatePem],
      role: 'contributor',
    },
  ]
})

function tokenForm(change: Record<string, string> = {}): Record<string, string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: exampleClientId,
    scope: 'https://communication.azure.com/.default',
    ...change,
  }
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''))
}

function askToken(form: Record<string, string>, tenant = exampleTenant): Promise<RawAnswer> {
  return ask(azure, {
    method: 'POST',
    pathAndQuery: `/${tenant}/oauth2/v2.0/token?client-request-id=${randomUUID()}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
    body: new URLSearchParams(form).toString(),
  })
}

function section(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function thumbprint(of = identity): string {
  return createHash('sha256').update(new X509Certificate(of.certificatePem).raw).digest('base64url')
}

function claims(change: object = {}): object {
  const now = Math.floor(Date.now() / 1000)
  const aud = `${azure.authority}/${exampleTenant}/oauth2/v2.0/token`
  return {
    aud,
    iss: exampleClientId,
    sub: exampleClientId,
    jti: randomUUID(),
    nbf: now,
    exp: now + 600,
    ...change,
  }
}

function assertion(payload: object, headerChange: object = {}, signer = identity): string {
  const header = { typ: 'JWT', alg: 'PS256', 'x5t#S256': thumbprint(signer), ...headerChange }
  const signed = `${section(header)}.${section(payload)}`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const scheme = header.alg === 'PS256' ? pss : { padding: constants.RSA_PKCS1_PADDING }
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: signer.keyPem, ...scheme }).toString('base64url')}`
}

function byAssertion(text: string): Promise<RawAnswer> {
  return askToken(tokenForm({ client_assertion_type: assertionType, client_assertion: text }))
}

describe('Entra discovery', () => {
  it('names the endpoints of the tenant', async () => {
    const pathAndQuery = `/${exampleTenant}/v2.0/.well-known/openid-configuration`
    const document = JSON.parse((await ask(azure, { method: 'GET', pathAndQuery })).text)
    assert.equal(document.token_endpoint, `${azure.authority}/${exampleTenant}/oauth2/v2.0/token`)
    assert.equal(document.issuer, `${azure.authority}/${exampleTenant}/v2.0`)
  })

  it('publishes the key its tokens are signed with', async () => {
    const keys = JSON.parse(
      (await ask(azure, { method: 'GET', pathAndQuery: `/${exampleTenant}/discovery/v2.0/keys` })).text,
    )
    const token: string = JSON.parse(
      (await askToken(tokenForm({ client_secret: exampleSecret }))).text,
    ).access_token
    const [header, payload, signature = ''] = token.split('.')
    const key = createPublicKey({ key: keys.keys[0], format: 'jwk' })
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
  })
})

describe('Entra token endpoint', () => {
  for (const scope of [
    'https://communication.azure.com/.default',
    'https://communication.azure.com//.default',
  ]) {
    it(`takes the scope ${scope}`, async () => {
      const answer = await askToken(tokenForm({ client_secret: exampleSecret, scope }))
      assert.equal(answer.status, 200)
      const { token_type, expires_in } = JSON.parse(answer.text)
      assert.deepEqual([token_type, expires_in], ['Bearer', 3599])
    })
  }

  const refusals: [
    aadsts: number,
    status: number,
    error: string,
    name: string,
    form: Record<string, string>,
  ][] = [
    [7000218, 401, 'invalid_client', 'no credential', {}],
    [7000215, 401, 'invalid_client', 'a wrong secret', { client_secret: 'wrong' }],
    [
      700016,
      400,
      'unauthorized_client',
      'an unknown app',
      { client_id: randomUUID(), client_secret: exampleSecret },
    ],
    [900144, 400, 'invalid_request', 'no scope', { scope: '', client_secret: exampleSecret }],
    [900144, 400, 'invalid_request', 'no client id', { client_id: '', client_secret: exampleSecret }],
    [
      70003,
      400,
      'unsupported_grant_type',
      'another grant',
      { grant_type: 'password', client_secret: exampleSecret },
    ],
    [
      70011,
      400,
      'invalid_scope',
      'two scopes',
      { scope: 'https://a/.default https://b/.default', client_secret: exampleSecret },
    ],
    [
      1002012,
      400,
      'invalid_scope',
      'a scope without .default',
      { scope: 'https://a/b', client_secret: exampleSecret },
    ],
    [
      500011,
      400,
      'invalid_resource',
      'an unknown resource',
      { scope: 'https://a/.default', client_secret: exampleSecret },
    ],
    [7000218, 401, 'invalid_client', 'an assertion without its type', { client_assertion: 'x' }],
    [
      50027,
      401,
      'invalid_client',
      'an assertion that is no JWT',
      { client_assertion_type: assertionType, client_assertion: 'x.y.z' },
    ],
  ]
  for (const [aadsts, status, error, name, form] of refusals) {
    it(`${aadsts} ${error} for ${name}`, async () => {
      const answer = await askToken(tokenForm(form))
      const body = JSON.parse(answer.text)
      assert.deepEqual([answer.status, body.error, body.error_codes], [status, error, [aadsts]])
      assert.match(body.error_description, new RegExp(`^AADSTS${aadsts}: `))
      assert.match(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
      assert.match(body.trace_id, /^[0-9a-f-]{36}$/)
    })
  }

  it('7000222 once the secret has expired by the emulator’s clock', async () => {
    const form = tokenForm({ client_secret: exampleSecret })
    assert.equal((await askToken(form)).status, 200)
    azure.settings.now = () => Date.now() + 60_001
    assert.deepEqual(JSON.parse((await askToken(form)).text).error_codes, [7000222])
  })

  it('90002 for an unknown tenant', async () => {
    const answer = await askToken(tokenForm({ client_secret: exampleSecret }), randomUUID())
    assert.deepEqual([answer.status, JSON.parse(answer.text).error_codes], [400, [90002]])
  })
})

describe('Entra client assertion', () => {
  it('is taken with PS256 or RS256, found by thumbprint or chain', async () => {
    const leaf = new X509Certificate(identity.certificatePem).raw.toString('base64')
    for (const header of [{}, { alg: 'RS256' }, { 'x5t#S256': undefined, x5c: [leaf] }]) {
      assert.equal((await byAssertion(assertion(claims(), header))).status, 200)
    }
  })

  it('is taken once: its jti is remembered', async () => {
    const once = assertion(claims())
    assert.equal((await byAssertion(once)).status, 200)
    assert.deepEqual(JSON.parse((await byAssertion(once)).text).error_codes, [50027])
  })

  const now = Math.floor(Date.now() / 1000)
  const refusals: [aadsts: number, name: string, make: () => string][] = [
    [50027, 'another algorithm', () => assertion(claims(), { alg: 'none' })],
    [50027, 'no jti', () => assertion(claims({ jti: undefined }))],
    [700021, 'another issuer', () => assertion(claims({ iss: randomUUID() }))],
    [700021, 'another subject', () => assertion(claims({ sub: randomUUID() }))],
    [700023, 'another audience', () => assertion(claims({ aud: azure.authority }))],
    [700024, 'an end in the past', () => assertion(claims({ exp: now - 400 }))],
    [700024, 'a beginning in the future', () => assertion(claims({ nbf: now + 400 }))],
    [700027, 'another thumbprint', () => assertion(claims(), { 'x5t#S256': 'AAAA' })],
    [700027, 'no mark of its certificate', () => assertion(claims(), { 'x5t#S256': undefined })],
    [
      700027,
      'claims changed after signing',
      () => {
        const [header, , signature] = assertion(claims()).split('.')
        return `${header}.${section(claims({ exp: now + 601 }))}.${signature}`
      },
    ],
    [
      700027,
      'a signature of the other scheme',
      () => {
        const [, payload, signature] = assertion(claims()).split('.')
        return `${section({ typ: 'JWT', alg: 'RS256', 'x5t#S256': thumbprint() })}.${payload}.${signature}`
      },
    ],
  ]
  for (const [aadsts, name, make] of refusals) {
    it(`${aadsts} for ${name}`, async () => {
      const answer = await byAssertion(make())
      assert.deepEqual([answer.status, JSON.parse(answer.text).error_codes], [401, [aadsts]])
    })
  }

  it('700027 for a certificate that has expired', async () => {
    const expired = await makeSelfSignedIdentity('old', new Date(Date.now() - 1000))
    azure.settings.apps = azure.settings.apps.map((app) => ({
      ...app,
      certificates: [expired.certificatePem],
    }))
    assert.deepEqual(
      JSON.parse((await byAssertion(assertion(claims(), {}, expired))).text).error_codes,
      [700027],
    )
  })
})
