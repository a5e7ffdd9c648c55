// Runs the emulators for a person who wants to try the gateway by hand.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Graph, startGraph } from './graph.ts'
import { type SmtpUpstream, startSmtpUpstream } from './smtp-upstream.ts'

const smtpAccount = { username: 'relay', password: 'relay' }

const { values } = parseArgs({
  options: {
    'azure-port': { type: 'string', default: '4443' },
    'graph-port': { type: 'string', default: '4444' },
    'smtp-port': { type: 'string', default: '2526' },
    /** Where ca.pem is written; default: a new temporary directory. */
    directory: { type: 'string' },
  },
})

/** One JSON line on stderr for each mail that arrives, without its text. */
async function narrate(
  azure: Azure,
  graph: Graph,
  upstream: SmtpUpstream,
  signal: AbortSignal,
): Promise<void> {
  const say = (line: object): void => console.error(JSON.stringify(line))
  const follow = async (
    reaches: (count: number) => Promise<void>,
    describe: (index: number) => object,
  ): Promise<void> => {
    for (let count = 1; !signal.aborted; count += 1) {
      await reaches(count)
      say(describe(count - 1))
    }
  }
  await Promise.all([
    follow(
      (count) => azure.ledgerReaches(count, signal),
      (index) => {
        const mail = azure.ledger[index]
        return {
          via: 'acs',
          operationId: mail?.operationId,
          sender: mail?.sender,
          to: mail?.to,
          subject: mail?.subject,
          requestBytes: mail?.requestBytes,
        }
      },
    ),
    follow(
      (count) => graph.ledgerReaches(count, signal),
      (index) => {
        const mail = graph.ledger[index]
        return { via: 'graph', mailbox: mail?.mailbox, recipients: mail?.recipients, size: mail?.mime.length }
      },
    ),
    follow(
      (count) => upstream.ledgerReaches(count, signal),
      (index) => {
        const mail = upstream.ledger[index]
        return {
          via: 'smtp',
          mailFrom: mail?.mailFrom.address,
          recipients: mail?.recipients.map((one) => one.address),
          size: mail?.size,
        }
      },
    ),
  ])
}

async function main(): Promise<void> {
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), 'inkpost-emulator-')))
  await using azure = await startAzure({ port: Number(values['azure-port']) })
  azure.settings.resources = [...azure.settings.resources, 'https://graph.microsoft.com']
  await using graph = await startGraph({ azure, port: Number(values['graph-port']) })
  await using upstream = await startSmtpUpstream({
    port: Number(values['smtp-port']),
    certificateAuthority: azure.certificateAuthority,
    accounts: [smtpAccount],
    isTokenValid: (_user, token) => azure.readToken(token) !== undefined,
  })
  const ready = {
    event: 'ready',
    endpoint: azure.endpoint,
    authority: azure.authority,
    graph: { endpoint: graph.endpoint, mailboxes: graph.settings.mailboxes },
    connectionString: azure.connectionString,
    tenantId: exampleTenant,
    clientId: exampleClientId,
    clientSecret: exampleSecret,
    senders: azure.settings.senders,
    smtp: { host: upstream.host, port: upstream.port, security: 'starttls', ...smtpAccount },
    caFile: await azure.writeCa(directory),
  }
  console.log(JSON.stringify(ready))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  await narrate(azure, graph, upstream, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
}

await main()
