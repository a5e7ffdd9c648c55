// The independent smarthost, proven by clients that are not ours before our drivers are tried on it.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Identity,
} from '../emulator/certificate-authority.ts'
import { runClient } from '../emulator/command-line-client.ts'
import { fetchToken } from '../emulator/https-raw-client.ts'
import { openRawSmtp, type RawSmtpClient } from '../emulator/smtp-raw-client.ts'
import { type RealPostfix, startRealPostfix } from './postfix.ts'
import { needsRoot } from './postfix-instance.ts'

const user = 'scanner@contoso.com'
const to = 'anna@example.org'
const message = `Subject: x\r\n\r\n.dot\r\n${'ä'.repeat(400)}\r\nlast\r\n`
/** Entra's tokens reach some kilobytes. */
const longToken = 'x'.repeat(6000)
let azure: Azure
let postfix: RealPostfix
let authority: CertificateAuthority
let directory: string
let arrived = 0

async function write(name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text, { mode: 0o600 })
  return file
}

function isOfOurApp(token: string): boolean {
  return azure.judgeToken(token, { audience: 'https://outlook.office365.com' }).kind === 'valid'
}

async function writeIdentity(name: string, identity: Identity): Promise<void> {
  await write(`${name}.pem`, identity.certificatePem)
  await write(`${name}.key`, identity.keyPem)
}

async function swaks(port: number, ...more: readonly string[]): Promise<string> {
  const { output } = await runClient('swaks', [
    ...['--server', 'localhost', '--port', String(port), '--tls', '--tls-verify'],
    ...['--tls-ca-path', join(directory, 'ca.pem'), '--helo', 'branch-07.contoso.com'],
    ...['--from', user, '--to', to, '--data', 'Subject: by swaks\\n\\nx', ...more],
  ])
  return output
}

async function curl(token: string): Promise<string> {
  const { output } = await runClient(
    'curl',
    [
      ...['--silent', '--verbose', '--ssl-reqd', '--cacert', join(directory, 'ca.pem')],
      ...['--url', `smtp://localhost:${postfix.port}`, '--mail-from', user, '--mail-rcpt', to],
      ...['--user', user, '--oauth2-bearer', token, '--login-options', 'AUTH=XOAUTH2', '--upload-file', '-'],
    ],
    message,
  )
  return output
}

/** The mails that came since the last call, of which there must be `count`. */
async function news(count: number) {
  const all = await postfix.delivered(arrived + count)
  const since = all.slice(arrived)
  arrived = all.length
  assert.equal(since.length, count)
  return since
}

async function secured(): Promise<RawSmtpClient> {
  const client = await openRawSmtp(postfix.port)
  await client.reply()
  await client.say('EHLO branch-07.contoso.com')
  await client.say('STARTTLS')
  await client.startTls({ ca: authority.caPem, servername: 'localhost' })
  await client.say('EHLO branch-07.contoso.com')
  return client
}

function xoauth2(token: string): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64')
}

describe('a smarthost from Debian', { skip: needsRoot }, () => {
  before(async () => {
    authority = await createCertificateAuthority()
    directory = await mkdtemp(join(tmpdir(), 'inkpost-smarthost-'))
    await write('ca.pem', authority.caPem)
    azure = await startAzure({ certificateAuthority: authority })
    const box = await authority.issue({ names: ['branch-07.contoso.com'] })
    await writeIdentity('box', box)
    postfix = await startRealPostfix({
      certificateAuthority: authority,
      accounts: [{ username: user, password: 'pass word' }],
      userOf: (token) => (['good', longToken].includes(token) || isOfOurApp(token) ? user : undefined),
      clientCertificates: [box.certificatePem],
    })
  })
  after(async () => {
    await postfix[Symbol.asyncDispose]()
    await azure[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  describe('Postfix with the SASL of Dovecot', () => {
    it('offers AUTH behind STARTTLS alone', async () => {
      await using plain = await openRawSmtp(postfix.port)
      await plain.reply()
      const before = (await plain.say('EHLO x')) ?? ''
      assert.match(before, /STARTTLS/)
      assert.doesNotMatch(before, /AUTH/)
      const args = [
        's_client',
        '-starttls',
        'smtp',
        '-connect',
        `localhost:${postfix.port}`,
        '-crlf',
        '-quiet',
      ]
      const { output } = await runClient(
        'openssl',
        [...args, '-ign_eof', '-CAfile', join(directory, 'ca.pem'), '-verify_return_error'],
        'EHLO x\nQUIT\n',
      )
      assert.match(output, /AUTH PLAIN LOGIN XOAUTH2/)
    })

    for (const mechanism of ['PLAIN', 'LOGIN']) {
      it(`takes a password by AUTH ${mechanism}, and no wrong one`, async () => {
        const auth = ['--auth', mechanism, '--auth-user', user, '--auth-password']
        assert.match(await swaks(postfix.port, ...auth, 'pass word'), /<~ {2}250 2\.0\.0 Ok: queued/)
        const [mail] = await news(1)
        assert.deepEqual([mail?.mailFrom, mail?.recipient], [user, to])
        assert.equal(mail?.content.toString(), 'Subject: by swaks\r\n\r\nx\r\n')
        assert.match(await swaks(postfix.port, ...auth, 'wrong'), /<~\* 535 5\.7\.8 /)
      })
    }

    it('takes XOAUTH2 from curl and delivers the octets that were sent', async () => {
      assert.match(await curl('good'), /< 235 2\.7\.0 Authentication successful/)
      const [mail] = await news(1)
      assert.equal(mail?.content.toString(), message)
      await postfix.logged(/sasl_method=XOAUTH2, sasl_username=scanner@contoso\.com/)
    })

    it('answers a refused token by 334 with JSON, and the empty line by 535', async () => {
      assert.match(await curl('bad'), /< 334 eyJzdGF0dXMiOi/)
      await using client = await secured()
      const challenge = (await client.say(`AUTH XOAUTH2 ${xoauth2('bad')}`)) ?? ''
      assert.match(challenge, /^334 /)
      assert.equal(JSON.parse(Buffer.from(challenge.slice(4), 'base64').toString()).status, '401')
      assert.match((await client.say('')) ?? '', /^535 5\.7\.8 /)
      assert.match((await client.say(`AUTH XOAUTH2 ${xoauth2('good')}`)) ?? '', /^235 /)
    })

    it('takes a token of the emulated Entra for the right resource alone', async () => {
      for (const [resource, reply] of [
        ['https://outlook.office365.com', /< 235 2\.7\.0 /],
        ['https://communication.azure.com', /< 334 eyJ/],
      ] as const) {
        const token = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret, resource)
        assert.match(await curl(token), reply)
      }
      await news(1)
    })

    // RFC 4954 section 4: an AUTH line is no longer than any other command; Postfix cuts at 2048 octets.
    it('takes a long token after AUTH, not with it', async () => {
      await using client = await secured()
      assert.match((await client.say(`AUTH XOAUTH2 ${xoauth2(longToken)}`)) ?? '', /^535 5\.7\.8 .*base64/)
      assert.equal(await client.say('AUTH XOAUTH2'), '334 ')
      assert.match((await client.say(xoauth2(longToken))) ?? '', /^235 /)
    })

    it('does not take another’s token', async () => {
      await using client = await secured()
      const stolen = Buffer.from('user=boss@contoso.com\x01auth=Bearer good\x01\x01').toString('base64')
      assert.match((await client.say(`AUTH XOAUTH2 ${stolen}`)) ?? '', /^334 |^535 /)
      assert.match((await client.say('')) ?? '', /^5/)
    })

    it('does not relay for who has not signed in', async () => {
      assert.match(
        await swaks(postfix.port),
        /554 5\.7\.1 .*Relay access denied|554 5\.7\.1 .*Recipient address/,
      )
    })

    it('takes BDAT (RFC 3030) octet for octet', async () => {
      await using client = await secured()
      await client.say(`AUTH XOAUTH2 ${xoauth2('good')}`)
      assert.match((await client.say(`MAIL FROM:<${user}> BODY=8BITMIME`)) ?? '', /^250/)
      assert.match((await client.say(`RCPT TO:<${to}>`)) ?? '', /^250/)
      const octets = Buffer.from(message)
      client.write(`BDAT ${octets.length - 3}\r\n`)
      client.write(octets.subarray(0, -3))
      assert.match((await client.reply()) ?? '', /^250 2\.0\.0 Ok: \d+ bytes/)
      client.write('BDAT 3 LAST\r\n')
      client.write(octets.subarray(-3))
      assert.match((await client.reply()) ?? '', /^250 2\.0\.0 Ok: .*queued/)
      const [mail] = await news(1)
      assert.ok(mail?.content.equals(octets))
    })

    it('delivers to each recipient, and takes the null sender and UTF-8 addresses', async () => {
      await using client = await secured()
      await client.say(`AUTH XOAUTH2 ${xoauth2('good')}`)
      assert.match((await client.say('MAIL FROM:<> SMTPUTF8')) ?? '', /^250/)
      for (const one of ['a@example.org', 'jürgen@example.org'])
        assert.match((await client.say(`RCPT TO:<${one}>`)) ?? '', /^250/)
      await client.say('DATA')
      assert.match((await client.say('Subject: x\r\n\r\nx\r\n.')) ?? '', /^250/)
      const mails = await news(2)
      assert.deepEqual(
        mails.map((one) => one.mailFrom),
        ['', ''],
      )
      assert.deepEqual(mails.map((one) => Buffer.from(one.recipient, 'latin1').toString()).sort(), [
        'a@example.org',
        'jürgen@example.org',
      ])
    })

    it('gives up waiting when told so', async () => {
      await assert.rejects(postfix.delivered(1000, AbortSignal.abort(new Error('enough'))), /enough/)
    })
  })

  describe('its port for client certificates', () => {
    function certificate(name: string): string[] {
      return ['--tls-cert', join(directory, `${name}.pem`), '--tls-key', join(directory, `${name}.key`)]
    }

    it('relays for the certificate that is listed, without AUTH', async () => {
      const output = await swaks(postfix.certificatePort, ...certificate('box'))
      assert.match(output, /<~ {2}250 2\.0\.0 Ok: queued/)
      assert.doesNotMatch(output, /250.AUTH/)
      await news(1)
      await postfix.logged(/Trusted TLS connection established/)
    })

    it('does not relay for another one of the authority', async () => {
      await writeIdentity('other', await authority.issue({ names: ['branch-08.contoso.com'] }))
      assert.match(await swaks(postfix.certificatePort, ...certificate('other')), /<~\* 554 5\.7\.1 /)
    })

    for (const [name, make] of [
      [
        'of another authority',
        async () => (await createCertificateAuthority()).issue({ names: ['branch-07.contoso.com'] }),
      ],
      [
        'that has expired',
        () => authority.issue({ names: ['branch-07.contoso.com'], notAfter: new Date(Date.now() - 1000) }),
      ],
    ] as const) {
      it(`is closed to a certificate ${name}`, async () => {
        await writeIdentity('stranger', await make())
        const before = postfix.log().length
        assert.doesNotMatch(
          await swaks(postfix.certificatePort, ...certificate('stranger')),
          /250 2\.0\.0 Ok/,
        )
        await postfix.logged(/certificate verification failed|verify failed/, before)
      })
    }

    it('is closed to who shows none', async () => {
      assert.doesNotMatch(await swaks(postfix.certificatePort), /250 2\.0\.0 Ok/)
    })
  })
})
