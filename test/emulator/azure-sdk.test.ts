// Golden requests come from Microsoft's own SDK: what it signs and asserts must be taken, and what is
// tampered with afterwards must be refused.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { EmailClient, type EmailMessage } from '@azure/communication-email'
import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline'
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from './certificate-authority.ts'

let azure: Azure
let appIdentity: Identity

before(async () => {
  azure = await startAzure()
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
})
after(() => azure[Symbol.asyncDispose]())
beforeEach(() => {
  azure.ledger.length = 0
  azure.requests.length = 0
  azure.settings.now = Date.now
  azure.settings.sendQuota = { perMinute: 1000, perHour: 1000 }
  azure.settings.statusQuota = { perMinute: 1000, perHour: 1000 }
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

/** Options with which the SDK neither retries nor follows, and trusts the emulator. */
function options(tamper?: (request: PipelineRequest) => void) {
  const policy: PipelinePolicy = {
    name: 'tamper',
    sendRequest: (request, next) => {
      tamper?.(request)
      return next(request)
    },
  }
  return {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    tlsOptions: { ca: azure.caPem },
    additionalPolicies: [{ policy, position: 'perRetry' as const }],
  }
}

function keyClient(
  tamper?: (request: PipelineRequest) => void,
  key = azure.settings.accessKeys[0],
): EmailClient {
  return new EmailClient(`endpoint=${azure.endpoint};accesskey=${key}`, options(tamper))
}

const identityOptions = () => ({
  authorityHost: azure.authority,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
  tlsOptions: { ca: azure.caPem },
})

function secretCredential(secret = exampleSecret, tenant = exampleTenant, client = exampleClientId) {
  return new ClientSecretCredential(tenant, client, secret, identityOptions())
}

function certificateCredential(identity = appIdentity, extra = {}) {
  const certificate = `${identity.certificatePem}\n${identity.keyPem}`
  return new ClientCertificateCredential(
    exampleTenant,
    exampleClientId,
    { certificate },
    { ...identityOptions(), ...extra },
  )
}

describe('access key, as the SDK signs', () => {
  it('takes a mail and its status query', async () => {
    const poller = await keyClient().beginSend(message())
    const result = await poller.pollUntilDone()
    assert.equal(result.status, 'Succeeded')
    assert.deepEqual(azure.requests.map((one) => [one.method, one.status]).slice(0, 2), [
      ['POST', 202],
      ['GET', 200],
    ])
    assert.equal(azure.ledger[0]?.subject, 'Scan für Sie')
    assert.deepEqual(azure.ledger[0]?.authentication, { kind: 'access-key', key: 0 })
  })

  it('takes the second key', async () => {
    await keyClient(undefined, azure.settings.accessKeys[1]).beginSend(message())
    assert.deepEqual(azure.ledger[0]?.authentication, { kind: 'access-key', key: 1 })
  })
})
describe('bearer', () => {
  it('secret', async () => {
    await new EmailClient(azure.endpoint, secretCredential(), options()).beginSend(message())
    assert.deepEqual(azure.ledger[0]?.authentication, {
      kind: 'bearer',
      clientId: exampleClientId,
      by: 'secret',
    })
  })
  it('certificate', async () => {
    await new EmailClient(azure.endpoint, certificateCredential(), options()).beginSend(message())
    assert.deepEqual(azure.ledger[0]?.authentication, {
      kind: 'bearer',
      clientId: exampleClientId,
      by: 'certificate',
    })
  })
})
