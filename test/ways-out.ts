// Each kind of way out with the twin of its service: what an administrator sets up at Microsoft, and here.

import { type AcsSmtp, communicationResource, startAcsSmtp } from './emulator/acs-smtp.ts'
import type { Azure } from './emulator/azure.ts'
import {
  defaultSettings,
  type EntraApp,
  exampleClientId,
  exampleSecret,
  exampleTenant,
} from './emulator/azure-settings.ts'
import type { CertificateAuthority } from './emulator/certificate-authority.ts'
import { type ExchangeMx, type ExchangeMxOptions, startExchangeMx } from './emulator/exchange-mx.ts'
import { type ExchangeOnline, startExchangeOnline } from './emulator/exchange-online.ts'
import type { Mailbox } from './emulator/exchange-settings.ts'
import { outlookResource } from './emulator/exchange-sign-in.ts'
import { type Graph, startGraph } from './emulator/graph.ts'
import type { SmtpMail } from './emulator/smtp-ledger.ts'
import { allCapabilities } from './emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from './emulator/smtp-upstream.ts'
import type { GatewayInProcess } from './gateway-in-process.ts'
import { createPublicAuthority } from './public-authority.ts'

/** What a way out is built upon. */
export interface Ground {
  readonly azure: Azure
  readonly app: EntraApp
  /** The services' clock, milliseconds since the epoch; Entra has its own. */
  readonly now: () => number
  /** File with the authority of all twins. */
  readonly ca: string
  readonly folder: string
}

export interface WayOut<Twin> extends AsyncDisposable {
  readonly name: string
  readonly twin: Twin
  /** Its `[[upstream]]` table. */
  setup(): string
  /** What is left to do once the box knows of it: its certificate goes where it belongs. */
  enrol(gateway: GatewayInProcess): Promise<void>
  /** Subjects of what arrived, in order. */
  arrived(): readonly string[]
}

export type SignsInBy = 'secret' | 'certificate' | 'password'

const graphResource = 'https://graph.microsoft.com'
const objectId = '33333333-3333-4333-8333-333333333333'
const mailboxAddress = 'noreply@contoso.com'
const devices = ['scanner@contoso.com', 'copier@contoso.com']
const smtpPassword = 'pass-w0rd-of-the-relay'
/** Where the branch comes from, as Microsoft sees it. */
export const publicAddress = '203.0.113.7'
export const connectorName = 'branch-07.contoso.com'

/** An app with every right that sending needs, by any way out. */
export const exampleApp = (): EntraApp => ({
  tenant: exampleTenant,
  clientId: exampleClientId,
  objectId,
  secrets: [{ value: exampleSecret }],
  certificates: [],
  role: 'contributor',
  permissions: { [outlookResource]: ['SMTP.SendAsApp', 'Mail.Send'] },
})

export const azureOf = (app: EntraApp, certificateAuthority: CertificateAuthority) => ({
  certificateAuthority,
  apps: [app],
  resources: [communicationResource, outlookResource, graphResource],
  senders: [...defaultSettings().senders, ...devices],
})

const mailbox = (): Mailbox => ({
  address: mailboxAddress,
  password: smtpPassword,
  fullAccess: [exampleClientId],
  sendAs: devices,
})

const application = `tenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"`
const credential = (by: SignsInBy, password: string): string =>
  ({
    secret: `kind = "client-secret"\n${application}\nsecret = "${exampleSecret}"`,
    certificate: `kind = "client-certificate"\n${application}`,
    password: `kind = "password"\nusername = "${mailboxAddress}"\npassword = "${password}"`,
  })[by]

const table = (kind: string, ca: string, lines: string, signIn = ''): string => `[[upstream]]
name = "${kind}"
kind = "${kind}"
ca_file = "${ca}"
${lines}
${signIn === '' ? '' : `[upstream.credential]\n${signIn}\n`}`

const ownSenders = `senders = ["scanner@contoso.com", "copier@contoso.com", "${mailboxAddress}"]
sender = "${mailboxAddress}"`
const hostOf = ({ port }: SmtpUpstream): string => `host = "localhost"\nport = ${port}`

/** The certificate of the box is registered with the app. */
export async function register(gateway: GatewayInProcess, name: string, app: EntraApp): Promise<void> {
  const certificate = await gateway.operations.certificate(name)
  if (certificate.kind !== 'done') throw new Error(certificate.reason)
  app.certificates.push(certificate.pem)
}

const enrolment =
  (name: string, by: SignsInBy, { app }: Ground) =>
  async (gateway: GatewayInProcess): Promise<void> => {
    if (by !== 'certificate') return
    app.secrets = []
    await register(gateway, name, app)
  }

const subjectOf = ({ raw }: SmtpMail): string => /^Subject: (.*)\r$/m.exec(raw.toString('latin1'))?.[1] ?? ''
const nothing = async (): Promise<void> => undefined

function smtpWay<Twin extends SmtpUpstream>(
  name: string,
  twin: Twin,
  setup: () => string,
  enrol: WayOut<Twin>['enrol'] = nothing,
): WayOut<Twin> {
  return {
    name,
    twin,
    setup,
    enrol,
    arrived: () => twin.ledger.map(subjectOf),
    [Symbol.asyncDispose]: () => twin[Symbol.asyncDispose](),
  }
}

export async function acsEmail(ground: Ground, by: SignsInBy | 'key' = 'secret'): Promise<WayOut<Azure>> {
  const { azure, ca } = ground
  const lines = `endpoint = "${azure.endpoint}"\nauthority = "${azure.authority}"\n${ownSenders}`
  const signIn =
    by === 'key'
      ? `kind = "access-key"\nkey = "${azure.settings.accessKeys[0]}"`
      : credential(by, exampleSecret)
  return {
    name: 'acs-email',
    twin: azure,
    setup: () => table('acs-email', ca, lines, signIn),
    enrol: by === 'key' ? nothing : enrolment('acs-email', by, ground),
    arrived: () => azure.ledger.map(({ subject }) => subject),
    // The ground's own.
    [Symbol.asyncDispose]: nothing,
  }
}

export async function acsSmtp(ground: Ground, by: SignsInBy): Promise<WayOut<AcsSmtp>> {
  const { azure, now, ca } = ground
  const username = { username: mailboxAddress, clientId: exampleClientId, tenant: exampleTenant }
  const twin = await startAcsSmtp(azure, { usernames: [username], upstream: { now } })
  const lines = `${hostOf(twin)}\nauthority = "${azure.authority}"\nusername = "${mailboxAddress}"\n${ownSenders}`
  const signIn = credential(by, exampleSecret)
  return smtpWay(
    'acs-smtp',
    twin,
    () => table('acs-smtp', ca, lines, signIn),
    enrolment('acs-smtp', by, ground),
  )
}

/** smtp.office365.com or, `exchange-hve`, High Volume Email. */
export async function exchange(
  ground: Ground,
  by: SignsInBy,
  kind: 'exchange-smtp' | 'exchange-hve' = 'exchange-smtp',
): Promise<WayOut<ExchangeOnline>> {
  const { azure, now, ca } = ground
  const twin = await startExchangeOnline(azure, {
    service: kind === 'exchange-hve' ? 'hve' : 'mailbox',
    mailboxes: [mailbox()],
    servicePrincipals: [{ clientId: exampleClientId, objectId }],
    upstream: { now },
  })
  const lines = `${hostOf(twin)}\nauthority = "${azure.authority}"\nusername = "${mailboxAddress}"
accepted_domains = ["contoso.com"]\n${ownSenders}`
  const signIn = credential(by, smtpPassword)
  return smtpWay(kind, twin, () => table(kind, ca, lines, signIn), enrolment(kind, by, ground))
}

function startMx({ azure, now }: Ground, options: ExchangeMxOptions): Promise<ExchangeMx> {
  const { certificateAuthority } = azure
  return startExchangeMx({
    ...options,
    upstream: { certificateAuthority, now, clientAddress: publicAddress },
  })
}

export async function exchangeDirect(ground: Ground): Promise<WayOut<ExchangeMx>> {
  const twin = await startMx(ground, {})
  const lines = `${hostOf(twin)}\naccepted_domains = ["contoso.com"]\n${ownSenders}`
  return smtpWay('exchange-direct', twin, () => table('exchange-direct', ground.ca, lines))
}

/** Known by the site's public address. */
export async function connectorByAddress(ground: Ground): Promise<WayOut<ExchangeMx>> {
  const connector = { name: 'branch', type: 'OnPremises', senderIpAddresses: [publicAddress] } as const
  const twin = await startMx(ground, { connectors: [connector] })
  const lines = `${hostOf(twin)}\naccepted_domains = ["contoso.com"]\n${ownSenders}`
  return smtpWay('exchange-connector', twin, () => table('exchange-connector', ground.ca, lines))
}

/** Known by a certificate over the box's own key, which an authority signed. */
export async function connectorByCertificate(ground: Ground): Promise<WayOut<ExchangeMx>> {
  const authority = createPublicAuthority(ground.folder)
  const connector = { name: 'branch', type: 'OnPremises', tlsSenderCertificateName: connectorName } as const
  const twin = await startMx(ground, { connectors: [connector], clientCaPem: authority.caPem })
  const lines = `${hostOf(twin)}\n${ownSenders}`
  let signed = ''
  return smtpWay(
    'exchange-connector',
    twin,
    () => table('exchange-connector', ground.ca, lines, `kind = "client-certificate"\n${signed}`),
    async (gateway) => {
      const asked = await gateway.operations.certificateRequest('exchange-connector')
      if (asked.kind !== 'done') throw new Error(asked.reason)
      signed = `certificate_file = "${authority.sign(asked.pem).file}"`
    },
  )
}

export async function graph(ground: Ground, by: SignsInBy): Promise<WayOut<Graph>> {
  const { azure, ca } = ground
  const mailboxes = [...devices, mailboxAddress].map((userPrincipalName) => ({ userPrincipalName }))
  const twin = await startGraph({ azure, mailboxes, now: azure.settings.now })
  const lines = `endpoint = "${twin.endpoint}"\nauthority = "${azure.authority}"\n${ownSenders}`
  return {
    name: 'graph',
    twin,
    setup: () => table('graph', ca, lines, credential(by, '')),
    enrol: enrolment('graph', by, ground),
    arrived: () =>
      twin.ledger.map(({ headers }) => headers.find(([field]) => field === 'Subject')?.[1] ?? ''),
    [Symbol.asyncDispose]: () => twin[Symbol.asyncDispose](),
  }
}

export async function smarthost(ground: Ground): Promise<WayOut<SmtpUpstream>> {
  const { azure, now, ca } = ground
  const { certificateAuthority } = azure
  const twin = await startSmtpUpstream({
    certificateAuthority,
    now,
    isAuthRequired: true,
    isTlsRequired: true,
    capabilities: { ...allCapabilities, auth: ['PLAIN', 'LOGIN'] },
    accounts: [{ username: mailboxAddress, password: smtpPassword }],
  })
  const signIn = credential('password', smtpPassword)
  return smtpWay('smarthost', twin, () => table('smarthost', ca, hostOf(twin), signIn))
}
