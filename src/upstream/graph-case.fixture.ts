// What the tests of graph share: an emulated Entra, an emulated Graph and a driver towards them. No test of its own.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import { type Graph as GraphTwin, startGraph } from '../../test/emulator/graph.ts'
import { defaultGraphSettings } from '../../test/emulator/graph-settings.ts'
import type { Outcome } from '../core/outcome.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../core/setup.ts'
import type { Consignment } from '../core/upstream.ts'
import {
  address,
  type ExampleHouse,
  exampleHouse,
  exampleSetup,
  mailConsignment,
} from './example-consignment.fixture.ts'
import { Graph } from './graph.ts'

export let azure: Azure
export let graph: GraphTwin
export let folder: string
export let caFile: string
export let appIdentity: Identity

before(async () => {
  azure = await startAzure({ resources: ['https://graph.microsoft.com'] })
  graph = await startGraph({ azure })
  folder = await mkdtemp(join(tmpdir(), 'graph-'))
  caFile = await azure.writeCa(folder)
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
})
after(async () => {
  await graph[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  azure.forget()
  graph.forget()
  Object.assign(graph.settings, defaultGraphSettings())
  Object.assign(azure.settings, { now: Date.now, entraOutage: 'none' })
  setApp({})
})

export function setApp(change: Partial<Azure['settings']['apps'][number]>): void {
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret }],
      certificates: [appIdentity.certificatePem],
      role: 'none',
      ...change,
    },
  ]
}

const appSecret = secretName('upstream', 'graph', 'secret')
const application = { tenantId: exampleTenant, clientId: exampleClientId, expires: '' }

const secretCredential: CredentialSetup = { ...application, kind: 'client-secret', secrets: [appSecret] }
export const certificateCredential: CredentialSetup = {
  ...application,
  kind: 'client-certificate',
  certificateFile: '',
}

export interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly upstream: Graph
}

export function driver(setup: Partial<UpstreamSetup> = {}, house = exampleHouse()): Case {
  house.secrets.set(appSecret, exampleSecret)
  const upstream = new Graph(
    exampleSetup({
      kind: 'graph',
      endpoint: graph.endpoint,
      authority: azure.authority,
      caFile,
      credential: secretCredential,
      ...setup,
    }),
    house,
  )
  return {
    house,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]()
      house[Symbol.dispose]()
    },
  }
}

export const never = new AbortController().signal

const plainMail = Buffer.from(
  'From: Front desk <scan1@printer.local>\r\nTo: anna@contoso.com\r\nSubject: Scan\r\n\r\nHere it is.\r\n',
)

/** `octets` from the mailbox scanner@contoso.com to `recipients`. */
export function mail(
  octets: Uint8Array = plainMail,
  recipients: readonly string[] = ['anna@contoso.com'],
  change: Partial<Consignment> = {},
): Consignment {
  return mailConsignment(octets, {
    recipients: recipients.map((text, index) => ({ number: index + 1, address: address(text) })),
    rewrite: {
      sender: address('scanner@contoso.com'),
      senderName: '',
      keepOriginalInReplyTo: true,
      subjectPrefix: '',
    },
    ...change,
  })
}

export interface Sent {
  readonly outcome: Outcome
  readonly accepted: readonly string[]
}

export async function send(upstream: Graph, consignment = mail(), signal = never): Promise<Sent> {
  const preparation = await upstream.prepare(consignment, signal)
  if (preparation.kind === 'refused') return { outcome: preparation.outcome, accepted: [] }
  const accepted: string[] = []
  const outcomes = await preparation.prepared.send(async (reference) => void accepted.push(reference), signal)
  assert.equal(outcomes.size, consignment.recipients.length)
  const outcome = outcomes.get(1)
  assert.ok(outcome)
  return { outcome, accepted }
}

export const statuses = (): readonly (number | undefined)[] => graph.requests.map(({ status }) => status)
