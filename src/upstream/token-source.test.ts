import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import { secretName } from '../core/secret.ts'
import { minute, wallMs } from '../core/time.ts'
import type { EntraApplication } from './entra-application.ts'
import { type ExampleHouse, exampleHouse } from './example-consignment.fixture.ts'
import { type TokenAnswer, TokenSource, type TokenWish } from './token-source.ts'

let azure: Azure
let folder: string
let caFile: string
let appIdentity: Identity
const scope = 'https://communication.azure.com/.default'
const [first, second] = [secretName('first'), secretName('second')]
const never = new AbortController().signal

before(async () => {
  azure = await startAzure()
  folder = await mkdtemp(join(tmpdir(), 'token-source-'))
  caFile = await azure.writeCa(folder)
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
})
after(async () => {
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  azure.requests.length = 0
  azure.faults.clear()
  azure.settings.entraOutage = 'none'
  azure.settings.tokenLifetimeSeconds = 3600
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret }],
      certificates: [appIdentity.certificatePem],
      role: 'contributor',
    },
  ]
})

const application = (change: Partial<EntraApplication> = {}): EntraApplication => ({
  authority: azure.authority,
  tenantId: exampleTenant,
  clientId: exampleClientId,
  caFile,
  credential: { kind: 'secrets', names: [first, second] },
  ...change,
})

function house(change: Parameters<typeof exampleHouse>[0] = {}): ExampleHouse & { clock: JumpingClock } {
  const clock = new JumpingClock(wallMs(Date.now()))
  const made = { ...exampleHouse({ clock, ...change }), clock }
  made.secrets.set(first, exampleSecret)
  return made
}

const wish = (change: Partial<TokenWish> = {}): TokenWish => ({
  application: application(),
  scope,
  ...change,
})

function words(answer: TokenAnswer): string {
  if (answer.kind === 'token') return 'token'
  const { trouble } = answer
  return `${trouble.kind} ${trouble.kind === 'paused' ? trouble.pause.code : trouble.code}`
}

const tokenRequests = (): number => azure.requests.filter(({ path }) => path.endsWith('/token')).length

describe('token source', () => {
  it('asks once for three callers at once, and not again while the token is fresh', async () => {
    using box = house()
    const answers = await Promise.all([1, 2, 3].map(() => box.tokens.token(wish(), never)))
    assert.deepEqual(answers.map(words), ['token', 'token', 'token'])
    await box.tokens.token(wish({ scope: 'https://communication.azure.com//.default' }), never)
    assert.equal(azure.requests.length, 2)
  })

  it('never asks another authority than the one it was given', async () => {
    using box = house()
    await box.tokens.token(wish(), never)
    assert.deepEqual(
      azure.requests.map(({ method }) => method),
      ['GET', 'POST'],
    )
  })

  it('renews at three quarters of the life', async () => {
    using box = house()
    await box.tokens.token(wish(), never)
    await box.clock.jump(44 * minute)
    await box.tokens.token(wish(), never)
    assert.equal(tokenRequests(), 1)
    await box.clock.jump(2 * minute)
    await box.tokens.token(wish(), never)
    assert.equal(tokenRequests(), 2)
  })

  it('goes on with the last good token until it expires, asking once a minute', async () => {
    using box = house()
    await box.tokens.token(wish(), never)
    azure.settings.entraOutage = '503'
    await box.clock.jump(46 * minute)
    assert.equal(words(await box.tokens.token(wish(), never)), 'token')
    const asked = azure.requests.length
    assert.equal(words(await box.tokens.token(wish(), never)), 'token')
    assert.equal(azure.requests.length, asked)
    await box.clock.jump(15 * minute)
    assert.equal(words(await box.tokens.token(wish(), never)), 'transient unreachable-entra')
  })

  it('asks again at once after a failure', async () => {
    using box = house()
    azure.settings.entraOutage = '429'
    assert.equal(words(await box.tokens.token(wish(), never)), 'transient unreachable-entra')
    azure.settings.entraOutage = 'none'
    assert.equal(words(await box.tokens.token(wish(), never)), 'token')
  })

  it('gives a fresh token where one is wished, and never an old one in its place', async () => {
    using box = house()
    await box.tokens.token(wish(), never)
    await box.tokens.token(wish({ isFresh: true }), never)
    assert.equal(tokenRequests(), 2)
    azure.settings.entraOutage = '503'
    assert.equal(words(await box.tokens.token(wish({ isFresh: true }), never)), 'transient unreachable-entra')
  })

  it('tries the second secret after the first expired, and begins with it from then on', async () => {
    using box = house()
    azure.settings.apps = azure.settings.apps.map((app) => ({
      ...app,
      secrets: [{ value: exampleSecret, expiresAt: 1 }, { value: 'the next one' }],
    }))
    box.secrets.set(second, 'the next one')
    assert.equal(words(await box.tokens.token(wish({ isFresh: true }), never)), 'token')
    assert.equal(tokenRequests(), 2)
    await box.tokens.token(wish({ isFresh: true }), never)
    assert.equal(tokenRequests(), 3)
  })

  it('tells why the first secret fails when both do', async () => {
    using box = house()
    azure.settings.apps = azure.settings.apps.map((app) => ({
      ...app,
      secrets: [{ value: exampleSecret, expiresAt: 1 }],
    }))
    box.secrets.set(second, 'never registered')
    assert.equal(words(await box.tokens.token(wish(), never)), 'paused secret-expired')
  })

  it('signs in by certificate, and tells one that is not registered', async () => {
    const certificate = application({ credential: { kind: 'certificate', upstream: 'acs' } })
    using box = house({ identity: { open: () => ({ kind: 'open', ...appIdentity }), others: () => [] } })
    assert.equal(words(await box.tokens.token(wish({ application: certificate }), never)), 'token')
    azure.settings.apps = azure.settings.apps.map((app) => ({ ...app, certificates: [] }))
    const refused = await box.tokens.token(wish({ application: certificate, isFresh: true }), never)
    assert.equal(words(refused), 'paused certificate-not-registered')
  })

  it('tries the certificate that is to come, and the former one, the one that worked last first', async () => {
    const certificate = application({ credential: { kind: 'certificate', upstream: 'acs' } })
    const [next, former] = await Promise.all([
      makeSelfSignedIdentity('next'),
      makeSelfSignedIdentity('former'),
    ])
    const others = () => [
      { ...next, role: 'next' as const },
      { ...former, role: 'before' as const },
    ]
    using box = house({ identity: { open: () => ({ kind: 'open', ...appIdentity }), others } })
    const takes = (...taken: readonly Identity[]): void => {
      azure.settings.apps = azure.settings.apps.map((app) => ({
        ...app,
        certificates: taken.map(({ certificatePem }) => certificatePem),
      }))
    }
    const ask = async (slot?: 'present' | 'next'): Promise<readonly [string, number]> => {
      const before = tokenRequests()
      const credential = { kind: 'certificate', upstream: 'acs', ...(slot && { slot }) } as const
      const answer = await box.tokens.token(
        wish({ application: { ...certificate, credential }, isFresh: true }),
        never,
      )
      return [words(answer), tokenRequests() - before]
    }
    takes(former)
    assert.deepEqual(await ask(), ['token', 3])
    assert.deepEqual(await ask(), ['token', 1])
    assert.deepEqual(await ask('present'), ['paused certificate-not-registered', 1])
    assert.deepEqual(await ask('next'), ['paused certificate-not-registered', 1])
    takes(next)
    assert.deepEqual(await ask('next'), ['token', 1])
    assert.deepEqual(await ask('present'), ['paused certificate-not-registered', 1])
    assert.deepEqual(await ask(), ['token', 3])
  })

  it('a token by one certificate alone is not answered with that of another', async () => {
    const next = await makeSelfSignedIdentity('next')
    const others = () => [{ ...next, role: 'next' as const }]
    using box = house({ identity: { open: () => ({ kind: 'open', ...appIdentity }), others } })
    const by = (slot?: 'next') =>
      box.tokens.token(
        wish({
          application: application({
            credential: { kind: 'certificate', upstream: 'acs', ...(slot && { slot }) },
          }),
          isFresh: true,
        }),
        never,
      )
    const [served, tried] = await Promise.all([by(), by('next')])
    assert.equal(words(served), 'token')
    assert.equal(words(tried), 'paused certificate-not-registered')
  })

  it('ways out of one app remember the secret that worked for each by itself', async () => {
    using box = house()
    const third = secretName('third')
    box.secrets.set(first, 'long gone')
    box.secrets.set(second, exampleSecret)
    box.secrets.set(third, exampleSecret)
    const one = wish({ isFresh: true })
    const other = wish({
      application: application({ credential: { kind: 'secrets', names: [third, first] } }),
      isFresh: true,
    })
    await box.tokens.token(one, never)
    await box.tokens.token(other, never)
    azure.requests.length = 0
    await box.tokens.token(one, never)
    await box.tokens.token(other, never)
    assert.equal(tokenRequests(), 2)
  })

  it('goes on with the certificate that takes the place of a secret, before and after the secret is erased', async () => {
    const asked = wish({
      application: application({ credential: { kind: 'secrets', names: [first], upstream: 'acs' } }),
      isFresh: true,
    })
    const others = () => [{ ...appIdentity, role: 'next' as const }]
    using coming = house({ identity: { open: () => ({ kind: 'unavailable', detail: 'none' }), others } })
    coming.secrets.set(first, 'revoked')
    assert.equal(words(await coming.tokens.token(asked, never)), 'token')
    using settled = house({ identity: { open: () => ({ kind: 'open', ...appIdentity }), others: () => [] } })
    settled.secrets.clear()
    assert.equal(words(await settled.tokens.token(asked, never)), 'token')
  })

  it('tells a certificate that cannot be opened', async () => {
    using box = house({
      identity: { open: () => ({ kind: 'unavailable', detail: 'no vault' }), others: () => [] },
    })
    const certificate = application({ credential: { kind: 'certificate', upstream: 'acs' } })
    assert.equal(
      words(await box.tokens.token(wish({ application: certificate }), never)),
      'paused certificate-missing',
    )
  })

  it('tells a wrong tenant, a wrong app and a missing secret', async () => {
    using box = house()
    const tenant = application({ tenantId: '33333333-3333-4333-8333-333333333333' })
    const app = application({ clientId: '44444444-4444-4444-8444-444444444444' })
    assert.equal(words(await box.tokens.token(wish({ application: tenant }), never)), 'paused tenant-wrong')
    assert.equal(words(await box.tokens.token(wish({ application: app }), never)), 'paused app-unknown')
    box.secrets.clear()
    assert.equal(words(await box.tokens.token(wish(), never)), 'paused key-missing')
  })

  it('keeps the cause of a failure below the libraries: nobody listening, a foreign authority, a reset', async () => {
    using box = house()
    const nobody = application({ authority: 'https://localhost:1' })
    assert.equal(
      words(await box.tokens.token(wish({ application: nobody }), never)),
      'transient unreachable-econnrefused',
    )
    const foreign = application({ caFile: '' })
    assert.equal(
      words(await box.tokens.token(wish({ application: foreign }), never)),
      'paused certificate-not-trusted',
    )
    azure.settings.entraOutage = 'reset'
    assert.equal(words(await box.tokens.token(wish(), never)), 'transient unreachable-econnreset')
  })

  it('ends a sign-in that hangs', async () => {
    using box = house({ timeoutMs: 50 })
    azure.settings.entraOutage = 'hang'
    assert.equal(words(await box.tokens.token(wish(), never)), 'transient unreachable-etimedout')
  })

  it('lets a caller go without ending the sign-in for the others', async () => {
    using box = house()
    const stop = new AbortController()
    const leaving = box.tokens.token(wish(), stop.signal)
    const staying = box.tokens.token(wish(), never)
    stop.abort(new Error('gone'))
    await assert.rejects(leaving, /gone/)
    assert.equal(words(await staying), 'token')
  })

  it('goes through the proxy of the settings as they are now', async () => {
    using box = house()
    let proxy = 'http://127.0.0.1:1'
    const parts = {
      ...box,
      get proxy() {
        return proxy
      },
    }
    using tokens = new TokenSource(parts)
    assert.match(words(await tokens.token(wish(), never)), /^transient/)
    proxy = ''
    assert.equal(words(await tokens.token(wish(), never)), 'token')
  })

  it('ignores a proxy of the environment', async () => {
    using box = house()
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1'
    try {
      assert.equal(words(await box.tokens.token(wish(), never)), 'token')
    } finally {
      delete process.env['HTTPS_PROXY']
    }
  })
})
