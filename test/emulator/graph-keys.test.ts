import assert from 'node:assert/strict'
import { createHash, randomUUID, sign, X509Certificate } from 'node:crypto'
import { Agent, request } from 'node:https'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from './certificate-authority.ts'
import { exampleApplicationId, type GraphKeys, startGraphKeys } from './graph-keys.ts'

const graphResource = 'https://graph.microsoft.com'
let azure: Azure
let graph: GraphKeys
let agent: Agent
let present: Identity
let other: Identity
let ended: Identity
let token: string

interface Reply {
  readonly status: number
  readonly body: string
}

function ask(method: string, url: string, headers: Record<string, string>, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, agent, headers }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }),
      )
    })
    asking.once('error', reject)
    asking.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const app = `/v1.0/applications(appId='${exampleClientId}')`
const call = (action: string, body: object, by = token): Promise<Reply> =>
  ask(
    'POST',
    `${graph.endpoint}${app}/${action}`,
    { ...json, authorization: `Bearer ${by}` },
    JSON.stringify(body),
  )
const codeOf = ({ status, body }: Reply): string =>
  `${status} ${body === '' ? '' : (JSON.parse(body).error?.code ?? 'done')}`

async function tokenFor(form: Record<string, string>): Promise<Reply> {
  const body = new URLSearchParams({
    client_id: exampleClientId,
    grant_type: 'client_credentials',
    scope: `${graphResource}/.default`,
    ...form,
  })
  const url = `${azure.authority}/${exampleTenant}/oauth2/v2.0/token`
  return ask('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, body.toString())
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const good = () => ({
  aud: '00000002-0000-0000-c000-000000000000',
  iss: exampleApplicationId,
  nbf: nowSeconds(),
  exp: nowSeconds() + 600,
})

function proof(
  change: object = {},
  by: Identity = present,
  header: object = { alg: 'RS256', typ: 'JWT' },
): string {
  const signed = `${encode(header)}.${encode({ ...good(), ...change })}`
  return `${signed}.${sign('sha256', Buffer.from(signed), by.keyPem).toString('base64url')}`
}

const der = ({ certificatePem }: Identity): Buffer => new X509Certificate(certificatePem).raw
const keyCredential = (identity: Identity) => ({
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  key: der(identity).toString('base64'),
})
const adding = (by: string, change: object = {}) => ({
  keyCredential: { ...keyCredential(other), ...change },
  passwordCredential: null,
  proof: by,
})

/** A client assertion of a certificate, as Microsoft's library makes them. */
function assertion(by: Identity): string {
  const url = `${azure.authority}/${exampleTenant}/oauth2/v2.0/token`
  const header = { alg: 'RS256', 'x5t#S256': createHash('sha256').update(der(by)).digest('base64url') }
  const claims = { aud: url, iss: exampleClientId, sub: exampleClientId, jti: randomUUID() }
  const signed = `${encode(header)}.${encode({ ...claims, nbf: nowSeconds(), exp: nowSeconds() + 600 })}`
  return `${signed}.${sign('sha256', Buffer.from(signed), by.keyPem).toString('base64url')}`
}

const signsIn = async (by: Identity): Promise<boolean> =>
  (
    await tokenFor({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion(by),
    })
  ).status === 200

before(async () => {
  azure = await startAzure({ resources: [graphResource, 'https://communication.azure.com'] })
  graph = await startGraphKeys({ azure })
  agent = new Agent({ ca: azure.caPem, keepAlive: true })
  ;[present, other, ended] = await Promise.all([
    makeSelfSignedIdentity('present'),
    makeSelfSignedIdentity('other'),
    makeSelfSignedIdentity('ended', new Date(Date.now() - 1000)),
  ])
  token = JSON.parse((await tokenFor({ client_secret: exampleSecret })).body).access_token
})
after(async () => {
  agent.destroy()
  await graph[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
})
beforeEach(() => {
  graph.spread()
  Object.assign(graph.settings, { mayRead: false, isSpreadAtOnce: true, isKeyIdTold: true })
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret }],
      certificates: [present.certificatePem, ended.certificatePem],
      role: 'contributor',
    },
  ]
  graph.added.length = 0
})

describe('addKey of the emulated Graph', () => {
  it('registers a certificate that proves the app from then on', async () => {
    assert.ok(!(await signsIn(other)))
    const reply = await call('addKey', adding(proof()))
    assert.equal(reply.status, 200)
    assert.match(JSON.parse(reply.body).keyId, /^[0-9a-f-]{36}$/)
    assert.ok(await signsIn(other))
    assert.ok(await signsIn(present))
  })

  it('is known to the token endpoint later, if so set, and proves itself to Graph at once', async () => {
    graph.settings.isSpreadAtOnce = false
    await call('addKey', adding(proof()))
    assert.ok(!(await signsIn(other)))
    assert.equal(codeOf(await call('addKey', adding(proof({}, other)))), '200 done')
    graph.spread()
    assert.ok(await signsIn(other))
  })

  const badProofs: readonly (readonly [string, () => string])[] = [
    ['the audience of Microsoft Graph', () => proof({ aud: '00000003-0000-0000-c000-000000000000' })],
    ['the client id as issuer', () => proof({ iss: exampleClientId })],
    ['a life of eleven minutes', () => proof({ exp: nowSeconds() + 660 })],
    ['a time that is over', () => proof({ nbf: nowSeconds() - 1200, exp: nowSeconds() - 600 })],
    ['a time to come', () => proof({ nbf: nowSeconds() + 600, exp: nowSeconds() + 1200 })],
    ['the key of a certificate that is not registered', () => proof({}, other)],
    ['the key of a registered certificate that has ended', () => proof({}, ended)],
    ['no signature', () => proof().replace(/\.[^.]*$/, '.')],
    ['another algorithm', () => proof({}, present, { alg: 'none' })],
    ['padding', () => `${proof()}=`],
    ['no JWT', () => 'proof'],
  ]
  for (const [what, make] of badProofs)
    it(`refuses a proof with ${what}`, async () => {
      assert.equal(codeOf(await call('addKey', adding(make()))), '401 Authentication_MissingOrMalformed')
      assert.deepEqual(graph.added, [])
    })

  it('refuses what is no certificate to verify with', async () => {
    for (const change of [{ type: 'X509CertAndPassword' }, { usage: 'Sign' }, { key: 'AAAA' }, { key: '%' }])
      assert.equal(codeOf(await call('addKey', adding(proof(), change))), '400 Request_BadRequest')
  })

  it('refuses a token for something else, and none', async () => {
    const form = { client_secret: exampleSecret, scope: 'https://communication.azure.com/.default' }
    const foreign = JSON.parse((await tokenFor(form)).body).access_token
    for (const by of [foreign, 'token', ''])
      assert.equal(codeOf(await call('addKey', adding(proof()), by)), '401 InvalidAuthenticationToken')
  })

  it('lets an app roll its own keys only', async () => {
    const foreign = randomUUID()
    azure.settings.apps = [
      ...azure.settings.apps,
      { tenant: exampleTenant, clientId: foreign, secrets: [], certificates: [], role: 'none' },
    ]
    const url = `${graph.endpoint}/v1.0/applications(appId='${foreign}')/addKey`
    const headers = { ...json, authorization: `Bearer ${token}` }
    const reply = await ask('POST', url, headers, JSON.stringify(adding(proof())))
    assert.equal(codeOf(reply), '403 Authorization_RequestDenied')
  })
})

describe('removeKey of the emulated Graph', () => {
  it('takes a certificate from the app, once', async () => {
    const { keyId } = JSON.parse((await call('addKey', adding(proof()))).body)
    assert.equal((await call('removeKey', { keyId, proof: proof({}, other) })).status, 204)
    assert.ok(!(await signsIn(other)))
    assert.equal(codeOf(await call('removeKey', { keyId, proof: proof() })), '400 Request_BadRequest')
  })

  it('wants a proof, too', async () => {
    const { keyId } = JSON.parse((await call('addKey', adding(proof()))).body)
    const reply = await call('removeKey', { keyId, proof: proof({ iss: exampleClientId }) })
    assert.equal(codeOf(reply), '401 Authentication_MissingOrMalformed')
    assert.ok(await signsIn(other))
  })
})

describe('an app registration of the emulated Graph', () => {
  it('is read by an app that may, with the thumbprints of its certificates', async () => {
    const read = () =>
      ask('GET', `${graph.endpoint}${app}?$select=id,keyCredentials`, { authorization: `Bearer ${token}` })
    assert.equal(codeOf(await read()), '403 Authorization_RequestDenied')
    graph.settings.mayRead = true
    const { id, keyCredentials } = JSON.parse((await read()).body)
    assert.equal(id, exampleApplicationId)
    const thumbprint = createHash('sha1').update(der(present)).digest('base64')
    assert.equal(keyCredentials[0].customKeyIdentifier, thumbprint)
  })

  it('is where the discovery document sends apps to', async () => {
    const url = `${azure.authority}/${exampleTenant}/v2.0/.well-known/openid-configuration`
    const { msgraph_host: host } = JSON.parse((await ask('GET', url, {})).body)
    assert.equal(`https://${host}`, graph.endpoint)
  })
})
