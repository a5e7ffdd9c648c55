// Tokens of the emulated Entra as another service sees them.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Azure, startAzure } from './azure.ts'
import { type EntraApp, exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { fetchToken } from './https-raw-client.ts'
import type { TokenDemand } from './token-verdict.ts'

const outlook = 'https://outlook.office365.com'
const start = Date.parse('2026-06-01T12:00:00Z')
let azure: Azure
let now = start

const app: EntraApp = {
  tenant: exampleTenant,
  clientId: exampleClientId,
  objectId: '33333333-3333-4333-8333-333333333333',
  secrets: [
    { value: exampleSecret },
    { value: 'next~secret', startsAt: start + 60_000, expiresAt: start + 120_000 },
  ],
  certificates: [],
  role: 'none',
  permissions: { [outlook]: ['SMTP.SendAsApp', 'IMAP.AccessAsApp'] },
}

before(async () => {
  azure = await startAzure({ now: () => now, apps: [app] })
})
after(() => azure[Symbol.asyncDispose]())

function token(resource = outlook, secret = exampleSecret): Promise<string> {
  return fetchToken(azure, exampleTenant, exampleClientId, secret, resource)
}

const demand: TokenDemand = { audience: outlook, role: 'SMTP.SendAsApp', tenant: exampleTenant }

describe('an access token', () => {
  it('names the service principal and its permissions on that resource alone', async () => {
    const claims = azure.readToken(await token())
    assert.equal(claims?.oid, app.objectId)
    assert.deepEqual(claims?.roles, ['SMTP.SendAsApp', 'IMAP.AccessAsApp'])
    assert.deepEqual(azure.readToken(await token('https://communication.azure.com'))?.roles, [])
  })

  it('is taken where it was made for', async () => {
    const verdict = azure.judgeToken(await token(), demand)
    assert.ok(verdict.kind === 'valid')
    assert.equal(verdict.app, app)
  })

  const refusals: [
    reason: string,
    make: () => Promise<string>,
    changed?: Partial<TokenDemand>,
    later?: number,
  ][] = [
    ['signature', async () => `${(await token()).slice(0, -6)}AAAAAA`],
    ['audience', () => token('https://communication.azure.com')],
    ['tenant', () => token(), { tenant: '99999999-9999-4999-8999-999999999999' }],
    ['role', () => token(), { role: 'Mail.Send' }],
    ['expired', () => token(), {}, 3_600_000],
    ['not-yet', () => token(), {}, -301_000],
  ]
  for (const [reason, make, changed = {}, later = 0] of refusals) {
    it(`is refused: ${reason}`, async (context) => {
      context.after(() => {
        now = start
      })
      const made = await make()
      now = start + later
      assert.deepEqual(azure.judgeToken(made, { ...demand, ...changed }), { kind: 'refused', reason })
    })
  }

  it('is refused when the registration has gone', async (context) => {
    context.after(() => {
      azure.settings.apps = [app]
    })
    const made = await token()
    azure.settings.apps = []
    assert.deepEqual(azure.judgeToken(made, demand), { kind: 'refused', reason: 'app' })
  })
})

describe('a client secret', () => {
  for (const [when, later, isTaken] of [
    ['before its start', 59_000, false],
    ['in its time', 61_000, true],
    ['after its end', 120_000, false],
  ] as const) {
    it(`${isTaken ? 'proves the app' : 'is refused'} ${when}`, async (context) => {
      context.after(() => {
        now = start
      })
      now = start + later
      const made = azure.readToken(await token(outlook, 'next~secret'))
      assert.equal(made?.appid, isTaken ? exampleClientId : undefined)
    })
  }
})
