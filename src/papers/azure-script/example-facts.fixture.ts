import { parseDocument } from '../../settings/parse.ts'
import { setupOf } from '../../settings/value.ts'
import type { ScriptFacts } from './plan.ts'

/** A public certificate is text to the script; this one is none. */
export const examplePem = '-----BEGIN CERTIFICATE-----\nMIIBexample\n-----END CERTIFICATE-----\n'
export const exampleThumbprint = 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334'

/** The facts of a setup document, every upstream with a certificate that it signs in by. */
export function factsOf(toml: string): ScriptFacts {
  const parsed = parseDocument(toml)
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  const setup = setupOf(parsed.document, 'checkout', [])
  const certificates = new Map(
    setup.upstreams
      .filter(({ credential }) => credential.kind === 'client-certificate')
      .map(({ name }) => [name, { pem: examplePem, thumbprint: exampleThumbprint }] as const),
  )
  return { setup, upstreams: setup.upstreams, certificates, consoleUrl: 'https://branch-07.local/' }
}

export const exampleBox = `
schema = 1
[gateway]
name = "branch-07"
hostname = "branch-07.contoso.com"
postmaster = "it@contoso.com"
sender = "inkpost@contoso.com"

[[device]]
name = "Front desk scanner"
username = "scan1"
password = "12345678"
sender = "scanner@contoso.com"
sender_name = "Front desk"

[[device]]
name = "Alarm panel"
username = "alarm"
password = "12345678"
sender = "alarm@contoso.com"
`

const certificate = '[upstream.credential]\nkind = "client-certificate"\n'

/** One upstream of each kind that Microsoft serves, as it stands before anything is there. */
export const exampleUpstreams = {
  'acs-email': `[[upstream]]
name = "acs"
kind = "acs-email"
enabled = false
sender = "noreply@contoso.com"
[upstream.reports]
queue = "https://contosoreports.queue.core.windows.net/acs-reports"
${certificate}`,
  'acs-email by key': `[[upstream]]
name = "acs key"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
[upstream.credential]
kind = "access-key"
key = "bm90IGEga2V5"
`,
  'acs-smtp': `[[upstream]]
name = "acs smtp"
kind = "acs-smtp"
enabled = false
${certificate}`,
  'exchange-smtp': `[[upstream]]
name = "mailbox"
kind = "exchange-smtp"
enabled = false
username = "scanner@contoso.com"
${certificate}`,
  'exchange-smtp by password': `[[upstream]]
name = "mailbox by password"
kind = "exchange-smtp"
[upstream.credential]
kind = "password"
username = "o'brien@contoso.com"
password = "not to be seen anywhere"
`,
  'exchange-hve': `[[upstream]]
name = "hve"
kind = "exchange-hve"
enabled = false
username = "scans@contoso.com"
${certificate}`,
  'exchange-direct': `[[upstream]]
name = "direct"
kind = "exchange-direct"
host = "contoso-com.mail.protection.outlook.com"
accepted_domains = ["contoso.com"]
`,
  'connector by address': `[[upstream]]
name = "connector"
kind = "exchange-connector"
host = "contoso-com.mail.protection.outlook.com"
`,
  'connector by certificate': `[[upstream]]
name = "connector by certificate"
kind = "exchange-connector"
host = "contoso-com.mail.protection.outlook.com"
${certificate}`,
  graph: `[[upstream]]
name = "graph"
kind = "graph"
enabled = false
sender = "scanner@contoso.com"
senders = ["o'brien@contoso.com"]
${certificate}`,
} as const
