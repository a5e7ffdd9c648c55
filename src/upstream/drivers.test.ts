import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import type { Outcome } from '../core/outcome.ts'
import { secretName } from '../core/secret.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { Consignment, Preparation, Upstream } from '../core/upstream.ts'
import { acsRequest } from '../message/acs-request.ts'
import { packParcel } from './acs-parcel.ts'
import { createUpstream } from './drivers.ts'
import {
  address,
  exampleHouse,
  exampleSetup,
  mailConsignment,
  scanMail,
} from './example-consignment.fixture.ts'

const never = new AbortController().signal
const key = secretName('upstream', 'acs', 'key')
const house = exampleHouse()
let azure: Azure
let smtp: SmtpUpstream
let folder: string
let caFile: string

before(async () => {
  azure = await startAzure({ sendQuota: { perMinute: 1000, perHour: 1000 } })
  smtp = await startSmtpUpstream({ certificateAuthority: azure.certificateAuthority })
  folder = await mkdtemp(join(tmpdir(), 'drivers-'))
  caFile = await azure.writeCa(folder)
  house.secrets.set(key, azure.settings.accessKeys[0] ?? '')
})
after(async () => {
  house[Symbol.dispose]()
  await smtp[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const upstream = (change: Partial<UpstreamSetup>): Upstream =>
  createUpstream(exampleSetup({ caFile, ...change }), house)

const acs = (): Upstream =>
  upstream({ kind: 'acs-email', endpoint: azure.endpoint, credential: { kind: 'access-key', keys: [key] } })

const rewrite = {
  sender: address('scanner@contoso.com'),
  senderName: 'Front desk',
  keepOriginalInReplyTo: true,
  subjectPrefix: '',
}

async function ready(driver: Upstream, consignment: Consignment) {
  const preparation: Preparation = await driver.prepare(consignment, never)
  assert.ok(preparation.kind === 'ready', JSON.stringify(preparation))
  return preparation.prepared
}

async function send(driver: Upstream, consignment: Consignment): Promise<ReadonlyMap<number, Outcome>> {
  return (await ready(driver, consignment)).send(async () => {}, never)
}

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

describe('a scan by acs-email', () => {
  const files = [
    { name: 'Übersicht März.pdf', octets: randomBytes(2_000_001) },
    { name: '請求書.pdf', octets: randomBytes(70_000) },
    { name: 'c.pdf', octets: Buffer.from('%PDF') },
  ]

  it('arrives with every file as it was and its name', async () => {
    await using driver = acs()
    const outcomes = await send(driver, mailConsignment(scanMail(files), { rewrite }))
    assert.equal(outcomes.get(1)?.kind, 'accepted')
    const mail = azure.ledger.at(-1)
    assert.deepEqual(
      mail?.attachments.map(({ name, sha256: hash }) => [name, hash]),
      files.map(({ name, octets }) => [name, sha256(octets)]),
    )
    assert.equal(mail?.subject, 'Scan für Sie')
    assert.equal(mail?.plainText?.trim(), 'Grüße vom Gerät \u{1f5a8}')
    assert.deepEqual(mail?.replyTo, [{ address: 'scan1@printer.local', displayName: 'Front desk' }])
    assert.equal(mail?.headers['Message-ID'], '<1@branch-07.contoso.com>')
    assert.equal(mail?.isTrackingDisabled, true)
  })

  it('has the size that the message room worked out, and the same octets each time', async () => {
    await using driver = acs()
    const consignment = mailConsignment(scanMail(files), { rewrite })
    const request = await acsRequest(consignment, { deviceName: undefined })
    assert.ok(request.kind === 'request')
    const first = await ready(driver, consignment)
    const second = await ready(driver, consignment)
    assert.equal(first.size, request.size)
    assert.equal(second.bodySha256, first.bodySha256)
  })

  it('goes without the field where there is no file', async () => {
    await using driver = acs()
    const consignment = mailConsignment(scanMail([]), { rewrite })
    assert.equal((await send(driver, consignment)).get(1)?.kind, 'accepted')
    const packing = await packParcel(consignment, never)
    assert.ok(packing.kind === 'packed' && packing.parcel.message.attachments === undefined)
  })

  it('that is signed is refused before any socket, for another way out', async () => {
    await using driver = acs()
    const signed = Buffer.from(
      'From: <a@contoso.com>\r\nContent-Type: multipart/signed; boundary=b; protocol="application/pkcs7-signature"\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\ny\r\n--b--\r\n',
    )
    const preparation = await driver.prepare(mailConsignment(signed), never)
    assert.ok(preparation.kind === 'refused' && preparation.outcome.kind === 'permanent')
    assert.equal(preparation.outcome.code, 'cannot-rebuild-signed')
    assert.equal(preparation.outcome.elsewhere, true)
  })

  it('gives back all the memory it reserved', async () => {
    await using driver = acs()
    await send(driver, mailConsignment(scanMail(files), { rewrite }))
    assert.equal(house.memory.used, 0)
  })
})

describe('a scan by smarthost', () => {
  it('goes out under the sender of the way out, every other octet as it came', async () => {
    await using driver = upstream({ kind: 'smarthost', host: 'localhost', port: smtp.port })
    const mail = scanMail([{ name: 'a.pdf', octets: randomBytes(100_000) }])
    const outcomes = await send(driver, mailConsignment(mail, { rewrite }))
    assert.equal(outcomes.get(1)?.kind, 'accepted')
    const [taken] = smtp.ledger
    const text = taken?.raw.toString('latin1') ?? ''
    assert.match(text, /^From: Front desk <scanner@contoso\.com>\r$/m)
    assert.match(text, /^Reply-To: Front desk <scan1@printer\.local>\r$/m)
    assert.ok(text.endsWith(mail.subarray(mail.indexOf('\r\n\r\n')).toString('latin1')))
    assert.equal(taken?.mailFrom.address, 'scanner@contoso.com')
    assert.deepEqual(smtp.connections.at(-1)?.violations, [])
  })

  it('has its bare line ends mended once', async () => {
    await using driver = upstream({ kind: 'smarthost', host: 'localhost', port: smtp.port })
    const header = 'Date: Fri, 1 Jan 2027 00:00:00 +0000'
    await send(driver, mailConsignment(Buffer.from(`${header}\n\n.dot\nno end`)))
    const [taken] = smtp.ledger.slice(-1)
    assert.equal(taken?.raw.toString(), `${header}\r\n\r\n.dot\r\nno end\r\n`)
    assert.deepEqual(smtp.connections.at(-1)?.violations, [])
  })
})

describe('a scan into the outbox', () => {
  it('is kept with the header it would have had', async () => {
    await using driver = upstream({ kind: 'outbox', caFile: '' })
    const mail = scanMail([])
    const accepted: string[] = []
    const consignment = mailConsignment(mail, { rewrite })
    const outcomes = await (await ready(driver, consignment)).send(
      async (id) => void accepted.push(id),
      never,
    )
    assert.equal(outcomes.get(1)?.kind, 'accepted')
    assert.deepEqual(accepted, [consignment.operationId])
    const [kept] = house.kept
    assert.match(Buffer.from(kept?.header ?? '').toString(), /^From: Front desk <scanner@contoso\.com>\r$/m)
    assert.equal(kept?.bodyStart, mail.indexOf('\r\n\r\n') + 4)
    assert.deepEqual(kept?.recipients, ['anna@contoso.com'])
    assert.equal(kept?.sender, 'scanner@contoso.com')
  })
})
