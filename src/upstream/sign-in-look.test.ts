import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { startGraph } from '../../test/emulator/graph.ts'
import type { SignInSight } from '../core/diagnosis.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import { createUpstream } from './drivers.ts'
import { exampleHouse, exampleSetup } from './example-consignment.fixture.ts'
import { claimsOf, lookAtSignIn } from './sign-in-look.ts'

let azure: Azure
let folder: string
let caFile: string
const key = secretName('key')
const never = new AbortController().signal

before(async () => {
  azure = await startAzure()
  folder = await mkdtemp(join(tmpdir(), 'sign-in-look-'))
  caFile = await azure.writeCa(folder)
})
after(async () => {
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => azure.forget())

const clientSecret: CredentialSetup = {
  kind: 'client-secret',
  tenantId: exampleTenant,
  clientId: exampleClientId,
  secrets: [key],
  expires: '',
}

async function look(change: Partial<UpstreamSetup> = {}, secret = exampleSecret): Promise<SignInSight> {
  const clock = new JumpingClock(wallMs(Date.now()))
  using house = exampleHouse({ clock })
  house.secrets.set(key, secret)
  const setup = exampleSetup({
    endpoint: azure.endpoint,
    authority: azure.authority,
    caFile,
    credential: clientSecret,
    ...change,
  })
  const create = (each: UpstreamSetup) => createUpstream(each, house)
  const { tokens } = house
  return await lookAtSignIn(setup, { tokens, create }, never)
}

function outcomeOf(sight: SignInSight): string {
  const { outcome, isRightProved } = sight
  const code =
    outcome.kind === 'paused' ? outcome.pause.code : outcome.kind === 'transient' ? outcome.code : ''
  return `${outcome.kind} ${code} ${isRightProved ? 'proved' : ''}`.trim()
}

describe('a look at the sign-in', () => {
  it('proves the right to send by a question, and sends nothing', async () => {
    const sight = await look()
    assert.equal(outcomeOf(sight), 'usable  proved')
    assert.match(sight.claims?.audience ?? '', /communication\.azure\.com/)
    assert.deepEqual(azure.ledger, [])
    assert.ok(
      azure.requests.some(({ method, path }) => method === 'GET' && path.startsWith('/emails/operations/')),
    )
  })

  it('sees an app without the role: a token, and no right', async () => {
    const [app] = azure.settings.apps
    assert.ok(app)
    app.role = 'none'
    assert.equal(outcomeOf(await look()), 'transient denied')
    app.role = 'contributor'
  })

  it('sees a wrong secret by its reason', async () => {
    assert.equal(outcomeOf(await look({}, 'wrong')), 'paused secret-wrong')
  })

  it('asks with an access key too, and sees a wrong one', async () => {
    const credential: CredentialSetup = { kind: 'access-key', keys: [key] }
    const [accessKey = ''] = azure.settings.accessKeys
    assert.equal(outcomeOf(await look({ credential }, accessKey)), 'usable  proved')
    assert.equal(outcomeOf(await look({ credential }, 'd3Jvbmc=')), 'transient denied')
  })

  it('takes a token of Graph for no right to send', async () => {
    await using service = await startAzure({ resources: ['https://graph.microsoft.com'] })
    await using twin = await startGraph({ azure: service })
    const sight = await look({
      kind: 'graph',
      endpoint: twin.endpoint,
      authority: service.authority,
      caFile: await service.writeCa(await mkdtemp(join(folder, 'graph-'))),
    })
    assert.equal(outcomeOf(sight), 'usable')
    assert.deepEqual(sight.claims?.roles, [])
  })

  it('sees a sign-in server that is away', async () => {
    assert.match(
      outcomeOf(await look({ authority: 'https://127.0.0.1:1' })),
      /^transient unreachable-econnrefused/,
    )
  })
})

describe('a token', () => {
  const token = (payload: object): string =>
    `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.sig`

  it('tells for whom it is, what it carries and until when', () => {
    assert.deepEqual(claimsOf(token({ aud: 'https://x', roles: ['Mail.Send', 7], exp: 60 })), {
      audience: 'https://x',
      roles: ['Mail.Send'],
      expiresAt: 60_000,
    })
    assert.deepEqual(claimsOf(token({})), { audience: 'nobody', roles: [], expiresAt: undefined })
  })

  it('that can not be read tells nothing', () => {
    for (const text of ['', 'opaque', 'a.b.c', `e30.${Buffer.from('7').toString('base64url')}.x`])
      assert.equal(claimsOf(text), undefined, text)
  })
})
