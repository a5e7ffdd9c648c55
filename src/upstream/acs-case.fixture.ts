// What the tests of acs-email share: an emulated Azure and a driver towards it. No test of its own.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import type { EmailMessage } from '@azure/communication-email'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import type { Outcome } from '../core/outcome.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../core/setup.ts'
import type { Consignment } from '../core/upstream.ts'
import { AcsBody, type EncodedFile, placeholder } from './acs-body.ts'
import { AcsEmail } from './acs-email.ts'
import type { Pack } from './acs-parcel.ts'
import { requestText } from './acs-request-text.ts'
import {
  type ExampleHouse,
  exampleConsignment,
  exampleHouse,
  exampleSetup,
} from './example-consignment.fixture.ts'

export let azure: Azure
export let folder: string
export let caFile: string
export let appIdentity: Identity

before(async () => {
  azure = await startAzure()
  folder = await mkdtemp(join(tmpdir(), 'acs-email-'))
  caFile = await azure.writeCa(folder)
  appIdentity = await makeSelfSignedIdentity('inkpost test app')
})
after(async () => {
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  azure.ledger.length = 0
  azure.requests.length = 0
  azure.faults.clear()
  Object.assign(azure.settings, {
    now: Date.now,
    sendQuota: { perMinute: 1000, perHour: 1000 },
    statusQuota: { perMinute: 1000, perHour: 1000 },
    operationIdPolicy: 'replay202',
    failOperation: () => undefined,
    suppressed: [],
    statusHiddenForMs: 0,
    runningForMs: 0,
    entraOutage: 'none',
    tokenLifetimeSeconds: 3599,
  })
  setApp({})
})

export function setApp(change: Partial<Azure['settings']['apps'][number]>): void {
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [{ value: exampleSecret }],
      certificates: [appIdentity.certificatePem],
      role: 'contributor',
      ...change,
    },
  ]
}

export const firstKey = secretName('upstream', 'acs', 'key')
export const nextKey = secretName('upstream', 'acs', 'next_key')
export const accessKey: CredentialSetup = { kind: 'access-key', keys: [firstKey, nextKey] }
export const appSecret = secretName('upstream', 'acs', 'secret')
export const secretCredential: CredentialSetup = {
  kind: 'client-secret',
  tenantId: exampleTenant,
  clientId: exampleClientId,
  secrets: [appSecret],
  expires: '',
}

export function file(octets: Buffer): EncodedFile {
  const base64 = Buffer.from(octets.toString('base64'))
  return {
    size: base64.length,
    async *read() {
      for (let at = 0; at < base64.length; at += 50_001) yield base64.subarray(at, at + 50_001)
    },
  }
}

export const emailOf = (change: Partial<EmailMessage> = {}): EmailMessage => ({
  senderAddress: 'scanner@contoso.com',
  content: { subject: 'Scan für Sie', plainText: 'Anbei: 3 Dateien ✓' },
  recipients: { to: [{ address: 'anna@contoso.com', displayName: 'Ännchen' }] },
  ...change,
})

/** Packs `files` into a mail of its own, whatever the consignment says. */
export function packing(files: readonly Buffer[], change: Partial<EmailMessage> = {}): Pack {
  return async () => {
    const nonce = randomUUID()
    const message = emailOf({
      ...change,
      attachments: files.map((_, n) => ({
        name: `Übersicht ${n}.pdf`,
        contentType: 'application/pdf',
        contentInBase64: placeholder(nonce, n),
      })),
    })
    const body = AcsBody.splice(await requestText(message), nonce, files.map(file))
    return { kind: 'packed', parcel: { message, body, hasOtherForm: false } }
  }
}

/** The same octets for every consignment, as the spool gives them. */
export function fixedPacking(files: readonly Buffer[]): Pack {
  const packed = packing(files)
  let first: ReturnType<Pack> | undefined
  return (consignment, signal) => {
    first ??= packed(consignment, signal)
    return first
  }
}

export interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly upstream: AcsEmail
}

export function driver(
  setup: Partial<UpstreamSetup> = {},
  pack: Pack = packing([randomBytes(200_000)]),
  house = exampleHouse(),
): Case {
  house.secrets.set(firstKey, azure.settings.accessKeys[0] ?? '')
  const upstream = new AcsEmail(
    exampleSetup({
      endpoint: azure.endpoint,
      authority: azure.authority,
      caFile,
      credential: accessKey,
      ...setup,
    }),
    house,
    pack,
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

export interface Sent {
  readonly outcome: Outcome
  readonly accepted: readonly string[]
}

export async function send(
  upstream: AcsEmail,
  consignment: Consignment = exampleConsignment(),
  signal = never,
): Promise<Sent> {
  const preparation = await upstream.prepare(consignment, signal)
  if (preparation.kind === 'refused') return { outcome: preparation.outcome, accepted: [] }
  const accepted: string[] = []
  const outcomes = await preparation.prepared.send(async (reference) => void accepted.push(reference), signal)
  const outcome = outcomes.get(1)
  assert.ok(outcome)
  return { outcome, accepted }
}

export const methods = (): readonly string[] =>
  azure.requests.map(({ method, status }) => `${method} ${status}`)

/** The outcome of one send of a fresh mail, and of the query that follows if its fate is open. */
export async function fate(
  upstream: AcsEmail,
  consignment = exampleConsignment(),
): Promise<readonly string[]> {
  const { outcome } = await send(upstream, consignment)
  if (outcome.kind !== 'indeterminate') return [words(outcome)]
  assert.equal(outcome.reference, consignment.operationId)
  return ['indeterminate', words(await upstream.ask(outcome.reference, never))]
}

export function words(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'transient':
      return `transient ${outcome.code}`
    case 'permanent':
      return `permanent ${outcome.scope} ${outcome.code}`
    case 'paused':
      return `paused ${outcome.scope} ${outcome.pause.code}`
    default:
      return outcome.kind
  }
}
