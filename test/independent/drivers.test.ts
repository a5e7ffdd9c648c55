// Our drivers against servers that nobody here wrote: Debian's Postfix with the SASL of Dovecot.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { secretName } from '../../src/core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../../src/core/setup.ts'
import type { ClientIdentity, Consignment, Upstream } from '../../src/core/upstream.ts'
import { createUpstream } from '../../src/upstream/drivers.ts'
import {
  address,
  type ExampleHouse,
  exampleHouse,
  exampleSetup,
  mailConsignment,
} from '../../src/upstream/example-consignment.fixture.ts'
import { send } from '../../src/upstream/smtp-case.fixture.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { type RealPostfix, startRealPostfix } from './postfix.ts'
import { needsRoot } from './postfix-instance.ts'

const user = 'scanner@contoso.com'
const password = 'a pass wörd, beyond ASCII'
const outlook = 'https://outlook.office365.com'
const names = { secret: secretName('secret'), password: secretName('password') }
const byPassword: CredentialSetup = {
  kind: 'password',
  username: user,
  password: names.password,
  expires: '',
}
const application = { tenantId: exampleTenant, clientId: exampleClientId, expires: '' }
const bySecret: CredentialSetup = { kind: 'client-secret', ...application, secrets: [names.secret] }

/** What Entra's tokens of an app with many roles reach; Postfix cuts a command at 2048 octets. */
const manyRoles = ['SMTP.SendAsApp', ...Array.from({ length: 150 }, (_, n) => `Some.Other.Permission.${n}`)]

let azure: Azure
/** Offers all it has. */
let modern: RealPostfix
/** LOGIN alone, no CHUNKING. */
let old: RealPostfix
let folder: string
let caFile: string
/** Length of each token that Dovecot asked about. */
const tokens: number[] = []
let isRevoked = false

function userOf(token: string): string | undefined {
  tokens.push(token.length)
  const isGood = azure.judgeToken(token, { audience: outlook }).kind === 'valid'
  return isGood && !isRevoked ? user : undefined
}

interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly upstream: Upstream
}

function wayOut(port: number, change: Partial<UpstreamSetup>, identity?: ClientIdentity): Case {
  const house = exampleHouse(identity ? { identity } : {})
  house.secrets.set(names.secret, exampleSecret)
  house.secrets.set(names.password, password)
  const base = { kind: 'smarthost', host: 'localhost', port, caFile, username: user } as const
  const upstream = createUpstream(exampleSetup({ ...base, authority: azure.authority, ...change }), house)
  return {
    house,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]()
      house[Symbol.dispose]()
    },
  }
}

const arrived = new Map<RealPostfix, number>()

/** The mails that came since the last call, of which there must be `count`. */
async function news(postfix: RealPostfix, count: number) {
  const before = arrived.get(postfix) ?? 0
  const all = await postfix.delivered(before + count)
  arrived.set(postfix, all.length)
  assert.equal(all.length - before, count)
  return all.slice(before)
}

/** Lines of every length that SMTP allows, dots at their beginning, every octet but NUL, CR and LF. */
function roughOctets(size: number): Buffer {
  const octets = Buffer.from(randomBytes(size).map((octet) => ([0, 10, 13].includes(octet) ? 46 : octet)))
  for (let at = 0, line = 0; at + 1000 < size; line += 1) {
    at += (line * 7) % 997
    octets.set([13, 10, 46], at)
    at += 2
  }
  octets.set([13, 10], size - 2)
  return octets
}

const header = `From: <${user}>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nSubject: Scan\r\n\r\n`
const mail = (body: Buffer | string, change: Partial<Consignment> = {}) =>
  mailConsignment(Buffer.concat([Buffer.from(header), Buffer.from(body)]), change)
const bodyOf = (content: Buffer): Buffer => content.subarray(content.indexOf('\r\n\r\n') + 4)

describe('our drivers at a Postfix from Debian', { skip: needsRoot }, () => {
  before(async () => {
    azure = await startAzure()
    const [app] = azure.settings.apps
    assert.ok(app)
    app.permissions = { [outlook]: manyRoles }
    const { certificateAuthority } = azure
    folder = await mkdtemp(join(tmpdir(), 'inkpost-drivers-'))
    caFile = await azure.writeCa(folder)
    const common = { certificateAuthority, accounts: [{ username: user, password }], userOf }
    // Its log says word for word what it was told.
    const talkative = 'debug_peer_list = 127.0.0.1\ndebug_peer_level = 1\n'
    modern = await startRealPostfix({ ...common, main: talkative })
    old = await startRealPostfix({
      ...common,
      mechanisms: ['LOGIN'],
      main: `smtpd_discard_ehlo_keywords = chunking\n${talkative}`,
    })
  })
  after(async () => {
    await old[Symbol.asyncDispose]()
    await modern[Symbol.asyncDispose]()
    await azure[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  for (const [mechanism, server] of [
    ['PLAIN', () => modern],
    ['LOGIN', () => old],
  ] as const)
    for (const security of ['starttls', 'implicit'] as const)
      it(`sign in by ${mechanism} over ${security === 'starttls' ? 'STARTTLS' : 'implicit TLS'}`, async () => {
        const postfix = server()
        const port = security === 'starttls' ? postfix.port : postfix.implicitPort
        await using test = wayOut(port, { security, credential: byPassword })
        assert.deepEqual((await send(test.upstream, mail('.a dot\r\n..\r\nHere.\r\n'))).outcomes, [
          'accepted',
        ])
        const [came] = await news(postfix, 1)
        assert.equal(bodyOf(came?.content ?? Buffer.alloc(0)).toString(), '.a dot\r\n..\r\nHere.\r\n')
        assert.equal(came?.mailFrom, user)
        await postfix.logged(new RegExp(`sasl_method=${mechanism}, sasl_username=scanner@contoso\\.com`))
        assert.match(came?.trace ?? '', /^Received: from branch-07\.contoso\.com .*\n.*\n?.*with ESMTPSA/m)
      })

  it('tell of a password that is refused, and keep it to themselves', async () => {
    for (const postfix of [modern, old]) {
      await using test = wayOut(postfix.port, { credential: byPassword })
      test.house.secrets.set(names.password, 'wrong-word')
      const { outcomes, dialogue = '' } = await send(test.upstream, mail('x\r\n'))
      assert.deepEqual(outcomes, ['paused upstream sign-in-refused'])
      assert.match(dialogue, /S: 535 5\.7\.8 /)
      assert.doesNotMatch(dialogue, /wrong-word|d3Jvbmctd29yZ/)
    }
  })

  for (const kind of ['smarthost', 'exchange-smtp'] as const)
    it(`sign in by XOAUTH2 with a token longer than a command may be: ${kind}`, async () => {
      await using test = wayOut(modern.port, { kind, credential: bySecret })
      tokens.length = 0
      const { outcomes, dialogue } = await send(test.upstream, mail('x\r\n'))
      assert.deepEqual([outcomes, dialogue], [['accepted'], undefined])
      assert.ok((tokens[0] ?? 0) > 2048, `a token of ${tokens[0]} octets`)
      await news(modern, 1)
      await modern.logged(/sasl_method=XOAUTH2, sasl_username=scanner@contoso\.com/)
    })

  it('tell of a token that Dovecot does not take', async () => {
    await using test = wayOut(modern.port, { kind: 'exchange-smtp', credential: bySecret })
    isRevoked = true
    const { outcomes, dialogue = '' } = await send(test.upstream, mail('x\r\n'))
    isRevoked = false
    assert.deepEqual(outcomes, ['paused upstream app-not-admitted'])
    assert.match(dialogue, /C: AUTH XOAUTH2\nS: 334\nC: \*\*\*\nS: 334 .*\nC: \nS: 535 5\.7\.8 /)
  })

  for (const [command, server] of [
    ['BDAT', () => modern],
    ['DATA', () => old],
  ] as const)
    it(`carry 7 MB by ${command}, octet for octet`, { timeout: 30_000 }, async () => {
      const postfix = server()
      const body = roughOctets(7_000_000)
      await using test = wayOut(postfix.port, { credential: byPassword })
      const before = postfix.log().length
      assert.deepEqual((await send(test.upstream, mail(body))).outcomes, ['accepted'])
      const [came] = await news(postfix, 1)
      assert.equal(Buffer.compare(bodyOf(came?.content ?? Buffer.alloc(0)), body), 0)
      await postfix.logged(new RegExp(`< localhost\\[127\\.0\\.0\\.1\\]: ${command}`), before)
      await postfix.logged(/< localhost\[127\.0\.0\.1\]: MAIL FROM:<.*> BODY=8BITMIME SIZE=70000\d\d/, before)
    })

  it('say BODY=8BITMIME for mail that needs it alone', async () => {
    await using test = wayOut(modern.port, { credential: byPassword })
    const before = modern.log().length
    await send(test.upstream, mail('seven bits\r\n'))
    await news(modern, 1)
    await modern.logged(/: MAIL FROM:<[^>]*> SIZE=\d+\n/, before)
  })

  it('say SMTPUTF8 for addresses beyond ASCII', async () => {
    const recipient = { number: 1, address: address('jürgen@example.org') }
    await using test = wayOut(modern.port, { credential: byPassword })
    assert.deepEqual((await send(test.upstream, mail('x\r\n', { recipients: [recipient] }))).outcomes, [
      'accepted',
    ])
    const [came] = await news(modern, 1)
    assert.equal(Buffer.from(came?.recipient ?? '', 'latin1').toString(), 'jürgen@example.org')
    assert.match(came?.trace ?? '', /with UTF8SMTPSA/)
  })

  it('hand on the wishes for a report: Postfix writes it as the device wished', async () => {
    const recipient = {
      number: 1,
      address: address('anna@example.org'),
      notify: 'SUCCESS',
      orcpt: 'rfc822;first+2Blast@example.org',
    }
    const base = mail('the text itself\r\n', { recipients: [recipient] })
    const envelope = {
      ...base.envelope,
      recipients: [recipient],
      dsn: { ret: 'HDRS', envid: 'scan-4711' },
    } as const
    await using test = wayOut(modern.port, { credential: byPassword })
    assert.deepEqual((await send(test.upstream, { ...base, envelope })).outcomes, ['accepted'])
    const reports = (await news(modern, 2)).filter(({ mailFrom }) => mailFrom === '')
    assert.deepEqual(
      reports.map(({ recipient }) => recipient),
      [user],
    )
    const report = reports[0]?.content.toString() ?? ''
    assert.match(report, /^Original-Envelope-Id: scan-4711\r$/m)
    assert.match(report, /^Original-Recipient: rfc822;first\+last@example\.org\r$/m)
    assert.match(report, /^Action: delivered\r$/m)
    assert.match(report, /^Subject: Scan\r$/m)
    assert.doesNotMatch(report, /the text itself/, 'RET=HDRS')
  })
})
