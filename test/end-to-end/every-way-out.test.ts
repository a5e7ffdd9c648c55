// The same mail through every kind of way out, against the twin of its service: what arrives, octet for octet where the
// protocol has octets, and what docs/upstreams.md says is lost.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId } from '../emulator/azure-settings.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import type { Graph } from '../emulator/graph.ts'
import type { SmtpMail } from '../emulator/smtp-ledger.ts'
import type { SmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'
import * as ways from '../ways-out.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
const limit = { timeout: 60_000 }

const box = plainBox({ gateway: 'hostname = "branch-07.contoso.com"' })

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

const head = [
  'Received: by the panel of a scanner; Sat, 28 Nov 2026 08:00:00 +0100',
  'Date: {now}',
  'From: "Scanner 3. OG" <scanner@contoso.com>',
  'To: Anna Meier <anna@contoso.com>',
  'Message-ID: <scan-0042@contoso.com>',
  'X-Scanner-Job: 42;',
  '\tpages=7',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="scan-boundary"',
  '',
  '--scan-boundary',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: 8bit',
  '',
  '.', // what DATA has to stuff
  '..Gescannt für Müller.  ',
  '--scan-boundary',
  'Content-Type: application/pdf; name="scan 0042.pdf"',
  'Content-Transfer-Encoding: base64',
  'Content-Disposition: attachment; filename="scan 0042.pdf"',
  '',
  '',
]

interface Scan {
  readonly content: Buffer
  readonly pdf: Buffer
}

function scanOf(octets: number): Scan {
  const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n'), randomBytes(octets - 9)])
  const date = new Date().toUTCString().replace('GMT', '+0000')
  const text = head.join('\r\n').replace('{now}', date).replace('MIME-V', `Subject: ${subject}\r\nMIME-V`)
  const base64 = pdf.toString('base64').replace(/.{76}/g, '$&\r\n')
  return { content: Buffer.from(`${text}${base64}\r\n--scan-boundary--\r\n`, 'latin1'), pdf }
}

const subject = '=?utf-8?Q?Lieferschein_f=C3=BCr_M=C3=BCller?='

async function submit(gateway: GatewayInProcess, { content }: Scan, to: string) {
  using client = await SmtpClient.connect(gateway.port('plain'))
  await client.command('EHLO scanner')
  // The client writes the last line end itself.
  const stuffed = Buffer.from(content.toString('latin1').replace(/^\./gm, '..').slice(0, -2), 'latin1')
  const reply = await client.send({ from: 'scanner@contoso.com', to: [to], content: stuffed })
  return { reply, id: /^250 .*?([0-9A-Z]+)$/.exec(reply)?.[1] ?? '' }
}

interface Stage extends ways.Ground {
  start(...outs: readonly ways.WayOut<unknown>[]): Promise<GatewayInProcess>
}

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const app = ways.exampleApp()
  await using azure = await startAzure(ways.azureOf(app, await authority))
  using folder = temporaryFolder()
  const start = async (...outs: readonly ways.WayOut<unknown>[]) => {
    const setup = () => box + outs.map((out) => out.setup()).join('')
    const gateway = await GatewayInProcess.start(folder.path, setup(), { clock: systemClock(wallMs(0)) })
    for (const out of outs) await out.enrol(gateway)
    const applied = await gateway.operations.applySetup(setup(), { check: false, who: 'test' })
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
    return gateway
  }
  const ca = await azure.writeCa(folder.path)
  await play({ azure, app, now: Date.now, ca, folder: folder.path, start })
}

/** Everything that the device wrote, header and body, behind what the box put before it. */
function assertOctets(raw: Buffer, { content }: Scan): void {
  const added = raw.subarray(0, raw.length - content.length).toString('latin1')
  assert.match(added, /^Received: from .*(\r\n[ \t].*)*\r\n$/, 'only our own Received is added')
  assert.equal(sha256(raw.subarray(-content.length)), sha256(content))
}

/** Graph has no envelope: the box writes the fields that name recipients anew, at the end of the header. */
function withToLast(content: Buffer): Buffer {
  const text = content.toString('latin1')
  const [to = ''] = /^To: .*\r\n/m.exec(text) ?? []
  return Buffer.from(text.replace(to, '').replace('\r\n\r\n', `\r\n${to}\r\n`), 'latin1')
}

interface Row<Twin extends SmtpUpstream> {
  readonly name: string
  readonly way: (ground: ways.Ground) => Promise<ways.WayOut<Twin>>
  readonly to: string
  readonly transfer: 'DATA' | 'BDAT'
  /** What proves that the box came in by the right door. */
  readonly proof: (twin: Twin, mail: SmtpMail) => void
}

const signedIn = (_twin: unknown, { user }: SmtpMail): void => assert.equal(user, 'noreply@contoso.com')

const row = <Twin extends SmtpUpstream>({ name, way, to, transfer, proof }: Row<Twin>) => ({
  name,
  play: () =>
    onStage(async (stage) => {
      await using out = await way(stage)
      await using gateway = await stage.start(out)
      const scan = scanOf(7_000_000)
      const { id } = await submit(gateway, scan, to)
      await gateway.messageIs(id, 'accepted')
      const [mail] = out.twin.ledger
      assert.ok(mail)
      assertOctets(mail.raw, scan)
      assert.deepEqual(
        [mail.mailFrom.address, mail.recipients.map(({ address }) => address), mail.transfer],
        ['scanner@contoso.com', [to], transfer],
      )
      assert.match(mail.tls?.version ?? '', /^TLSv1\.[23]$/)
      proof(out.twin, mail)
      const { connections, ledger } = out.twin
      assert.deepEqual(
        [ledger.length, connections.length, connections.flatMap(({ violations }) => violations)],
        [1, 1, []],
      )
    }),
})

const rows = [
  row({
    name: 'acs-smtp, XOAUTH2 by the certificate of the box',
    way: (ground) => ways.acsSmtp(ground, 'certificate'),
    to: 'anna@fabrikam.example',
    transfer: 'BDAT',
    proof: signedIn,
  }),
  row({
    name: 'acs-smtp, AUTH LOGIN with the secret as the password',
    way: (ground) => ways.acsSmtp(ground, 'password'),
    to: 'anna@fabrikam.example',
    transfer: 'BDAT',
    proof: ({ connections }, mail) => {
      signedIn(undefined, mail)
      assert.equal(connections[0]?.mechanism, 'LOGIN')
    },
  }),
  row({
    name: 'exchange-smtp, XOAUTH2 by a secret',
    way: (ground) => ways.exchange(ground, 'secret'),
    to: 'anna@fabrikam.example',
    transfer: 'BDAT',
    proof: signedIn,
  }),
  row({
    name: 'exchange-hve, XOAUTH2 by a secret',
    way: (ground) => ways.exchange(ground, 'secret', 'exchange-hve'),
    to: 'anna@contoso.com',
    transfer: 'BDAT',
    proof: signedIn,
  }),
  row({
    name: 'exchange-direct',
    way: ways.exchangeDirect,
    to: 'anna@contoso.com',
    transfer: 'BDAT',
    proof: ({ deliveries }) => assert.equal(deliveries[0]?.attribution.kind, 'none'),
  }),
  row({
    name: 'exchange-connector by the public address',
    way: ways.connectorByAddress,
    to: 'anna@fabrikam.example',
    transfer: 'BDAT',
    proof: ({ deliveries }) => assert.equal(deliveries[0]?.attribution.kind, 'connector'),
  }),
  row({
    name: 'exchange-connector by a signed certificate',
    way: ways.connectorByCertificate,
    to: 'anna@fabrikam.example',
    transfer: 'BDAT',
    proof: ({ deliveries }, { tls }) => {
      assert.equal(deliveries[0]?.attribution.kind, 'connector')
      assert.equal(tls?.clientCertificate?.commonName, ways.connectorName)
    },
  }),
  row({
    name: 'smarthost, AUTH PLAIN',
    way: ways.smarthost,
    to: 'anna@fabrikam.example',
    transfer: 'DATA',
    proof: signedIn,
  }),
]

describe('a mail with a file of 7 MB arrives with every octet of header and body', () => {
  for (const { name, play } of rows) it(name, limit, play)
})

describe('a mail with a file of 7 MB is rebuilt for the REST service', () => {
  it('acs-email, a token by secret: texts and files are the same, the header is another', limit, () =>
    onStage(async (stage) => {
      await using out = await ways.acsEmail(stage)
      await using gateway = await stage.start(out)
      const scan = scanOf(7_000_000)
      const { id } = await submit(gateway, scan, 'anna@contoso.com')
      await gateway.messageIs(id, 'accepted', 'confirmed')
      assertRebuilt(out.twin, scan)
    }),
  )
})

function assertRebuilt({ ledger }: Azure, { pdf }: Scan): void {
  assert.equal(ledger.length, 1)
  const [mail] = ledger
  assert.ok(mail)
  assert.deepEqual(mail.authentication, { kind: 'bearer', clientId: exampleClientId, by: 'secret' })
  assert.equal(mail.sender, 'scanner@contoso.com')
  assert.deepEqual(mail.to, [{ address: 'anna@contoso.com', displayName: 'Anna Meier' }])
  assert.equal(mail.subject, 'Lieferschein für Müller')
  assert.equal(mail.plainText, '.\r\n..Gescannt für Müller.  ')
  assert.deepEqual(
    mail.attachments.map(({ name, contentType, size, sha256: hash }) => [name, contentType, size, hash]),
    [['scan 0042.pdf', 'application/pdf', pdf.length, sha256(pdf)]],
  )
  // Date, Received, the name of From and the MIME structure have no place in the request.
  assert.deepEqual(mail.headers, {
    'Message-ID': '<scan-0042@contoso.com>',
    'X-Scanner-Job': '42;\tpages=7',
  })
}

describe('Microsoft Graph', () => {
  it('a file of 2 MB: every octet of the body, and of the header but for the recipients', limit, () =>
    onStage(async (stage) => {
      await using out = await ways.graph(stage, 'certificate')
      await using gateway = await stage.start(out)
      const scan = scanOf(2_000_000)
      const { id } = await submit(gateway, scan, 'anna@contoso.com')
      await gateway.messageIs(id, 'accepted')
      const [mail] = (out.twin satisfies Graph).ledger
      assert.ok(mail)
      assert.deepEqual(
        [mail.by, mail.mailbox, mail.recipients],
        ['certificate', 'scanner@contoso.com', ['anna@contoso.com']],
      )
      assertOctets(mail.mime, { ...scan, content: withToLast(scan.content) })
    }),
  )

  it('a file of 7 MB: the next way out takes it, with every octet', limit, () =>
    onStage(async (stage) => {
      await using out = await ways.graph(stage, 'secret')
      await using next = await ways.smarthost(stage)
      await using gateway = await stage.start(out, next)
      const scan = scanOf(7_000_000)
      const { id } = await submit(gateway, scan, 'anna@contoso.com')
      await gateway.messageIs(id, 'accepted')
      assert.equal(out.twin.requests.length, 0)
      assert.equal(next.twin.ledger.length, 1)
      assertOctets(next.twin.ledger[0]?.raw ?? Buffer.of(), scan)
    }),
  )

  it('a file of 7 MB and no other way out: the device hears it at the end of DATA', limit, () =>
    onStage(async (stage) => {
      await using out = await ways.graph(stage, 'secret')
      await using gateway = await stage.start(out)
      const { reply } = await submit(gateway, scanOf(7_000_000), 'anna@contoso.com')
      assert.match(reply, /^552 5\.3\.4 /)
      await until('nothing is spooled', async () => {
        const rows = await gateway.operations.queue({ all: true, limit: 10 })
        return rows.length === 0
      })
    }),
  )
})
