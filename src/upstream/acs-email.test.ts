import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { EmailMessage } from '@azure/communication-email'
import { JumpingClock } from '../../test/clock.ts'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { type Identity, makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import type { Outcome } from '../core/outcome.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, UpstreamSetup } from '../core/setup.ts'
import { minute, wallMs } from '../core/time.ts'
import type { Consignment } from '../core/upstream.ts'
import { AcsBody, type EncodedFile, placeholder } from './acs-body.ts'
import { AcsEmail } from './acs-email.ts'
import type { Pack } from './acs-parcel.ts'
import { requestText } from './acs-request-text.ts'
import {
  address,
  type ExampleHouse,
  exampleConsignment,
  exampleHouse,
  exampleSetup,
} from './example-consignment.ts'

let azure: Azure
let folder: string
let caFile: string
let appIdentity: Identity

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

function setApp(change: Partial<Azure['settings']['apps'][number]>): void {
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

const firstKey = secretName('upstream', 'acs', 'key')
const nextKey = secretName('upstream', 'acs', 'next_key')
const accessKey: CredentialSetup = { kind: 'access-key', keys: [firstKey, nextKey] }
const appSecret = secretName('upstream', 'acs', 'secret')
const secretCredential: CredentialSetup = {
  kind: 'client-secret',
  tenantId: exampleTenant,
  clientId: exampleClientId,
  secrets: [appSecret],
  expires: '',
}

function file(octets: Buffer): EncodedFile {
  const base64 = Buffer.from(octets.toString('base64'))
  return {
    size: base64.length,
    async *read() {
      for (let at = 0; at < base64.length; at += 50_001) yield base64.subarray(at, at + 50_001)
    },
  }
}

const emailOf = (change: Partial<EmailMessage> = {}): EmailMessage => ({
  senderAddress: 'scanner@contoso.com',
  content: { subject: 'Scan für Sie', plainText: 'Anbei: 3 Dateien ✓' },
  recipients: { to: [{ address: 'anna@contoso.com', displayName: 'Ännchen' }] },
  ...change,
})

/** Packs `files` into a mail of its own, whatever the consignment says. */
function packing(files: readonly Buffer[], change: Partial<EmailMessage> = {}): Pack {
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
    return { kind: 'packed', parcel: { message, body } }
  }
}

/** The same octets for every consignment, as the spool gives them. */
function fixedPacking(files: readonly Buffer[]): Pack {
  const packed = packing(files)
  let first: ReturnType<Pack> | undefined
  return (consignment, signal) => {
    first ??= packed(consignment, signal)
    return first
  }
}

interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly upstream: AcsEmail
}

function driver(
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

const never = new AbortController().signal

interface Sent {
  readonly outcome: Outcome
  readonly accepted: readonly string[]
}

async function send(
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

const methods = (): readonly string[] => azure.requests.map(({ method, status }) => `${method} ${status}`)

describe('acs-email sends', () => {
  it('a mail in one POST without a query, and commits the 202 before it says so', async () => {
    await using test = driver()
    const consignment = exampleConsignment()
    const { outcome, accepted } = await send(test.upstream, consignment)
    assert.deepEqual(outcome, { kind: 'accepted', reference: consignment.operationId })
    assert.deepEqual(accepted, [consignment.operationId])
    assert.deepEqual(methods(), ['POST 202'])
    assert.equal(azure.requests[0]?.operationId, consignment.operationId)
    assert.match(azure.requests[0]?.clientRequestId ?? '', /^[0-9a-f]{8}-/)
    assert.equal(azure.ledger[0]?.subject, 'Scan für Sie')
  })

  it('exactly the octets that the SDK would send: three files, letters beyond ASCII', async () => {
    const files = [randomBytes(1_500_001), randomBytes(100_000), Buffer.from('z')]
    await using test = driver({}, packing(files))
    const preparation = await test.upstream.prepare(exampleConsignment(), never)
    assert.equal(preparation.kind, 'ready')
    assert.ok(preparation.kind === 'ready')
    await preparation.prepared.send(async () => {}, never)
    const plain = await requestText(
      emailOf({
        attachments: files.map((octets, n) => ({
          name: `Übersicht ${n}.pdf`,
          contentType: 'application/pdf',
          contentInBase64: octets.toString('base64'),
        })),
      }),
    )
    const sha256 = createHash('sha256').update(plain).digest('hex')
    assert.equal(preparation.prepared.bodySha256, sha256)
    assert.equal(preparation.prepared.size, Buffer.byteLength(plain))
    assert.equal(azure.ledger[0]?.requestSha256, sha256)
    assert.equal(azure.ledger[0]?.requestBytes, Buffer.byteLength(plain))
  })
})

describe('acs-email credentials', () => {
  it('tries the next key after 401 Denied, and remembers which one works', async () => {
    await using test = driver()
    test.house.secrets.set(firstKey, randomBytes(64).toString('base64'))
    test.house.secrets.set(nextKey, azure.settings.accessKeys[1] ?? '')
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.deepEqual(methods(), ['POST 401', 'POST 202', 'POST 202'])
    assert.match(test.house.lines.join(), /access-key-changed.*next_key/)
    assert.deepEqual(azure.ledger[1]?.authentication, { kind: 'access-key', key: 1 })
  })

  it('signs by a client secret', async () => {
    await using test = driver({ credential: secretCredential })
    test.house.secrets.set(appSecret, exampleSecret)
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.deepEqual(azure.ledger[0]?.authentication, {
      kind: 'bearer',
      clientId: exampleClientId,
      by: 'secret',
    })
  })

  it('signs by the certificate of the box', async () => {
    const credential: CredentialSetup = {
      kind: 'client-certificate',
      tenantId: exampleTenant,
      clientId: exampleClientId,
      certificateFile: '',
      expires: '',
    }
    const identity = { open: () => ({ kind: 'open' as const, ...appIdentity }) }
    await using test = driver({ credential }, undefined, exampleHouse({ identity }))
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.equal(azure.ledger[0]?.authentication.kind, 'bearer')
  })
})

/** The outcome of one send of a fresh mail, and of the query that follows if its fate is open. */
async function fate(upstream: AcsEmail, consignment = exampleConsignment()): Promise<readonly string[]> {
  const { outcome } = await send(upstream, consignment)
  if (outcome.kind !== 'indeterminate') return [words(outcome)]
  assert.equal(outcome.reference, consignment.operationId)
  return ['indeterminate', words(await upstream.ask(outcome.reference, never))]
}

function words(outcome: Outcome): string {
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

describe('acs-email under faults', () => {
  const post = { method: 'POST', path: '/emails:send' } as const

  it('a reply that got lost: indeterminate, then known', async () => {
    await using test = driver()
    azure.faults.push({ kind: 'reply-lost', ...post })
    assert.deepEqual(await fate(test.upstream), ['indeterminate', 'confirmed'])
    assert.equal(azure.ledger.length, 1)
  })

  it('a reset in the middle of the upload: surely not taken', async () => {
    await using test = driver({}, packing([randomBytes(3_000_000)]))
    azure.faults.push({ kind: 'reset-at', bytes: 100_000, ...post })
    const [outcome] = await fate(test.upstream)
    assert.match(outcome ?? '', /^transient unreachable-(econnreset|epipe)$/)
    assert.deepEqual(methods(), ['POST undefined'])
  })

  it('an early 413 while the upload goes on', async () => {
    await using test = driver({}, packing([randomBytes(5_000_000)]))
    azure.faults.push({ kind: 'early-413', bytes: 1000, ...post })
    assert.deepEqual(await fate(test.upstream), ['permanent message too-large'])
  })

  it('a page of a gateway: indeterminate, and not found when the mail was not taken', async () => {
    await using test = driver()
    azure.faults.push({ kind: 'html-502', ...post })
    assert.deepEqual(await fate(test.upstream), ['indeterminate', 'transient not-found'])
    azure.faults.push({ kind: 'html-502', isStored: true, ...post })
    assert.deepEqual(await fate(test.upstream), ['indeterminate', 'confirmed'])
  })

  it('500 and 503: transient, sent once and not again by the SDK', async () => {
    await using test = driver()
    azure.faults.push({ kind: 'status-500', ...post }, { kind: 'status-503', retryAfterSeconds: 7, ...post })
    assert.deepEqual(await fate(test.upstream), ['transient InternalServerError'])
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'transient' && outcome.afterMs === 7000)
    assert.deepEqual(methods(), ['POST 500', 'POST 503'])
  })

  it('a redirect is not followed', async () => {
    await using test = driver()
    azure.faults.push({ kind: 'redirect', location: `${azure.endpoint}/elsewhere`, ...post })
    assert.deepEqual(await fate(test.upstream), ['transient http-307'])
    assert.deepEqual(methods(), ['POST 307'])
  })

  it('a guest portal is not believed, neither for a mail nor for a query', async () => {
    await using test = driver()
    azure.faults.push({ kind: 'captive-portal', ...post }, { kind: 'captive-portal', method: 'GET' })
    assert.deepEqual(await fate(test.upstream), ['indeterminate', 'transient unreadable'])
  })

  it('a stall ends with the time for the upload, by our clock', async () => {
    const clock = new JumpingClock(wallMs(Date.now()))
    await using test = driver({}, undefined, exampleHouse({ clock }))
    azure.faults.push({ kind: 'stall', after: 'upload', ...post })
    const sending = send(test.upstream)
    await azure.requestsReach(1)
    while ((azure.requests[0]?.receivedBytes ?? 0) < 266_000) await new Promise(setImmediate)
    await clock.jump(120_000)
    assert.equal((await sending).outcome.kind, 'indeterminate')
  })

  it('our own end while it uploads: nothing was taken', async () => {
    await using test = driver({}, packing([randomBytes(5_000_000)]))
    azure.faults.push({ kind: 'stall', after: 'headers', ...post })
    const stop = new AbortController()
    const sending = send(test.upstream, exampleConsignment(), stop.signal)
    await azure.requestsReach(1)
    stop.abort()
    assert.deepEqual(words((await sending).outcome), 'transient aborted')
  })

  it('429: throttled for as long as it says', async () => {
    await using test = driver()
    azure.settings.sendQuota = { perMinute: 0, perHour: 0 }
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'throttled' && outcome.afterMs > 0)
  })

  it('a certificate for another name: nothing is sent and the way out pauses', async () => {
    const other = await startAzure({
      certificateAuthority: azure.certificateAuthority,
      certificateNames: ['other.example'],
    })
    await using _other = other
    await using test = driver({ endpoint: other.endpoint })
    assert.deepEqual(await fate(test.upstream), ['paused upstream certificate-not-trusted'])
    assert.equal(other.requests.length, 0)
  })

  it('nobody listening: transient', async () => {
    await using test = driver({ endpoint: 'https://localhost:1' })
    assert.deepEqual(await fate(test.upstream), ['transient unreachable-econnrefused'])
  })

  it('a wrong clock: the offset is learned from the reply and the mail signed again, once', async () => {
    const clock = new JumpingClock(wallMs(Date.UTC(2000, 0, 1)))
    await using test = driver({}, undefined, exampleHouse({ clock }))
    assert.deepEqual(await fate(test.upstream), ['accepted'])
    assert.deepEqual(await fate(test.upstream), ['accepted'])
    assert.deepEqual(methods(), ['POST 401', 'POST 202', 'POST 202'])
    assert.match(test.house.lines.join(), /clock-off/)
  })

  it('a sender of an unlinked domain pauses that sender', async () => {
    await using test = driver({}, packing([], { senderAddress: 'scanner@fabrikam.com' }))
    assert.deepEqual(await fate(test.upstream), ['paused sender domain-not-linked'])
  })

  it('a sender without MailFrom address pauses that sender', async () => {
    await using test = driver({}, packing([], { senderAddress: 'nobody@contoso.com' }))
    assert.deepEqual(await fate(test.upstream), ['paused sender sender-unknown'])
  })

  it('a wrong key is believed after three refusals in ten minutes', async () => {
    const clock = new JumpingClock(wallMs(Date.now()))
    await using test = driver({}, undefined, exampleHouse({ clock }))
    test.house.secrets.set(firstKey, randomBytes(64).toString('base64'))
    azure.settings.now = () => clock.wall()
    assert.deepEqual(await fate(test.upstream), ['transient denied'])
    await clock.jump(5 * minute)
    assert.deepEqual(await fate(test.upstream), ['transient denied'])
    await clock.jump(5 * minute)
    assert.deepEqual(await fate(test.upstream), ['paused upstream access-denied'])
  })

  it('a claims challenge gets a new token and the same mail, spliced again', async () => {
    await using test = driver({ credential: secretCredential })
    test.house.secrets.set(appSecret, exampleSecret)
    azure.faults.push({ kind: 'claims-challenge', ...post })
    assert.deepEqual(await fate(test.upstream), ['accepted'])
    assert.equal(azure.requests.filter(({ path }) => path === '/emails:send').length, 2)
  })

  it('a token that the service refuses is not used again', async () => {
    await using test = driver({ credential: secretCredential })
    test.house.secrets.set(appSecret, exampleSecret)
    assert.deepEqual(await fate(test.upstream), ['accepted'])
    azure.settings.now = () => Date.now() + 2 * 3_600_000
    assert.deepEqual(await fate(test.upstream), ['transient denied'])
    assert.deepEqual(await fate(test.upstream), ['accepted'])
  })

  it('an app without its role: denied', async () => {
    setApp({ role: 'none' })
    await using test = driver({ credential: secretCredential })
    test.house.secrets.set(appSecret, exampleSecret)
    assert.deepEqual(await fate(test.upstream), ['transient denied'])
  })
})

describe('acs-email repeats', () => {
  const repeatable = () => {
    const consignment = exampleConsignment()
    return { consignment, again: { ...consignment, isRepeat: true } }
  }

  for (const policy of ['replay202', 'conflict409', 'bad400'] as const) {
    it(`where the service answers a known operation by ${policy}: accepted, one mail`, async () => {
      azure.settings.operationIdPolicy = policy
      const files = [randomBytes(1000)]
      await using test = driver({}, fixedPacking(files))
      const { consignment, again } = repeatable()
      await send(test.upstream, consignment)
      const { outcome, accepted } = await send(test.upstream, again)
      assert.deepEqual(outcome, { kind: 'accepted', reference: consignment.operationId })
      assert.deepEqual(accepted, [consignment.operationId])
      assert.equal(azure.ledger.length, 1)
    })
  }

  it('a 400 to a first try is a refusal', async () => {
    await using test = driver({}, packing([], { recipients: { to: [{ address: 'not an address' }] } }))
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'permanent' && outcome.elsewhere)
    assert.deepEqual(methods(), ['POST 400'])
  })

  it('a 400 to a repeat is a refusal only once the service does not know the operation', async () => {
    await using test = driver({}, packing([], { recipients: { to: [{ address: 'not an address' }] } }))
    const { outcome } = await send(test.upstream, repeatable().again)
    assert.equal(outcome.kind, 'permanent')
    assert.deepEqual(methods(), ['POST 400', 'GET 404'])
  })

  it('a 400 to a repeat stays open while the service cannot be asked', async () => {
    await using test = driver({}, packing([], { recipients: { to: [{ address: 'not an address' }] } }))
    azure.settings.statusQuota = { perMinute: 0, perHour: 0 }
    const { outcome } = await send(test.upstream, repeatable().again)
    assert.equal(outcome.kind, 'indeterminate')
  })

  it('other octets than those prepared never leave', async () => {
    let reads = 0
    const lying: EncodedFile = {
      size: 400_000,
      async *read() {
        reads += 1
        yield Buffer.alloc(400_000, reads === 1 ? 'A' : 'B')
      },
    }
    await using test = driver({}, async () => {
      const nonce = randomUUID()
      const message = emailOf({
        attachments: [
          { name: 'a.pdf', contentType: 'application/pdf', contentInBase64: placeholder(nonce, 0) },
        ],
      })
      return {
        kind: 'packed',
        parcel: { message, body: AcsBody.splice(await requestText(message), nonce, [lying]) },
      }
    })
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'transient' && /not the one that was prepared/.test(outcome.detail))
    assert.equal(azure.ledger.length, 0)
  })
})

describe('acs-email without a socket', () => {
  it('refuses what is too large for the request, for another way out to take', async () => {
    await using test = driver({ maxMessageSize: 100_000 })
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'permanent' && outcome.elsewhere && outcome.status === '5.3.4')
    assert.equal(azure.requests.length, 0)
  })

  it('pauses without a key', async () => {
    await using test = driver()
    test.house.secrets.clear()
    assert.equal(words((await send(test.upstream)).outcome), 'paused upstream key-missing')
  })

  it('pauses with an endpoint that is none', async () => {
    await using test = driver({ endpoint: 'http://contoso.communication.azure.com' })
    assert.equal(words((await send(test.upstream)).outcome), 'paused upstream endpoint-wrong')
  })

  it('pauses where ca_file cannot be read', async () => {
    await using test = driver({ caFile: join(folder, 'missing.pem') })
    assert.equal(words((await send(test.upstream)).outcome), 'paused upstream ca-file-unreadable')
  })

  it('lets nothing through when the spool cannot record the 202', async () => {
    await using test = driver()
    const preparation = await test.upstream.prepare(exampleConsignment(), never)
    assert.ok(preparation.kind === 'ready')
    const broken = async (): Promise<void> => {
      throw new Error('disk gone')
    }
    await assert.rejects(preparation.prepared.send(broken, never), /could not be recorded/)
  })
})

describe('acs-email asks and probes', () => {
  it('tells a running, a finished, a suppressed and an unknown operation apart', async () => {
    await using test = driver()
    const running = exampleConsignment()
    azure.settings.runningForMs = 3_600_000
    await send(test.upstream, running)
    assert.equal(words(await test.upstream.ask(running.operationId, never)), 'accepted')
    azure.settings.runningForMs = 0
    assert.equal(words(await test.upstream.ask(running.operationId, never)), 'confirmed')
    azure.settings.suppressed = ['anna@contoso.com']
    const suppressed = exampleConsignment()
    await send(test.upstream, suppressed)
    assert.equal(
      words(await test.upstream.ask(suppressed.operationId, never)),
      'permanent recipient EmailDroppedAllRecipientsSuppressed',
    )
    assert.equal(words(await test.upstream.ask(randomUUID(), never)), 'transient not-found')
  })

  it('finds an access key usable by asking for what cannot be there', async () => {
    await using test = driver()
    assert.deepEqual(await test.upstream.probe(never), { kind: 'usable' })
    assert.deepEqual(methods(), ['GET 404'])
    test.house.secrets.set(firstKey, randomBytes(64).toString('base64'))
    assert.equal((await test.upstream.probe(never)).kind, 'transient')
  })

  it('finds an app usable by a fresh token', async () => {
    await using test = driver({ credential: secretCredential })
    test.house.secrets.set(appSecret, exampleSecret)
    assert.deepEqual(await test.upstream.probe(never), { kind: 'usable' })
    setApp({ secrets: [{ value: 'another' }] })
    const probe = await test.upstream.probe(never)
    assert.ok(probe.kind === 'paused' && probe.pause.code === 'secret-wrong')
  })

  it('asks at the lower rate where Azure manages the domain', async () => {
    await using own = driver({ senders: ['*@contoso.com'] })
    await using managed = driver({ senders: [], sender: address('donotreply@1234.azurecomm.net') })
    assert.deepEqual(own.upstream.traits.askQuota, { perMinute: 60, perHour: 200 })
    assert.deepEqual(managed.upstream.traits.askQuota, { perMinute: 10, perHour: 20 })
  })
})

describe('acs-email secrets', () => {
  it('are in no outcome and no line of the log', async () => {
    const house = exampleHouse()
    await using keyed = driver({}, undefined, house)
    await using app = driver({ credential: secretCredential }, undefined, house)
    const wrong = randomBytes(64).toString('base64')
    house.secrets.set(firstKey, wrong)
    house.secrets.set(appSecret, 'wrong~secret~value')
    const told = JSON.stringify([
      await send(keyed.upstream),
      await send(app.upstream),
      await app.upstream.probe(never),
      await keyed.upstream.ask(randomUUID(), never),
      house.lines,
    ])
    assert.ok(told.includes('denied') && told.includes('secret-wrong'))
    for (const secret of [wrong, 'wrong~secret~value']) assert.ok(!told.includes(secret))
  })
})
