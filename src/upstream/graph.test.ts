import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { exampleClientId } from '../../test/emulator/azure-settings.ts'
import { contentOf } from '../core/content.ts'
import { address, exampleHouse, scanMail } from './example-consignment.fixture.ts'
import {
  appIdentity,
  azure,
  certificateCredential,
  driver,
  folder,
  graph,
  mail,
  never,
  send,
  setApp,
  statuses,
} from './graph-case.fixture.ts'
import { outcomeWords } from './outcome-words.fixture.ts'

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')
const bodyOf = (mime: Buffer): Buffer => mime.subarray(mime.indexOf('\r\n\r\n') + 4)

describe('graph sends', () => {
  it('a mail in one POST, and commits the 202 before it says so', async () => {
    await using test = driver()
    const consignment = mail()
    const { outcome, accepted } = await send(test.upstream, consignment)
    assert.deepEqual(outcome, { kind: 'accepted', reference: consignment.operationId })
    assert.deepEqual(accepted, [consignment.operationId])
    assert.deepEqual(statuses(), [202])
    const [taken] = graph.ledger
    assert.equal(taken?.mailbox, 'scanner@contoso.com')
    assert.deepEqual(taken?.from, ['scanner@contoso.com'])
    assert.deepEqual(taken?.recipients, ['anna@contoso.com'])
    assert.equal(taken?.subject, 'Scan')
    const [request] = graph.requests
    assert.match(request?.clientRequestId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8/)
    assert.equal(request?.contentLength, String(taken?.requestBytes))
  })

  it('a file of 2 MB whose octets, like all below the header, are those of the device', async () => {
    await using test = driver()
    const file = randomBytes(2_000_000)
    const octets = scanMail([{ name: 'Übersicht 日本.pdf', octets: file }])
    const { outcome } = await send(test.upstream, mail(octets))
    assert.equal(outcome.kind, 'accepted')
    const taken = graph.ledger[0] ?? assert.fail('nothing was taken')
    assert.ok(bodyOf(taken.mime).equals(bodyOf(octets)))
    const [text, attached] = taken.parts
    assert.equal(text?.text?.trim(), 'Grüße vom Gerät \u{1f5a8}')
    assert.deepEqual(
      [attached?.name, attached?.type, attached?.size, attached?.sha256],
      ['Übersicht 日本.pdf', 'application/pdf', file.length, sha256(file)],
    )
    assert.deepEqual(headersOf(taken.mime), [
      'From: Front desk <scanner@contoso.com>',
      'Subject: =?utf-8?B?U2NhbiBmw7xyIFNpZQ==?=',
      'Message-ID: <1@branch-07.contoso.com>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      'Reply-To: Front desk <scan1@printer.local>',
      'To: =?utf-8?B?w4RubmE=?= <anna@contoso.com>',
    ])
  })

  it('quoted-printable, 8-bit text and lone line feeds as lines ended by CRLF, otherwise as they are', async () => {
    await using test = driver()
    const body = 'class=3D"x" c=\nontinued\nGrüße =\r\n'
    const octets = Buffer.from(
      `From: a@b.example\nTo: anna@contoso.com\nContent-Transfer-Encoding: quoted-printable\n\n${body}`,
    )
    assert.equal((await send(test.upstream, mail(octets))).outcome.kind, 'accepted')
    const taken = graph.ledger[0] ?? assert.fail('nothing was taken')
    assert.equal(bodyOf(taken.mime).toString(), body.replace(/\r?\n/g, '\r\n'))
  })

  it('to the recipients of the part and nobody else', async () => {
    await using test = driver()
    const octets = Buffer.from(
      'From: x@y.example\r\nTo: anna@contoso.com, Zoe <zoe@elsewhere.example>\r\nCc: ben@contoso.com\r\nBcc: yan@elsewhere.example\r\n\r\nhello\r\n',
    )
    const recipients = ['anna@contoso.com', 'ben@contoso.com', 'cleo@contoso.com']
    assert.equal((await send(test.upstream, mail(octets, recipients))).outcome.kind, 'accepted')
    const [taken] = graph.ledger
    assert.deepEqual(
      [taken?.to, taken?.cc, taken?.bcc],
      [['anna@contoso.com'], ['ben@contoso.com'], ['cleo@contoso.com']],
    )
    assert.ok(!taken?.mime.includes('yan@'))
  })

  it('from the mailbox of the mail, by its name in the address', async () => {
    await using test = driver()
    const rewrite = {
      sender: address('noreply@contoso.com'),
      senderName: 'Reception',
      keepOriginalInReplyTo: true,
      subjectPrefix: '[scan]',
    }
    await send(test.upstream, mail(undefined, undefined, { rewrite }))
    const [taken] = graph.ledger
    assert.equal(taken?.mailbox, 'noreply@contoso.com')
    assert.match(taken?.mime.toString() ?? '', /^From: Reception <noreply@contoso\.com>\r$/m)
    assert.match(taken?.mime.toString() ?? '', /^Subject: \[scan\] Scan\r$/m)
  })

  it('from the reverse-path where the settings name no sender', async () => {
    await using test = driver()
    const { rewrite } = mail()
    const unnamed = mail(undefined, undefined, { rewrite: { ...rewrite, sender: undefined } })
    assert.equal((await send(test.upstream, unnamed)).outcome.kind, 'accepted')
    assert.deepEqual(graph.ledger[0]?.from, ['scanner@contoso.com'])
  })

  it('the same octets whenever it is asked to', async () => {
    await using test = driver()
    const consignment = mail(undefined, ['anna@contoso.com', 'ben@contoso.com'])
    await send(test.upstream, consignment)
    await send(test.upstream, consignment)
    assert.equal(graph.ledger.length, 2)
    assert.equal(graph.ledger[0]?.mimeSha256, graph.ledger[1]?.mimeSha256)
    assert.equal(graph.requests[0]?.clientRequestId, graph.requests[1]?.clientRequestId)
  })
})

function headersOf(mime: Buffer): readonly string[] {
  return mime
    .subarray(0, mime.indexOf('\r\n\r\n'))
    .toString()
    .split('\r\n')
    .filter((line) => !line.startsWith('Date: '))
}

describe('graph credentials', () => {
  it('signs in by a client secret', async () => {
    await using test = driver()
    await send(test.upstream)
    assert.deepEqual([graph.ledger[0]?.clientId, graph.ledger[0]?.by], [exampleClientId, 'secret'])
  })

  it('signs in by the certificate of the box', async () => {
    const identity = { others: () => [], open: () => ({ kind: 'open' as const, ...appIdentity }) }
    await using test = driver({ credential: certificateCredential }, exampleHouse({ identity }))
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.equal(graph.ledger[0]?.by, 'certificate')
  })

  it('is proved by a fresh token', async () => {
    await using test = driver()
    assert.deepEqual(await test.upstream.probe(never), { kind: 'usable' })
    setApp({ secrets: [{ value: 'another' }] })
    const probe = await test.upstream.probe(never)
    assert.ok(probe.kind === 'paused' && probe.pause.code === 'secret-wrong')
    assert.equal(graph.requests.length, 0)
  })

  it('are in no outcome and no line of the log', async () => {
    const house = exampleHouse()
    await using test = driver({}, house)
    house.secrets.set(house.secrets.keys().next().value ?? '', 'wrong~secret~value')
    const told = JSON.stringify([await send(test.upstream), await test.upstream.probe(never), house.lines])
    assert.ok(told.includes('secret-wrong'))
    assert.ok(!told.includes('wrong~secret~value'))
  })
})

describe('graph without a socket', () => {
  it('refuses what is too large for the request, for another way out to take', async () => {
    await using test = driver({ maxMessageSize: 1000 })
    const { outcome } = await send(test.upstream, mail(Buffer.from(`From: a@b.c\r\n\r\n${'x'.repeat(1000)}`)))
    assert.equal(outcomeWords(outcome), 'permanent message too-large 5.3.4 elsewhere')
    assert.equal(graph.requests.length + azure.requests.length, 0)
  })

  it('counts what leaves and not what came: 3 MB go, one octet more does not', async () => {
    await using test = driver()
    const recipients = ['anna@contoso.com']
    const around = await test.upstream.prepare(mail(Buffer.from('From: a@b.c\r\n\r\n'), recipients), never)
    assert.ok(around.kind === 'ready')
    const rest = 3_000_000 - around.prepared.size
    const sized = (octets: number) =>
      mail(
        Buffer.from(`From: a@b.c\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(30_000).slice(0, octets - 2)}\r\n`),
      )
    assert.equal((await send(test.upstream, sized(rest))).outcome.kind, 'accepted')
    assert.equal(graph.ledger[0]?.mime.length, 3_000_000)
    assert.equal(graph.ledger[0]?.requestBytes, 4_000_000)
    const { outcome } = await send(test.upstream, sized(rest + 1))
    assert.equal(outcomeWords(outcome), 'permanent message too-large 5.3.4 elsewhere')
  })

  it('pauses without a secret', async () => {
    await using test = driver()
    test.house.secrets.clear()
    assert.equal(outcomeWords((await send(test.upstream)).outcome), 'paused upstream key-missing')
  })

  it('pauses where ca_file cannot be read', async () => {
    await using test = driver({ caFile: join(folder, 'missing.pem') })
    assert.equal(outcomeWords((await send(test.upstream)).outcome), 'paused upstream ca-file-unreadable')
  })

  it('refuses mail that nothing names a mailbox for', async () => {
    await using test = driver()
    const { rewrite, envelope } = mail()
    const report = mail(undefined, undefined, {
      rewrite: { ...rewrite, sender: undefined },
      envelope: { ...envelope, reversePath: '' },
    })
    const { outcome } = await send(test.upstream, report)
    assert.equal(outcomeWords(outcome), 'permanent message sender-missing 5.1.7 elsewhere')
  })

  it('says that it cannot be asked', async () => {
    await using test = driver()
    assert.equal(test.upstream.traits.canAsk, false)
    assert.equal(outcomeWords(await test.upstream.ask('x')), 'transient cannot-ask')
  })

  it('lets nothing through when the spool cannot record the 202', async () => {
    await using test = driver()
    const preparation = await test.upstream.prepare(mail(), never)
    assert.ok(preparation.kind === 'ready')
    const broken = async (): Promise<void> => {
      throw new Error('disk gone')
    }
    await assert.rejects(preparation.prepared.send(broken, never), /disk gone/)
  })

  it('never sends the last octet of a mail that is not the one prepared', async () => {
    await using test = driver()
    const octets = Buffer.from('From: a@b.c\r\nTo: anna@contoso.com\r\n\r\nhello there\r\n')
    const consignment = mail(octets)
    const whole = contentOf(octets)
    let reads = 0
    const content = {
      size: whole.size,
      read: (range?: { start: number; end: number }) => {
        reads += 1
        return (reads > 2 ? contentOf(Buffer.from(octets.toString().replace('there', 'world'))) : whole).read(
          range,
        )
      },
    }
    const preparation = await test.upstream.prepare({ ...consignment, content }, never)
    assert.ok(preparation.kind === 'ready')
    await assert.rejects(
      preparation.prepared.send(async () => {}, never),
      /not the one that was prepared/,
    )
    assert.equal(graph.ledger.length, 0)
  })
})
