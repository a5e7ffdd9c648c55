// The main job: a printer with a user name of five characters and TLS 1.0 sends a 7 MB scan, and it reaches Azure as one
// valid call, the file unchanged; with each of the three credentials.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { MessageView } from '../../src/core/spool.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { type Scan, scanMessage } from '../scan-message.ts'
import { SmtpClient } from '../smtp-client.ts'

const tenant = '5e0f7c1a-4f8f-4b7e-9a53-0d8c8b8f1a11'
const clientId = '0f2c9d54-8a0e-4a77-8d0e-6a1f0c9d2b22'
const clientSecret = 'Q~8secret~with~tildes.and.more_0123456789'

const azureSettings = { senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] }

function setupText(azure: Azure, ca: string, credential: string, more = ''): string {
  return `schema = 1
[gateway]
name = "branch-07"
postmaster = "it@contoso.com"
[limits]
recipients = 1000
${testListeners}
[[device]]
name = "Front desk scanner"
username = "scan1"
password = "12345678"
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com"]
ca_file = "${ca}"
${more}
[upstream.credential]
${credential}
`
}

interface Credential {
  readonly name: string
  readonly text: (azure: Azure) => string
  /** Before the start. */
  readonly register?: (azure: Azure) => void
  /** Once the box has made its certificate. */
  readonly registerCertificate?: (azure: Azure, pem: string) => void
}

const credentials: readonly Credential[] = [
  { name: 'access key', text: (azure) => `kind = "access-key"\nkey = "${azure.settings.accessKeys[0]}"` },
  {
    name: 'client secret',
    text: () =>
      `kind = "client-secret"\ntenant_id = "${tenant}"\nclient_id = "${clientId}"\nsecret = "${clientSecret}"`,
    register: (azure) => {
      azure.settings.apps = [
        { tenant, clientId, secrets: [{ value: clientSecret }], certificates: [], role: 'contributor' },
      ]
    },
  },
  {
    name: 'client certificate made by the box',
    text: () => `kind = "client-certificate"\ntenant_id = "${tenant}"\nclient_id = "${clientId}"`,
    registerCertificate: (azure, pem) => {
      azure.settings.apps = [{ tenant, clientId, secrets: [], certificates: [pem], role: 'contributor' }]
    },
  },
]

/** curl as an old printer: TLS 1.0 with static RSA, AUTH LOGIN. */
function sendAsOldPrinter(port: number, file: string): Promise<string> {
  const commandLine = [
    '-sS',
    '-v',
    '-k',
    '--ssl-reqd',
    '--tlsv1.0',
    '--tls-max',
    '1.0',
    '--ciphers',
    'AES128-SHA:@SECLEVEL=0',
  ]
  const mail = [
    '--user',
    'scan1:12345678',
    '--login-options',
    'AUTH=LOGIN',
    '--mail-from',
    'scanner@contoso.com',
    '--mail-rcpt',
    'anna@contoso.com',
  ]
  return new Promise((resolve, reject) => {
    const child = spawn('curl', [...commandLine, ...mail, '-T', file, `smtp://127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let course = ''
    child.stderr.on('data', (octets: Buffer) => {
      course += octets.toString('latin1')
    })
    child.on('close', (code) =>
      code === 0 ? resolve(course) : reject(new Error(`curl ended with ${code}: ${course.slice(-2000)}`)),
    )
  })
}

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

function writeScan(folder: string): Scan & { readonly file: string } {
  const scan = scanMessage({ octets: 7_000_000, fileName: 'Lieferschein für Müller & Söhne 日本.pdf' })
  const file = join(folder, 'scan.eml')
  writeFileSync(file, scan.content)
  assert.equal(sha256(readFileSync(file)), sha256(scan.content))
  return { ...scan, file }
}

describe('a 7 MB scan through TLS 1.0 to Azure', () => {
  for (const credential of credentials) {
    it(`arrives as one call with its file unchanged, signed by ${credential.name}`, {
      timeout: 120_000,
    }, async () => {
      await using azure = await startAzure(azureSettings)
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      mkdirSync(data)
      credential.register?.(azure)
      const setup = setupText(azure, await azure.writeCa(folder.path), credential.text(azure))
      await using gateway = await GatewayProcess.start(data, { setup })
      credential.registerCertificate?.(azure, gateway.run('certificate', 'acs').stdout)
      const scan = writeScan(folder.path)

      const course = await sendAsOldPrinter(gateway.port('submission'), scan.file)
      assert.match(course, /SSL connection using TLSv1 \/ AES128-SHA/)
      assert.match(course, /< 250 2\.\d\.\d .*[0-9A-Z]+/)

      await until('the scan is in the ledger', () => azure.ledger.length > 0, 60_000).catch(
        (error: unknown) => {
          throw new Error(`${error}\n${gateway.log.slice(-10).join('\n')}`)
        },
      )
      const [mail] = azure.ledger
      assert.equal(azure.ledger.length, 1)
      assert.equal(mail?.attachments.length, 1)
      assert.deepEqual(
        {
          name: mail?.attachments[0]?.name,
          type: mail?.attachments[0]?.contentType,
          size: mail?.attachments[0]?.size,
          sha256: mail?.attachments[0]?.sha256,
        },
        {
          name: 'Lieferschein für Müller & Söhne 日本.pdf',
          type: 'application/pdf',
          size: 7_000_000,
          sha256: scan.sha256,
        },
      )
      assert.equal(mail?.plainText?.trim(), 'Gescannt für Müller.')
      assert.equal(
        azure.requests.filter(
          (request) => request.method === 'POST' && request.path.startsWith('/emails:send'),
        ).length,
        1,
      )
      await until('the delivery is known to be taken', () => {
        const [row] = gateway.ask('queue', '--all', '--limit', '1000') as readonly {
          readonly state: string
        }[]
        return row?.state === 'accepted' || row?.state === 'confirmed'
      })
    })
  }
})

describe('a scan as XPS, which Azure does not list', () => {
  it('is refused as it is and arrives zipped, its file unchanged', { timeout: 120_000 }, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const credential = `kind = "access-key"\nkey = "${azure.settings.accessKeys[0]}"`
    const setup = setupText(azure, await azure.writeCa(folder.path), credential)
    await using gateway = await GatewayProcess.start(data, { setup })
    using client = await SmtpClient.connect(gateway.port('plain'))
    await client.command('EHLO scanner')
    await client.signIn('scan1', '12345678')
    const octets = Buffer.from('PK an XPS document')
    const part = `Content-Type: application/octet-stream; name="Scan.xps"\r\nContent-Transfer-Encoding: base64\r\n\r\n${octets.toString('base64')}`
    const content = `From: scanner@contoso.com\r\nTo: anna@contoso.com, ben@contoso.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n${part}\r\n--b--\r\n`
    const reply = await client.send({
      from: 'scanner@contoso.com',
      to: ['anna@contoso.com', 'ben@contoso.com'],
      content,
    })
    const id = /([0-9A-Z]+)\s*$/.exec(reply)?.[1] ?? ''
    await until('it is in the ledger', () => azure.ledger.length > 0)
    const sends = azure.requests.filter(({ method }) => method === 'POST')
    assert.deepEqual(
      sends.map(({ status }) => status),
      [400, 202],
    )
    assert.equal(new Set(sends.map(({ operationId }) => operationId)).size, 2)
    assert.deepEqual(
      azure.ledger.map(({ to, attachments }) => [to.length, attachments.map(({ name }) => name)]),
      [[2, ['Scan.xps.zip']]],
    )
    const zip = azure.ledger[0]?.attachments[0]?.content
    const script =
      'import sys,zipfile,io;sys.stdout.buffer.write(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).read("Scan.xps"))'
    assert.deepEqual(execFileSync('python3', ['-c', script], { input: zip }), octets)
    await until('every recipient is accepted', () => {
      const { recipients } = gateway.ask('message', id) as MessageView
      return recipients.every(({ state }) => state === 'accepted' || state === 'confirmed')
    })
  })
})

describe('120 recipients', () => {
  it('go in three calls, each under its own operation id, nobody twice', { timeout: 120_000 }, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const setup = setupText(
      azure,
      await azure.writeCa(folder.path),
      `kind = "access-key"\nkey = "${azure.settings.accessKeys[0]}"`,
    )
    await using gateway = await GatewayProcess.start(data, { setup })
    const recipients = Array.from({ length: 120 }, (_, n) => `r${n}@contoso.com`)
    using client = await SmtpClient.connect(gateway.port('plain'))
    await client.command('EHLO scanner')
    await client.signIn('scan1', '12345678')
    const content = 'From: scanner@contoso.com\r\nTo: everybody@contoso.com\r\nSubject: to all\r\n\r\nhello'
    const reply = await client.send({ from: 'scanner@contoso.com', to: recipients, content })
    assert.match(reply, /^250 /)
    await until('all three parts are in the ledger', () => azure.ledger.length >= 3, 60_000)
    const seen = azure.ledger
      .flatMap((mail) => [...mail.to, ...mail.cc, ...mail.bcc].map((entry) => entry.address))
      .filter((address) => address !== 'scanner@contoso.com')
    assert.equal(azure.ledger.length, 3)
    assert.deepEqual([...seen].sort(), [...recipients].sort())
    assert.equal(new Set(azure.ledger.map((mail) => mail.operationId)).size, 3)
    await until('every recipient is accepted', () => {
      const rows = gateway.ask('queue', '--all', '--limit', '1000') as readonly {
        readonly message: string
        readonly state: string
      }[]
      return rows.length === 120 && rows.every((row) => row.state === 'accepted' || row.state === 'confirmed')
    })
    const { parts } = gateway.ask('message', /([0-9A-Z]+)\s*$/.exec(reply)?.[1] ?? '') as MessageView
    assert.deepEqual(
      parts.map((part) => part.recipients.length),
      [49, 49, 22],
    )
  })
})
