// Golden requests come from Microsoft's own SDK: what it signs and asserts must be taken, and the same request,
// tampered with afterwards, must be refused with the documented answer.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { EmailClient, type EmailMessage } from '@azure/communication-email'
import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { type Azure, startAzure } from './azure.ts'
import { defaultSettings, exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from './certificate-authority.ts'
import { acsErrorOf, ask, type RawRequest } from './https-raw-client.ts'

let azure: Azure
let appIdentity: Identity
let otherIdentity: Identity

before(async () => {
  azure = await startAzure()
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
  otherIdentity = await makeSelfSignedIdentity('somebody else')
})
after(() => azure[Symbol.asyncDispose]())
beforeEach(() => {
  azure.ledger.length = 0
  azure.requests.length = 0
  const { accessKeys } = azure.settings
  const many = { perMinute: 1000, perHour: 1000 }
  Object.assign(azure.settings, { ...defaultSettings(), accessKeys, sendQuota: many, statusQuota: many })
  setApp({})
})

function setApp(change: Partial<Azure['settings']['apps'][number]>): void {
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret }],
      certificates: [appIdentity.certificatePem],
      role: 'contributor',
      ...change,
    },
  ]
}

function message(change: Partial<EmailMessage> = {}): EmailMessage {
  return {
    senderAddress: 'scanner@contoso.com',
    content: { subject: 'Scan für Sie', plainText: 'Anbei.' },
    recipients: { to: [{ address: 'anna@contoso.com', displayName: 'Anna' }] },
    ...change,
  }
}

/** Neither retries nor follows, and trusts the emulator. */
function clientOptions(policy?: PipelinePolicy) {
  return {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    tlsOptions: { ca: azure.caPem },
    additionalPolicies: policy === undefined ? [] : [{ policy, position: 'perRetry' as const }],
  }
}

function keyClient(key = azure.settings.accessKeys[0], policy?: PipelinePolicy): EmailClient {
  return new EmailClient(`endpoint=${azure.endpoint};accesskey=${key}`, clientOptions(policy))
}

function identityOptions() {
  return {
    authorityHost: azure.authority,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
    tlsOptions: { ca: azure.caPem },
  }
}

function bySecret(
  secret = exampleSecret,
  clientId = exampleClientId,
  tenant = exampleTenant,
): ClientSecretCredential {
  return new ClientSecretCredential(tenant, clientId, secret, identityOptions())
}

function byCertificate(identity: Identity, sendCertificateChain = false): ClientCertificateCredential {
  const certificate = `${identity.certificatePem}\n${identity.keyPem}`
  const options = { ...identityOptions(), sendCertificateChain }
  return new ClientCertificateCredential(exampleTenant, exampleClientId, { certificate }, options)
}

/** A POST exactly as the SDK signs it, caught before it leaves, so that it can be changed and sent by hand. */
async function goldenRequest(): Promise<Required<RawRequest>> {
  let golden: Required<RawRequest> | undefined
  const policy: PipelinePolicy = {
    name: 'catch',
    sendRequest: (request) => {
      const url = new URL(request.url)
      golden = {
        method: request.method,
        pathAndQuery: `${url.pathname}${url.search}`,
        headers: { ...request.headers.toJSON() },
        body: String(request.body),
      }
      throw new Error('caught')
    },
  }
  await assert.rejects(keyClient(undefined, policy).beginSend(message()), /caught/)
  assert.ok(golden)
  return golden
}

/** As documented for requests without a body. */
const emptyBodyHash = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
const skewText =
  'The time difference between the originating client and the server is greater than the allowed margin of 5 minutes.'

describe('access key, signed by the SDK', () => {
  it('is taken for a mail and its status query', async () => {
    const poller = await keyClient().beginSend(message())
    assert.equal((await poller.pollUntilDone()).status, 'Succeeded')
    const seen = azure.requests.map((one) => [one.method, one.status])
    assert.deepEqual(seen.slice(0, 2), [
      ['POST', 202],
      ['GET', 200],
    ])
    assert.equal(azure.ledger[0]?.subject, 'Scan für Sie')
    assert.deepEqual(azure.ledger[0]?.authentication, { kind: 'access-key', key: 0 })
  })

  it('is taken with the second key', async () => {
    await keyClient(azure.settings.accessKeys[1]).beginSend(message())
    assert.deepEqual(azure.ledger[0]?.authentication, { kind: 'access-key', key: 1 })
  })

  it('is Denied with another key', async () => {
    const wrong = Buffer.alloc(64, 7).toString('base64')
    await assert.rejects(keyClient(wrong).beginSend(message()), { statusCode: 401, code: 'Denied' })
  })

  it('is taken at five minutes of skew and refused beyond, either way', async () => {
    const golden = await goldenRequest()
    const signedAt = Date.parse(golden.headers['x-ms-date'] ?? '')
    for (const [skewMs, status] of [
      [300_000, 202],
      [-300_000, 202],
      [300_001, 401],
      [-300_001, 401],
    ] as const) {
      azure.settings.now = () => signedAt + skewMs
      const answer = await ask(azure, golden)
      assert.equal(answer.status, status, `skew ${skewMs}`)
      assert.equal(answer.headers.date, new Date(signedAt + skewMs).toUTCString())
      if (status === 401) assert.equal(acsErrorOf(answer).message, skewText)
    }
  })

  const tampered: [name: string, change: (golden: Required<RawRequest>) => Partial<RawRequest>][] = [
    ['another body', (golden) => ({ body: String(golden.body).replace('Anbei.', 'anbei.') })],
    [
      'another method and path',
      (golden) => ({
        ...header(golden, 'x-ms-content-sha256', emptyBodyHash),
        method: 'GET',
        pathAndQuery: '/emails/operations/x?api-version=2025-09-01',
        body: '',
      }),
    ],
    [
      'another query',
      (golden) => ({ pathAndQuery: golden.pathAndQuery.replace('2025-09-01', '2023-03-31') }),
    ],
    ['a later date', (golden) => header(golden, 'x-ms-date', new Date(Date.now() + 2000).toUTCString())],
    ['a date in another form', (golden) => header(golden, 'x-ms-date', new Date().toISOString())],
    ['another host', (golden) => header(golden, 'host', '127.0.0.1')],
    [
      'another content hash',
      (golden) => header(golden, 'x-ms-content-sha256', Buffer.alloc(32).toString('base64')),
    ],
    ['another order of headers', (golden) => authorization(golden, 'x-ms-date;host', 'host;x-ms-date')],
    ['a header left out', (golden) => authorization(golden, ';host', '')],
    ['another algorithm', (golden) => authorization(golden, 'HMAC-SHA256', 'HMAC-SHA512')],
    ['another signature', (golden) => authorization(golden, 'Signature=', 'Signature=A')],
    ['no authorization', (golden) => header(golden, 'authorization', '')],
  ]
  for (const [name, change] of tampered) {
    it(`is Denied with ${name}`, async () => {
      const golden = await goldenRequest()
      const answer = await ask(azure, { ...golden, ...change(golden) })
      assert.equal(answer.status, 401)
      assert.deepEqual(acsErrorOf(answer), { code: 'Denied', message: 'Denied by the resource provider.' })
      assert.equal(azure.ledger.length, 0)
    })
  }
})

function header(golden: Required<RawRequest>, name: string, value: string): Partial<RawRequest> {
  return { headers: { ...golden.headers, [name]: value } }
}

function authorization(golden: Required<RawRequest>, from: string, to: string): Partial<RawRequest> {
  return header(golden, 'authorization', (golden.headers['authorization'] ?? '').replace(from, to))
}

describe('bearer token, fetched by the SDK', () => {
  it('is taken by secret', async () => {
    await new EmailClient(azure.endpoint, bySecret(), clientOptions()).beginSend(message())
    assert.deepEqual(azure.ledger[0]?.authentication, {
      kind: 'bearer',
      clientId: exampleClientId,
      by: 'secret',
    })
  })

  for (const hasChain of [false, true]) {
    it(`is taken by certificate ${hasChain ? 'with' : 'without'} its chain`, async () => {
      await new EmailClient(azure.endpoint, byCertificate(appIdentity, hasChain), clientOptions()).beginSend(
        message(),
      )
      assert.deepEqual(azure.ledger[0]?.authentication, {
        kind: 'bearer',
        clientId: exampleClientId,
        by: 'certificate',
      })
    })
  }

  it('is got again after a claims challenge, and the mail is stored once', async () => {
    azure.faults.push({ kind: 'claims-challenge', method: 'POST', path: '/emails:send' })
    await new EmailClient(azure.endpoint, bySecret(), clientOptions()).beginSend(message())
    assert.equal(azure.ledger.length, 1)
    assert.equal(azure.requests.filter((one) => one.path.endsWith('/token')).length, 2)
  })

  it('is 403 for an app without the role, or 401', async () => {
    setApp({ role: 'none' })
    const client = new EmailClient(azure.endpoint, bySecret(), clientOptions())
    await assert.rejects(client.beginSend(message()), { statusCode: 403 })
    azure.settings.roleRefusalStatus = 401
    await assert.rejects(client.beginSend(message()), { statusCode: 401, code: 'Denied' })
  })

  it('tells its lifetime and when to refresh', async () => {
    azure.settings.tokenLifetimeSeconds = 600
    azure.settings.refreshInSeconds = 300
    const token = await bySecret().getToken('https://communication.azure.com//.default')
    assert.ok(Math.abs(token.expiresOnTimestamp - Date.now() - 600_000) < 60_000)
    assert.ok(Math.abs((token.refreshAfterTimestamp ?? 0) - Date.now() - 300_000) < 60_000)
    assert.equal(azure.readToken(token.token)?.appid, exampleClientId)
  })
})

describe('credentials that Entra refuses to the SDK', () => {
  const scope = 'https://communication.azure.com/.default'
  const refusals: [aadsts: number, name: string, get: () => Promise<unknown>][] = [
    [7000215, 'a wrong secret', () => bySecret('wrong').getToken(scope)],
    [
      7000222,
      'an expired secret',
      () => {
        setApp({ secrets: [{ value: exampleSecret, expiresAt: Date.now() - 1 }] })
        return bySecret().getToken(scope)
      },
    ],
    [
      700016,
      'an unknown app',
      () => bySecret(exampleSecret, '33333333-3333-4333-8333-333333333333').getToken(scope),
    ],
    [700027, 'a certificate that is not registered', () => byCertificate(otherIdentity).getToken(scope)],
    [700027, 'a chain that is not registered', () => byCertificate(otherIdentity, true).getToken(scope)],
    [
      700027,
      'a key that is not the certificate’s',
      () =>
        byCertificate({ keyPem: otherIdentity.keyPem, certificatePem: appIdentity.certificatePem }).getToken(
          scope,
        ),
    ],
    [
      700024,
      'an assertion made by a slow clock',
      () => {
        azure.settings.now = () => Date.now() + 3_600_000
        return byCertificate(appIdentity).getToken(scope)
      },
    ],
    [
      700024,
      'an assertion made by a fast clock',
      () => {
        azure.settings.now = () => Date.now() - 3_600_000
        return byCertificate(appIdentity).getToken(scope)
      },
    ],
    [
      500011,
      'a resource the tenant does not know',
      () => bySecret().getToken('https://vault.azure.net/.default'),
    ],
    [1002012, 'a scope without .default', () => bySecret().getToken('https://communication.azure.com/mail')],
  ]
  for (const [aadsts, name, get] of refusals) {
    it(`${aadsts} for ${name}`, async () => {
      await assert.rejects(
        get,
        (error: unknown) => error instanceof Error && error.message.includes(`AADSTS${aadsts}:`),
      )
      assert.equal(azure.requests.at(-1)?.code, String(aadsts))
    })
  }

  it('fails at discovery for an unknown tenant', async () => {
    await assert.rejects(
      bySecret(exampleSecret, exampleClientId, '44444444-4444-4444-8444-444444444444').getToken(scope),
    )
    assert.equal(azure.requests.at(-1)?.code, '90002')
  })
})

describe('operations, asked through the SDK', () => {
  it('end Failed with the code that was scripted', async () => {
    azure.settings.failOperation = () => ({ status: 'Failed', code: 'InternalError', message: 'try later' })
    await assert.rejects(keyClient().beginSend(message()), /InternalError/)
  })

  it('end Failed when every recipient is suppressed', async () => {
    azure.settings.suppressed = ['Anna@contoso.com']
    await assert.rejects(keyClient().beginSend(message()), /EmailDroppedAllRecipientsSuppressed/)
    assert.deepEqual(azure.ledger[0]?.suppressed, ['anna@contoso.com'])
  })

  it('keep the operation id of the caller, whatever its case', async () => {
    const operationId = 'ABCDEF00-0000-4000-8000-000000000001'
    await keyClient().beginSend(message(), { operationId })
    assert.equal(azure.ledger[0]?.operationId, operationId.toLowerCase())
  })

  it('carry attachments byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251))
    const attachments = [
      { name: 'Übersicht.pdf', contentType: 'application/pdf', contentInBase64: content.toString('base64') },
      { name: 'a.png', contentType: 'image/png', contentInBase64: 'AAEC', contentId: 'logo' },
    ]
    await keyClient().beginSend(message({ attachments }))
    const [pdf, png] = azure.ledger[0]?.attachments ?? []
    assert.deepEqual([pdf?.name, pdf?.size, pdf?.content], ['Übersicht.pdf', 70_000, undefined])
    assert.equal(pdf?.sha256, await sha256(content))
    assert.deepEqual([png?.contentId, png?.content], ['logo', Buffer.from([0, 1, 2])])
  })
})

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
}

describe('the line to Azure, seen by the SDK', () => {
  it('is not trusted with a certificate of another name or authority', async () => {
    await using other = await startAzure({ certificateNames: ['wrong.example'] })
    const client = (caPem: string) =>
      new EmailClient(other.connectionString, { ...clientOptions(), tlsOptions: { ca: caPem } })
    await assert.rejects(client(other.caPem).beginSend(message()), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    await assert.rejects(client(azure.caPem).beginSend(message()), /certificate/)
    assert.equal(other.requests.length, 0)
  })

  it('may change its certificate while it runs', async () => {
    await using other = await startAzure({ certificateAuthority: azure.certificateAuthority })
    const client = () => new EmailClient(other.connectionString, clientOptions())
    await client().beginSend(message())
    const notAfter = new Date(Date.now() - 1000)
    other.setIdentity(await azure.certificateAuthority.issue({ names: ['localhost'], notAfter }))
    await other.setOutage('reset')
    await other.setOutage('none')
    await assert.rejects(client().beginSend(message()), { code: 'CERT_HAS_EXPIRED' })
    assert.equal(other.ledger.length, 1)
  })

  it('is refused, reset or answered 503 during an outage, and works again on the same port afterwards', async () => {
    try {
      await azure.setOutage('refuse')
      await assert.rejects(keyClient().beginSend(message()), { code: 'ECONNREFUSED' })
      await azure.setOutage('reset')
      await assert.rejects(keyClient().beginSend(message()), { code: 'ECONNRESET' })
      await azure.setOutage('503')
      await assert.rejects(keyClient().beginSend(message()), { statusCode: 503 })
    } finally {
      await azure.setOutage('none')
    }
    await keyClient().beginSend(message())
    assert.equal(azure.ledger.length, 1)
  })

  it('may be out for Entra alone', async () => {
    const scope = 'https://communication.azure.com/.default'
    for (const [outage, code] of [
      ['503', '90033'],
      ['429', '50196'],
      ['reset', undefined],
    ] as const) {
      azure.requests.length = 0
      azure.settings.entraOutage = outage
      await assert.rejects(bySecret().getToken(scope), outage)
      assert.equal(azure.requests.at(-1)?.code, code)
    }
    azure.settings.entraOutage = 'hang'
    azure.requests.length = 0
    const hanging = ask(
      azure,
      { method: 'POST', pathAndQuery: `/${exampleTenant}/oauth2/v2.0/token` },
      AbortSignal.timeout(50),
    )
    await assert.rejects(hanging, { name: 'AbortError' })
    await keyClient().beginSend(message())
  })
})
