// A scan through the running box to a mailbox's sendMail: with each credential, to the envelope's recipients and nobody
// else, honest about size, and what becomes of mail where Graph says no or nothing.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { minute, wallMs } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { type Graph, type GraphOptions, startGraph } from '../emulator/graph.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { scanMessage } from '../scan-message.ts'
import { SmtpClient } from '../smtp-client.ts'

const resources = ['https://graph.microsoft.com']
const grant = { tenant: exampleTenant, clientId: exampleClientId, roles: ['Mail.Send'] }

const base = `schema = 1
[gateway]
name = "branch-07"
postmaster = "it@contoso.com"
sender = "noreply@contoso.com"
${testListeners}
[[device]]
name = "Front desk scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
`

const application = `tenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"`
const clientSecret = `kind = "client-secret"\n${application}\nsecret = "${exampleSecret}"`
const clientCertificate = `kind = "client-certificate"\n${application}`

const graphUpstream = (graph: Graph, azure: Azure, ca: string, credential = clientSecret): string => `
[[upstream]]
name = "graph"
kind = "graph"
endpoint = "${graph.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
sender = "noreply@contoso.com"
ca_file = "${ca}"
[upstream.credential]
${credential}
`

const smarthost = (smtp: SmtpUpstream, ca: string): string => `
[[upstream]]
name = "hub"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
ca_file = "${ca}"
`

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')
const bodyOf = (octets: Buffer): Buffer => octets.subarray(octets.indexOf('\r\n\r\n') + 4)

async function submit(
  port: number,
  to: readonly string[],
  content: string | Buffer,
): Promise<{ readonly reply: string; readonly id: string }> {
  using client = await SmtpClient.connect(port)
  await client.command('EHLO scanner')
  const reply = await client.send({ from: 'scan1@printer.local', to, content: content.toString() })
  return { reply, id: /^250 .*?([0-9A-Z]+)\s*$/.exec(reply)?.[1] ?? '' }
}

describe('a 2 MB scan to Microsoft Graph', () => {
  for (const [name, credential] of [
    ['a client secret', clientSecret],
    ['the certificate of the box', clientCertificate],
  ] as const) {
    it(`arrives with its octets, signed in by ${name}`, { timeout: 120_000 }, async () => {
      await using azure = await startAzure({ resources })
      await using graph = await startGraph({ azure })
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      mkdirSync(data)
      const setup = base + graphUpstream(graph, azure, await azure.writeCa(folder.path), credential)
      await using gateway = await GatewayProcess.start(data, { setup })
      if (credential === clientCertificate) {
        const certificates = [gateway.run('certificate', 'graph').stdout]
        const [app] = azure.settings.apps
        assert.ok(app)
        azure.settings.apps = [{ ...app, secrets: [], certificates }]
      }
      const scan = scanMessage({ octets: 2_000_000, fileName: 'Lieferschein für Müller 日本.pdf' })
      // The client writes the last line end itself.
      const content = scan.content.subarray(0, -2)
      const { reply } = await submit(gateway.port('plain'), ['anna@contoso.com'], content)
      assert.match(reply, /^250 /)
      await until('the scan is in the ledger', () => graph.ledger.length > 0, 60_000)
      const [taken] = graph.ledger
      assert.ok(taken)
      assert.equal(taken.by, credential === clientCertificate ? 'certificate' : 'secret')
      assert.equal(taken.mailbox, 'scanner@contoso.com')
      assert.deepEqual(taken.recipients, ['anna@contoso.com'])
      assert.equal(sha256(bodyOf(taken.mime)), sha256(bodyOf(scan.content)))
      assert.deepEqual(
        taken.parts.map(({ name: file, type, size, sha256: hash }) => [
          file,
          type,
          size,
          type.endsWith('pdf') && hash,
        ]),
        [
          [null, 'text/plain', 20, false],
          ['Lieferschein für Müller 日本.pdf', 'application/pdf', 2_000_000, scan.sha256],
        ],
      )
      await until('the delivery is known to be taken', () => {
        const [row] = gateway.ask('queue', '--all') as readonly { readonly state: string }[]
        return row?.state === 'accepted'
      })
      assert.equal(graph.requests.length, 1)
    })
  }
})

interface Stage {
  readonly azure: Azure
  readonly graph: Graph
  readonly clock: RunningClock
  readonly ca: string
  readonly folder: string
  start(more?: string): Promise<GatewayInProcess>
}

async function onStage(given: Partial<GraphOptions>, play: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new RunningClock(wallMs(Date.now()))
  const now = () => clock.wall()
  await using azure = await startAzure({ resources, now })
  await using graph = await startGraph({ azure, now, ...given })
  using folder = temporaryFolder()
  const ca = await azure.writeCa(folder.path)
  const start = (more = '') =>
    GatewayInProcess.start(folder.path, base + graphUpstream(graph, azure, ca) + more, { clock })
  await play({ azure, graph, clock, ca, folder: folder.path, start })
}

const limit = { timeout: 60_000 }

describe('recipients at Microsoft Graph', () => {
  it('are those of the envelope: the hidden one too, the one of the header alone not', limit, () =>
    onStage({}, async ({ graph, start }) => {
      await using gateway = await start()
      const { id } = await submit(
        gateway.port('plain'),
        ['anna@contoso.com', 'cleo@contoso.com'],
        'From: scan1@printer.local\r\nTo: Anna <anna@contoso.com>, Zoe <zoe@elsewhere.example>\r\n\r\nhello',
      )
      await gateway.messageIs(id, 'accepted')
      const [taken] = graph.ledger
      assert.deepEqual([taken?.to, taken?.cc, taken?.bcc], [['anna@contoso.com'], [], ['cleo@contoso.com']])
      assert.deepEqual(
        taken?.headers.filter(([name]) => name === 'X-Inkpost-To').map(([, value]) => value),
        ['Anna <anna@contoso.com>, Zoe <zoe@elsewhere.example>'],
      )
    }),
  )

  it('are found out where one of them is refused: the others get it, once', limit, () =>
    onStage({ invalidRecipients: ['bad@contoso.com'] }, async ({ graph, start }) => {
      await using gateway = await start()
      const to = ['anna@contoso.com', 'bad@contoso.com', 'cleo@contoso.com']
      const { id } = await submit(gateway.port('plain'), to, 'From: x@y.example\r\n\r\nhello')
      await until('nothing is open', async () =>
        (await gateway.states(id)).every((state) => state === 'accepted' || state === 'bounced'),
      )
      assert.deepEqual(await gateway.states(id), ['accepted', 'bounced', 'accepted'])
      const scans = graph.ledger.filter(({ mailbox }) => mailbox === 'scanner@contoso.com')
      assert.deepEqual(scans.flatMap(({ recipients }) => recipients).toSorted(), [
        'anna@contoso.com',
        'cleo@contoso.com',
      ])
    }),
  )
})

describe('mail too large for Microsoft Graph', () => {
  const mailOf = (octets: number): string => {
    const head = 'From: scan1@printer.local\r\nTo: anna@contoso.com\r\nSubject: large\r\n\r\n'
    return (
      head +
      `${'x'.repeat(98)}\r\n`
        .repeat(Math.ceil((octets - head.length) / 100))
        .slice(0, octets - head.length - 2)
    )
  }

  it('is refused at DATA where there is no other way', limit, () =>
    onStage({}, async ({ graph, start }) => {
      await using gateway = await start()
      const { reply } = await submit(gateway.port('plain'), ['anna@contoso.com'], mailOf(3_100_000))
      assert.match(reply, /^552 5\.3\.4 /)
      assert.equal(graph.requests.length, 0)
    }),
  )

  it('takes the next way where there is one', limit, () =>
    onStage({}, async ({ azure, graph, ca, start }) => {
      const { certificateAuthority } = azure
      await using smtp = await startSmtpUpstream({ certificateAuthority, isAuthRequired: false })
      await using gateway = await start(smarthost(smtp, ca))
      const { id } = await submit(gateway.port('plain'), ['anna@contoso.com'], mailOf(3_100_000))
      await gateway.messageIs(id, 'accepted')
      assert.deepEqual([graph.requests.length, smtp.ledger.length], [0, 1])
    }),
  )

  it('takes the next way also where only our own header makes it so', limit, () =>
    onStage({}, async ({ azure, graph, ca, start }) => {
      const { certificateAuthority } = azure
      await using smtp = await startSmtpUpstream({ certificateAuthority, isAuthRequired: false })
      await using gateway = await start(smarthost(smtp, ca))
      const near = 3_000_000 - 260
      const { id } = await submit(
        gateway.port('plain'),
        ['anna@contoso.com', `${'b'.repeat(60)}@contoso.com`],
        mailOf(near),
      )
      const view = await gateway.messageIs(id, 'accepted')
      assert.deepEqual([graph.requests.length, smtp.ledger.length], [0, 1])
      assert.ok(view.recipients.every(({ upstream }) => upstream === 'hub'))
    }),
  )

  it('takes the next way where Graph says so', limit, () =>
    onStage({ maxRequestBytes: 1_000_000 }, async ({ azure, graph, ca, start }) => {
      const { certificateAuthority } = azure
      await using smtp = await startSmtpUpstream({ certificateAuthority, isAuthRequired: false })
      await using gateway = await start(smarthost(smtp, ca))
      const { id } = await submit(gateway.port('plain'), ['anna@contoso.com'], mailOf(2_000_000))
      await gateway.messageIs(id, 'accepted')
      assert.deepEqual(
        [graph.requests.map(({ status }) => status), graph.ledger.length, smtp.ledger.length],
        [[413], 0, 1],
      )
    }),
  )
})

describe("Microsoft Graph's trouble", () => {
  it('a reply that is lost: nothing bounces, it is sent again later, and counted', limit, () =>
    onStage({}, async ({ graph, clock, start }) => {
      await using gateway = await start()
      graph.faults.push({ kind: 'reply-lost' })
      const { id } = await submit(
        gateway.port('plain'),
        ['anna@contoso.com'],
        'From: x@y.example\r\n\r\nhello',
      )
      await gateway.messageIs(id, 'indeterminate')
      assert.equal(graph.ledger.length, 1)
      // A send has 60 s: a step in which one begins must not be its end.
      for (let tries = 0; tries < 120 && graph.ledger.length < 2; tries += 1) {
        await clock.jump(minute / 3)
        await until('the lane is quiet', async () => (await gateway.upstream('graph')).inFlight === 0)
      }
      await gateway.messageIs(id, 'accepted')
      const [first, second] = graph.ledger
      assert.equal(second?.mimeSha256, first?.mimeSha256)
      assert.equal((await gateway.message(id)).parts[0]?.sends, 2)
    }),
  )

  it(
    'a mailbox that the app may not use: that sender waits with the remedy, and goes once it may',
    limit,
    () =>
      onStage(
        { grants: [{ ...grant, mailboxes: ['noreply@contoso.com'] }] },
        async ({ graph, clock, start }) => {
          await using gateway = await start()
          const { id } = await submit(
            gateway.port('plain'),
            ['anna@contoso.com'],
            'From: x@y.example\r\n\r\nhello',
          )
          const view = await gateway.upstreamIs('graph', 'paused')
          assert.match(view.reason, /scanner@contoso\.com.*may not send from this mailbox/)
          assert.match(view.remedy, /Mail\.Send/)
          assert.deepEqual(await gateway.states(id), ['deferred'])
          graph.settings.grants = [grant]
          // A send has 60 s: a step in which one begins must not be its end.
          for (let tries = 0; tries < 300 && graph.ledger.length === 0; tries += 1) {
            await clock.jump(minute / 3)
            await until('the lane is quiet', async () => (await gateway.upstream('graph')).inFlight === 0)
          }
          await gateway.messageIs(id, 'accepted')
        },
      ),
  )

  it('a 202 with Retry-After: once is once', limit, () =>
    onStage({ retryAfterOn202: 30 }, async ({ graph, clock, start }) => {
      await using gateway = await start()
      const { id } = await submit(
        gateway.port('plain'),
        ['anna@contoso.com'],
        'From: x@y.example\r\n\r\nhello',
      )
      await gateway.messageIs(id, 'accepted')
      await clock.jump(60 * minute)
      await until('the lane is quiet', async () => (await gateway.upstream('graph')).inFlight === 0)
      assert.equal(graph.requests.length, 1)
    }),
  )
})
