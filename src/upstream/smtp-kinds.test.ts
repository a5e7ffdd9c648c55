import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import { allCapabilities, defaultSmtpSettings } from '../../test/emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../core/setup.ts'
import { minute, wallMs } from '../core/time.ts'
import type { ClientIdentity, Upstream } from '../core/upstream.ts'
import { createUpstream } from './drivers.ts'
import {
  address,
  type ExampleHouse,
  exampleHouse,
  exampleSetup,
  mailConsignment,
  scanMail,
} from './example-consignment.fixture.ts'
import { lookAtSignIn } from './sign-in-look.ts'
import { send, to } from './smtp-case.fixture.ts'
import type { SmtpUpstreamKind } from './smtp-kinds.ts'

let azure: Azure
let server: SmtpUpstream
let folder: string
let caFile: string
let appIdentity: Identity
let signedIdentity: Identity
const never = new AbortController().signal
const exchange = 'https://outlook.office365.com'
const acs = 'https://communication.azure.com'
const mailbox = 'scan@contoso.com'
/** What the emulated Entra gave out and the server is to refuse. */
const revoked = new Set<string>()
/** The resource whose tokens the server takes. */
let audience = exchange

before(async () => {
  azure = await startAzure()
  const { certificateAuthority } = azure
  server = await startSmtpUpstream({ certificateAuthority, wantsClientCertificate: true })
  folder = await mkdtemp(join(tmpdir(), 'smtp-kinds-'))
  caFile = await azure.writeCa(folder)
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
  signedIdentity = await certificateAuthority.issue({ names: ['branch-07.contoso.com'] })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  azure.requests.length = 0
  azure.settings.entraOutage = 'none'
  const secrets = [{ value: exampleSecret }]
  const certificates = [appIdentity.certificatePem]
  azure.settings.apps = [
    { tenant: exampleTenant, clientId: exampleClientId, secrets, certificates, role: 'contributor' },
  ]
  revoked.clear()
  audience = exchange
  server.script.clear()
  server.ledger.length = 0
  server.connections.length = 0
  Object.assign(server.settings, {
    ...defaultSmtpSettings(),
    script: server.script,
    accounts: [{ username: mailbox, password: 'app password' }],
    isTokenValid: (user: string, token: string) =>
      user === mailbox && azure.readToken(token)?.aud === audience && !revoked.has(token),
  })
})

const names = { secret: secretName('secret'), password: secretName('password') }
const app = { tenantId: exampleTenant, clientId: exampleClientId, expires: '' }
const bySecret: CredentialSetup = { kind: 'client-secret', ...app, secrets: [names.secret] }
const byCertificate: CredentialSetup = { kind: 'client-certificate', ...app, certificateFile: '' }
const signedCertificate: CredentialSetup = { ...byCertificate, certificateFile: '/etc/signed.pem' }
const byPassword: CredentialSetup = {
  kind: 'password',
  username: mailbox,
  password: names.password,
  expires: '',
}
const byAddress: CredentialSetup = { kind: 'none' }

/** A box that signs in to Entra with one certificate and shows a connector another. */
const identity: ClientIdentity = {
  others: () => [],
  open: (upstream) => ({
    kind: 'open',
    ...(upstream === 'exchange-connector' ? signedIdentity : appIdentity),
  }),
}

interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly setup: UpstreamSetup
  readonly upstream: Upstream
}

function wayOut(
  kind: SmtpUpstreamKind,
  credential: CredentialSetup,
  change: Partial<UpstreamSetup> = {},
  clock?: JumpingClock,
): Case {
  // A certificate beside a secret would take its place where the secret is refused.
  const own = credential.kind === 'client-certificate' ? { identity } : {}
  const house = exampleHouse({ ...own, ...(clock ? { clock } : {}) })
  house.secrets.set(names.secret, exampleSecret)
  house.secrets.set(names.password, 'app password')
  const base = { name: kind, kind, host: 'localhost', port: server.port, caFile, username: mailbox } as const
  const setup = exampleSetup({
    ...base,
    authority: azure.authority,
    acceptedDomains: ['contoso.com'],
    credential,
    ...change,
  })
  const upstream = createUpstream(setup, house)
  return {
    house,
    setup,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]()
      house[Symbol.dispose]()
    },
  }
}

const tokenRequests = (): number => azure.requests.filter(({ path }) => path.endsWith('/token')).length
const logins = (): readonly string[] =>
  server.connections.flatMap(({ transcript }) => transcript.filter((line) => line.startsWith('C: AUTH')))
const sevenMegabytes = Buffer.concat([
  Buffer.from('Date: Sat, 28 Nov 2026 10:00:00 +0100\r\n'),
  scanMail([{ name: 'Übersicht.pdf', octets: randomBytes(5_100_000) }]),
])

/** Kind, credential, what the service offers, what is expected to be used, and whom a token is for. */
const ways: readonly (readonly [
  SmtpUpstreamKind,
  CredentialSetup,
  readonly ('PLAIN' | 'LOGIN' | 'XOAUTH2')[],
  string | undefined,
  string?,
])[] = [
  ['acs-smtp', byPassword, ['PLAIN', 'LOGIN', 'XOAUTH2'], 'LOGIN'],
  ['acs-smtp', bySecret, ['LOGIN', 'XOAUTH2'], 'XOAUTH2', acs],
  ['acs-smtp', byCertificate, ['LOGIN', 'XOAUTH2'], 'XOAUTH2', acs],
  ['exchange-smtp', bySecret, ['LOGIN', 'XOAUTH2'], 'XOAUTH2'],
  ['exchange-smtp', byCertificate, ['LOGIN', 'XOAUTH2'], 'XOAUTH2'],
  ['exchange-smtp', byPassword, ['LOGIN', 'XOAUTH2'], 'LOGIN'],
  ['exchange-hve', bySecret, ['LOGIN', 'XOAUTH2'], 'XOAUTH2'],
  ['exchange-hve', byPassword, ['LOGIN', 'XOAUTH2'], 'LOGIN'],
  ['exchange-direct', byAddress, [], undefined],
  ['exchange-connector', byAddress, [], undefined],
  ['exchange-connector', signedCertificate, [], undefined],
  ['smarthost', bySecret, ['PLAIN', 'XOAUTH2'], 'XOAUTH2'],
  ['smarthost', byPassword, ['PLAIN', 'LOGIN', 'XOAUTH2'], 'PLAIN'],
]

describe('seven megabytes go octet for octet', () => {
  for (const [kind, credential, auth, mechanism, aud] of ways) {
    for (const isChunking of [true, false]) {
      it(`by ${kind}, ${credential.kind}, ${isChunking ? 'BDAT' : 'DATA'}`, async () => {
        audience = aud ?? exchange
        server.settings.capabilities = { ...allCapabilities, auth, isChunking }
        server.settings.isAuthRequired = mechanism !== undefined
        await using test = wayOut(kind, credential)
        const consignment = mailConsignment(sevenMegabytes)
        assert.deepEqual((await send(test.upstream, consignment)).outcomes, ['accepted'])
        const [mail] = server.ledger
        assert.ok(mail?.raw.equals(sevenMegabytes))
        const [connection] = server.connections
        assert.equal(connection?.mechanism, mechanism)
        assert.deepEqual(connection?.violations, [])
        assert.ok(connection?.verbs.includes(isChunking ? 'BDAT' : 'DATA'))
        assert.match(connection?.transcript.join('\n') ?? '', / BODY=8BITMIME /)
        const isShown = credential === signedCertificate
        assert.equal(mail?.tls?.clientCertificate?.commonName, isShown ? 'branch-07.contoso.com' : undefined)
        assert.equal(test.house.memory.used, 0)
      })
    }
  }
})

describe('XOAUTH2', () => {
  beforeEach(() => {
    server.settings.isAuthRequired = true
  })

  it('uses one token for all connections', async () => {
    await using test = wayOut('exchange-smtp', bySecret)
    await Promise.all([send(test.upstream), send(test.upstream)])
    assert.equal(server.connections.length, 2)
    assert.equal(tokenRequests(), 1)
  })

  it('tries one fresh token where the one at hand is refused', async () => {
    await using test = wayOut('exchange-smtp', bySecret)
    const wish = {
      application: {
        authority: azure.authority,
        ...app,
        caFile,
        credential: { kind: 'secrets', names: [names.secret] },
      },
      scope: `${exchange}/.default`,
    } as const
    const kept = await test.house.tokens.token(wish, never)
    assert.ok(kept.kind === 'token')
    revoked.add(kept.token)
    // A token of the same second would be the same.
    azure.settings.now = () => Date.now() + 5000
    assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
    assert.equal(tokenRequests(), 2)
    assert.equal(logins().length, 2)
    assert.ok(
      server.connections.every(({ violations }) => violations.length === 0),
      'the 334 got its empty line',
    )
    azure.settings.now = Date.now
  })

  it('believes the refusal of a fresh one, and reads the 535 behind the 334', async () => {
    server.settings.isTokenValid = () => false
    await using test = wayOut('exchange-smtp', bySecret)
    const sent = await send(test.upstream)
    assert.deepEqual(sent.outcomes, ['paused upstream app-not-admitted'])
    assert.equal(logins().length, 1)
    assert.equal(tokenRequests(), 1)
    assert.match(
      sent.dialogue ?? '',
      /C: AUTH XOAUTH2\nS: 334\nC: \*\*\*\nS: 334 .*\nC: \nS: 535 5\.7\.3 Authentication unsuccessful$/,
    )
    assert.ok((await test.upstream.probe(never)).kind === 'paused')
    assert.equal(tokenRequests(), 2, 'a probe asks for a token of its own')
  })

  it('is told apart from Entra giving no token: no socket is opened', async () => {
    await using test = wayOut('exchange-smtp', bySecret)
    test.house.secrets.set(names.secret, 'other')
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream secret-wrong'])
    assert.equal(server.connections.length, 0)
    await using cut = wayOut('exchange-smtp', bySecret)
    azure.settings.entraOutage = '503'
    assert.deepEqual((await send(cut.upstream)).outcomes, ['transient unreachable-entra'])
  })

  it('and passwords are not tried where the server does not offer them', async () => {
    for (const [kind, credential, auth] of [
      ['exchange-smtp', bySecret, ['LOGIN', 'PLAIN']],
      ['acs-smtp', byPassword, ['PLAIN', 'XOAUTH2']],
      ['smarthost', byPassword, []],
    ] as const) {
      server.settings.capabilities = { ...allCapabilities, auth }
      await using test = wayOut(kind, credential)
      assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream sign-in-not-offered'])
    }
    assert.deepEqual(logins(), [])
  })
})

describe('what a kind refuses before connecting', () => {
  for (const kind of ['exchange-direct', 'exchange-hve'] as const) {
    it(`${kind}: recipients outside the tenant, each for itself`, async () => {
      await using test = wayOut(kind, kind === 'exchange-hve' ? byPassword : byAddress)
      const outside = await send(test.upstream, to('ben@fabrikam.com', 'carl@fabrikam.com'))
      assert.deepEqual(outside.outcomes, ['permanent recipient external-recipient'])
      assert.equal(server.connections.length, 0)
      const mixed = await send(test.upstream, to('anna@contoso.com', 'ben@fabrikam.com'))
      assert.deepEqual(mixed.outcomes, ['accepted', 'permanent recipient external-recipient'])
      assert.deepEqual(mixed.accepted, [], 'onAccepted speaks for all')
      assert.deepEqual(
        server.ledger[0]?.recipients.map((one) => one.address),
        ['anna@contoso.com'],
      )
    })
  }

  it('exchange-direct and a connector by address: a sender of elsewhere, but not a report without one', async () => {
    const { rewrite, envelope } = mailConsignment(sevenMegabytes)
    const foreign = { ...rewrite, sender: address('scan@fabrikam.com') }
    for (const kind of ['exchange-direct', 'exchange-connector'] as const) {
      await using test = wayOut(kind, byAddress)
      const sent = await send(test.upstream, { rewrite: foreign })
      assert.deepEqual(sent.outcomes, ['paused sender sender-not-own'])
      assert.equal(server.connections.length, 0)
      const report = { rewrite: foreign, envelope: { ...envelope, reversePath: '' } } as const
      assert.deepEqual((await send(test.upstream, report)).outcomes, ['accepted'])
      server.connections.length = 0
    }
    await using byName = wayOut('exchange-connector', signedCertificate)
    assert.deepEqual((await send(byName.upstream, { rewrite: foreign })).outcomes, ['accepted'])
  })

  it('a connector: a certificate that nobody signed', async () => {
    await using test = wayOut('exchange-connector', byCertificate)
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream certificate-not-signed'])
    assert.equal(server.connections.length, 0)
  })

  it('kinds without a sign-in: a credential', async () => {
    await using test = wayOut('exchange-direct', byPassword)
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream sign-in-unsupported'])
  })

  it('parts above the recipients of a message', () => {
    const most = (kind: SmtpUpstreamKind) => wayOut(kind, byAddress).upstream.traits.recipientsPerPart
    assert.deepEqual([most('acs-smtp'), most('exchange-hve'), most('exchange-smtp')], [50, 50, 100])
  })
})

describe('connections of a mailbox', () => {
  it('are three, whatever the setup says', async () => {
    await using test = wayOut('exchange-smtp', byPassword, { connections: 8 })
    await Promise.all(Array.from({ length: 9 }, () => send(test.upstream)))
    assert.equal(server.ledger.length, 9)
    assert.equal(server.connections.length, 3)
  })

  it('are one less for ten minutes after a 432, and never none', async () => {
    const clock = new JumpingClock(wallMs(Date.now()))
    const reply = '432 4.3.2 Concurrent connections limit exceeded'
    server.script.add({ on: 'MAIL', count: 5, action: { kind: 'reply', reply } })
    await using test = wayOut('exchange-smtp', byPassword, { connections: 3 }, clock)
    const burst = () => Promise.all(Array.from({ length: 6 }, () => send(test.upstream)))
    for (const expected of [...Array(5).fill('transient too-many-connections'), 'accepted'])
      assert.deepEqual((await send(test.upstream)).outcomes, [expected])
    server.connections.length = 0
    await burst()
    assert.equal(server.connections.length, 0, 'the one that was open carries all')
    await clock.jump(10 * minute)
    await burst()
    assert.equal(server.connections.length, 3)
  })

  it('is one while Exchange doubts our address', async () => {
    const reply = '451 4.7.500 Server busy. Please try again later from [1.2.3.4]. (AS77712)'
    server.script.add({ on: 'RCPT', count: 1, action: { kind: 'reply', reply } })
    await using test = wayOut('exchange-direct', byAddress, { connections: 5 })
    assert.deepEqual((await send(test.upstream)).outcomes, ['transient grey-listed'])
    server.connections.length = 0
    await Promise.all(Array.from({ length: 6 }, () => send(test.upstream)))
    assert.deepEqual([server.ledger.length, server.connections.length], [6, 1])
  })
})

describe('a look that finds the way out usable', () => {
  const looks: readonly (readonly [SmtpUpstreamKind, CredentialSetup, boolean])[] = [
    ['exchange-smtp', bySecret, true],
    ['exchange-hve', byPassword, true],
    ['exchange-connector', signedCertificate, false],
    ['exchange-direct', byAddress, false],
  ]
  for (const [kind, credential, isProof] of looks) {
    it(`${isProof ? 'proves' : 'does not prove'} the right to send by ${kind}`, async () => {
      const { house, setup, upstream } = wayOut(kind, credential)
      const sight = await lookAtSignIn(setup, { tokens: house.tokens, create: () => upstream }, never)
      assert.deepEqual([sight.outcome.kind, sight.isRightProved], ['usable', isProof])
      house[Symbol.dispose]()
    })
  }
})
