// Runs the emulators for a person who wants to try the gateway by hand.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startAcsSmtp } from './acs-smtp.ts'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { startExchangeMx } from './exchange-mx.ts'
import { startExchangeOnline } from './exchange-online.ts'
import { outlookResource } from './exchange-sign-in.ts'
import { type SmtpUpstream, startSmtpUpstream } from './smtp-upstream.ts'

const smtpAccount = { username: 'relay', password: 'relay' }
const mailbox = { address: 'scanner@contoso.com', fullAccess: [exampleClientId] }
const longUsername = `contoso.${exampleClientId}.${exampleTenant}`

const { values } = parseArgs({
  options: {
    'azure-port': { type: 'string', default: '4443' },
    'smtp-port': { type: 'string', default: '2526' },
    'exchange-port': { type: 'string', default: '2527' },
    'acs-smtp-port': { type: 'string', default: '2528' },
    'mx-port': { type: 'string', default: '2529' },
    /** Where ca.pem is written; default: a new temporary directory. */
    directory: { type: 'string' },
  },
})

/** One JSON line on stderr for each mail that arrives, without its text. */
async function narrate(
  azure: Azure,
  upstreams: Readonly<Record<string, SmtpUpstream>>,
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
    ...Object.entries(upstreams).map(([via, upstream]) =>
      follow(
        (count) => upstream.ledgerReaches(count, signal),
        (index) => {
          const mail = upstream.ledger[index]
          return {
            via,
            mailFrom: mail?.mailFrom.address,
            recipients: mail?.recipients.map((one) => one.address),
            size: mail?.size,
          }
        },
      ),
    ),
  ])
}

async function main(): Promise<void> {
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), 'inkpost-emulator-')))
  await using azure = await startAzure({ port: Number(values['azure-port']) })
  await using upstream = await startSmtpUpstream({
    port: Number(values['smtp-port']),
    certificateAuthority: azure.certificateAuthority,
    accounts: [smtpAccount],
    isTokenValid: (_user, token) => azure.readToken(token) !== undefined,
  })
  for (const app of azure.settings.apps) app.permissions = { [outlookResource]: ['SMTP.SendAsApp'] }
  await using exchange = await startExchangeOnline(azure, {
    mailboxes: [mailbox],
    servicePrincipals: [{ clientId: exampleClientId, objectId: exampleClientId }],
    upstream: { port: Number(values['exchange-port']) },
  })
  await using acs = await startAcsSmtp(azure, { upstream: { port: Number(values['acs-smtp-port']) } })
  await using mx = await startExchangeMx({
    upstream: { port: Number(values['mx-port']), certificateAuthority: azure.certificateAuthority },
  })
  const ready = {
    event: 'ready',
    endpoint: azure.endpoint,
    authority: azure.authority,
    connectionString: azure.connectionString,
    tenantId: exampleTenant,
    clientId: exampleClientId,
    clientSecret: exampleSecret,
    senders: azure.settings.senders,
    smtp: { host: upstream.host, port: upstream.port, security: 'starttls', ...smtpAccount },
    exchange: { host: exchange.host, port: exchange.port, username: mailbox.address },
    acsSmtp: { host: acs.host, port: acs.port, username: longUsername },
    mx: { host: mx.host, port: mx.port, acceptedDomains: mx.tenant.acceptedDomains },
    caFile: await azure.writeCa(directory),
  }
  console.log(JSON.stringify(ready))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  await narrate(azure, { smtp: upstream, exchange, 'acs-smtp': acs, mx }, stop.signal).catch(
    (error: unknown) => {
      if (!stop.signal.aborted) throw error
    },
  )
}

await main()
