// A renewal of the box's certificate, killed (SIGKILL) at each of its requests to Entra and to Microsoft Graph: the next start goes on
// with it, mail flows all the time, and nothing is registered twice.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { issue } from '../../src/certificates/issuing.ts'
import { joinPem, type KeyPair } from '../../src/certificates/pem.ts'
import { day, wallMs } from '../../src/core/time.ts'
import { openSettings } from '../../src/settings/open-settings.ts'
import { startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../emulator/azure-settings.ts'
import { exampleApplicationId, startGraphKeys } from '../emulator/graph-keys.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'

let ending: KeyPair
before(async () => {
  ending = await issue({
    commonName: 'inkpost branch-07 acs',
    use: 'client',
    notBefore: new Date(Date.now() - 700 * day),
    notAfter: new Date(Date.now() + 30 * day),
  })
})

const thumbprint = (pem: string): string => new X509Certificate(pem).fingerprint.replaceAll(':', '')

/** The certificate of an older box, as its settings.db keeps it. */
async function keepCertificate(data: string): Promise<void> {
  const opening = await openSettings(data, { profile: 'checkout', now: () => wallMs(Date.now()) })
  if (opening.kind !== 'open') throw new Error(opening.kind)
  using _ = opening.settings
  assert.ok(opening.sealedFiles.save('client/acs', joinPem(ending)))
}

async function submit(port: number): Promise<void> {
  using client = await SmtpClient.connect(port)
  await client.command('EHLO scanner')
  const content = 'From: scanner@contoso.com\r\nTo: anna@contoso.com\r\nSubject: scan\r\n\r\nhello'
  assert.match(await client.send({ from: 'scanner@contoso.com', to: ['anna@contoso.com'], content }), /^250 /)
}

/** What the process dies of: a request of the renewal has come to the service, before its answer or after. */
const deaths: readonly (readonly [what: string, graphRequests: number, isAnswered: boolean])[] = [
  ['while addKey is asked', 1, false],
  ['after addKey was answered', 1, true],
]

describe('a renewal that is killed', () => {
  for (const [what, graphRequests, isAnswered] of deaths)
    it(`${what} goes on at the next start`, { timeout: 120_000 }, async () => {
      await using azure = await startAzure({
        resources: ['https://communication.azure.com', 'https://graph.microsoft.com'],
        apps: [
          {
            tenant: exampleTenant,
            clientId: exampleClientId,
            secrets: [],
            certificates: [ending.certificatePem],
            role: 'contributor',
          },
        ],
      })
      await using graph = await startGraphKeys({ azure, isSpreadAtOnce: !isAnswered })
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      await keepCertificate(data)
      const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "noreply@contoso.com"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
ca_file = "${await azure.writeCa(folder.path)}"
[upstream.credential]
kind = "client-certificate"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
object_id = "${exampleApplicationId}"
`
      // Stored, and the answer lost with the process.
      if (!isAnswered) graph.faults.push({ kind: 'reply-lost', method: 'POST' })
      {
        await using gateway = await GatewayProcess.start(data, { setup })
        await graph.requestsReach(graphRequests, AbortSignal.timeout(60_000))
        if (isAnswered)
          await until('registered', () =>
            gateway.log.some((line) => line.includes('next-certificate-registered')),
          )
        await submit(gateway.port('plain'))
        await gateway.kill()
      }
      graph.spread()
      await using gateway = await GatewayProcess.start(data, { setup })
      await submit(gateway.port('plain'))
      await azure.ledgerReaches(2, AbortSignal.timeout(60_000))
      await until(
        'the next certificate serves',
        () => gateway.log.some((line) => line.includes('client-certificate-renewed')),
        60_000,
      )
      const present = thumbprint(gateway.run('certificate', 'acs').stdout)
      assert.deepEqual(graph.added, [present])
      assert.notEqual(present, thumbprint(ending.certificatePem))
    })
})
