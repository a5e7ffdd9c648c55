import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { exampleApplicationId, type GraphKeys, startGraphKeys } from '../../test/emulator/graph-keys.ts'
import { ClientIdentities } from '../certificates/client-identity.ts'
import { issue } from '../certificates/issuing.ts'
import { memoryStore } from '../certificates/key-store.fixture.ts'
import type { KeyStore } from '../certificates/key-store.ts'
import { joinPem, type KeyPair } from '../certificates/pem.ts'
import { graceMs, Renewals } from '../certificates/renewals.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { EntraKeys } from '../upstream/entra-keys.ts'
import { TokenSource } from '../upstream/token-source.ts'
import { CertificateRenewal, type Progress } from './certificate-renewal.ts'

const never = new AbortController().signal
const now = wallMs(Date.now())
const order = { upstream: 'acs', hostname: 'branch-07.contoso.com', certificateFile: '' }

let azure: Azure
let graph: GraphKeys
let folder: string
let caFile: string
let ending: KeyPair
let clock: JumpingClock

before(async () => {
  azure = await startAzure({ resources: ['https://graph.microsoft.com'] })
  graph = await startGraphKeys({ azure })
  folder = mkdtempSync(join(tmpdir(), 'renewal-'))
  caFile = await azure.writeCa(folder)
  ending = await issue({
    commonName: 'inkpost branch-07 acs',
    use: 'client',
    notBefore: new Date(now - 700 * day),
    notAfter: new Date(now + 30 * day),
  })
})
after(async () => {
  await graph[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  clock = new JumpingClock(now)
  azure.settings.now = () => clock.wall()
  azure.settings.assertionNow = Date.now
  azure.faults.clear()
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: [],
      certificates: [ending.certificatePem],
      role: 'contributor',
    },
  ]
  graph.faults.clear()
  graph.added.length = 0
  graph.removed.length = 0
  graph.requests.length = 0
  Object.assign(graph.settings, {
    applications: { [exampleClientId]: exampleApplicationId },
    mayRead: false,
    isSpreadAtOnce: true,
    isKeyIdTold: true,
  })
  graph.spread()
})

const thumbprint = (pem: string): string => new X509Certificate(pem).fingerprint.replaceAll(':', '')

function upstreamOf(objectId: string | undefined): UpstreamSetup {
  return {
    name: 'acs',
    kind: 'acs-email',
    enabled: true,
    endpoint: azure.endpoint,
    authority: azure.authority,
    host: '',
    port: 0,
    security: 'starttls',
    username: '',
    senders: [],
    sender: undefined,
    quota: {},
    connections: 2,
    maxMessageSize: undefined,
    acceptedDomains: [],
    licences: 0,
    price: undefined,
    caFile,
    reportsQueue: '',
    credential: {
      kind: 'client-certificate',
      tenantId: exampleTenant,
      clientId: exampleClientId,
      ...(objectId !== undefined && { objectId }),
      certificateFile: '',
      expires: '',
    },
  }
}

interface Box extends Disposable {
  readonly identities: ClientIdentities
  readonly renewals: Renewals
  readonly log: readonly string[]
  look(objectId?: string): Promise<Progress>
  /** A token as the way out asks for it. */
  signsIn(): Promise<boolean>
}

/** What a process makes of the store that it finds. */
async function boot(store: KeyStore): Promise<Box> {
  const identities = new ClientIdentities(store, clock)
  await identities.prepare(order)
  const renewals = new Renewals(store, clock)
  const secrets = { open: () => ({ kind: 'absent' }) as const }
  const tokens = new TokenSource({ clock, secrets, identity: identities, proxy: '' })
  const keys = new EntraKeys({ clock, tokens, proxy: '' })
  const log: string[] = []
  const renewal = new CertificateRenewal({
    renewals,
    identities,
    keys,
    clock,
    log: { write: (_level, event) => log.push(event) },
    hostname: () => order.hostname,
    replaceSecret: () => '',
  })
  const application = {
    authority: azure.authority,
    tenantId: exampleTenant,
    clientId: exampleClientId,
    caFile,
    credential: { kind: 'certificate', upstream: 'acs' },
  } as const
  const wish = { application, scope: 'https://graph.microsoft.com/.default', isFresh: true }
  return {
    identities,
    renewals,
    log,
    look: (objectId = exampleApplicationId) =>
      renewal.look(upstreamOf(objectId === '' ? undefined : objectId), never),
    signsIn: async () => (await tokens.token(wish, never)).kind === 'token',
    [Symbol.dispose]: () => tokens[Symbol.dispose](),
  }
}

const storeWith = ({ keyPem, certificatePem }: KeyPair) => {
  const store = memoryStore()
  store.kept.set('client/acs', joinPem({ keyPem, certificatePem }))
  return store
}

const present = (box: Box): string => {
  const opened = box.identities.open('acs')
  assert.ok(opened.kind === 'open')
  return thumbprint(opened.certificatePem)
}

/** Looks until nothing is to be done for an hour; a doubt takes half an hour of minutes. Entra is one look behind. */
async function settle(box: Box): Promise<Progress> {
  for (let looks = 0; looks < 40; looks += 1) {
    const progress = await box.look()
    if (progress.trouble || progress.afterMs >= hour) return progress
    graph.spread()
    clock.jump(progress.afterMs)
  }
  assert.fail('the renewal comes to no end')
}

class Killed extends Error {}

/** Dies at the n-th write: before it reached the disk, or after. */
function dyingStore(store: KeyStore, at: number, when: 'before' | 'after'): KeyStore & { writes: number } {
  const dying = {
    writes: 0,
    load: (name: string) => store.load(name),
    save: (name: string, pem: string) => dying.saveAll({ [name]: pem }),
    saveAll: (texts: Readonly<Record<string, string>>) => {
      dying.writes += 1
      if (dying.writes === at && when === 'before') throw new Killed()
      const isKept = store.saveAll(texts)
      if (dying.writes === at) throw new Killed()
      return isKept
    },
  }
  return dying
}

describe('a certificate near its end', () => {
  it('is followed by one that the box registers, tries and uses by itself', async () => {
    using box = await boot(storeWith(ending))
    const former = present(box)
    await settle(box)
    assert.deepEqual(box.log, [
      'next-certificate-made',
      'next-certificate-registered',
      'client-certificate-renewed',
    ])
    assert.deepEqual(graph.added, [present(box)])
    assert.notEqual(present(box), former)
    azure.settings.apps[0]?.certificates.shift()
    assert.ok(await box.signsIn(), 'the new one proves the app alone')
  })

  it('waits until Entra has told all its servers, and serves meanwhile', async () => {
    graph.settings.isSpreadAtOnce = false
    using box = await boot(storeWith(ending))
    const former = present(box)
    await box.look()
    await box.look()
    for (let minutes = 0; minutes < 20; minutes += 1) {
      const progress = await box.look()
      assert.deepEqual(progress, { afterMs: minute })
      assert.ok(await box.signsIn())
      clock.jump(progress.afterMs)
    }
    assert.equal(present(box), former)
    graph.spread()
    assert.ok((await box.look()).isSwitched)
    assert.deepEqual(graph.added, [present(box)])
  })

  it('serves beside the new one for 7 days, then is removed and its key erased', async () => {
    const store = storeWith(ending)
    using box = await boot(store)
    await settle(box)
    // The first one was uploaded by hand: its id has to be read.
    graph.settings.mayRead = true
    clock.jump(graceMs - hour)
    await box.look()
    assert.deepEqual(graph.removed, [])
    assert.deepEqual(
      box.identities.others('acs').map(({ role }) => role),
      ['before'],
    )
    clock.jump(2 * hour)
    await box.look()
    assert.deepEqual(graph.removed, [thumbprint(ending.certificatePem)])
    assert.deepEqual(box.identities.others('acs'), [])
    assert.ok(![...store.kept.values()].some((text) => text.includes(ending.keyPem.trim())))
  })

  it('is left, and said so, where nobody tells the id of what was uploaded by hand', async () => {
    using box = await boot(storeWith(ending))
    await settle(box)
    clock.jump(graceMs + hour)
    const { trouble } = await box.look()
    assert.equal(trouble?.severity, 'notice')
    assert.match(trouble?.sentence ?? '', new RegExp(thumbprint(ending.certificatePem)))
    assert.deepEqual(box.identities.others('acs'), [])
    clock.jump(30 * day)
    assert.equal((await box.look()).trouble, undefined, 'the notice ends with the certificate')
  })

  it('the second time removes what it registered itself, by the id that addKey told', async () => {
    using box = await boot(storeWith(ending))
    await settle(box)
    const second = present(box)
    clock.jump(680 * day)
    await settle(box)
    assert.notEqual(present(box), second)
    clock.jump(graceMs + hour)
    await box.look()
    assert.deepEqual(graph.removed, [second])
  })

  it('reads the object id where the app may read itself, else asks for it', async () => {
    using box = await boot(storeWith(ending))
    await box.look('')
    const { trouble } = await box.look('')
    assert.match(trouble?.sentence ?? '', /object id of its app registration is not known/)
    assert.deepEqual(graph.added, [])
    graph.settings.mayRead = true
    await box.look('')
    assert.deepEqual(graph.added.length, 1)
  })

  it('says what Graph said to a wrong object id, and gets on once it is right', async () => {
    using box = await boot(storeWith(ending))
    await box.look()
    const { trouble } = await box.look(exampleClientId)
    assert.match(trouble?.sentence ?? '', /Authentication_MissingOrMalformed/)
    assert.match(trouble?.remedy ?? '', /Object ID/)
    assert.ok(await box.signsIn())
    await settle(box)
    assert.equal(graph.added.length, 1)
  })

  it('is registered once, though the answer was lost', async () => {
    graph.settings.isSpreadAtOnce = false
    using box = await boot(storeWith(ending))
    await box.look()
    graph.faults.push({ kind: 'reply-lost', method: 'POST' })
    assert.match((await box.look()).trouble?.sentence ?? '', /did not answer as it should/)
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await box.look()
      clock.jump(minute)
    }
    await settle(box)
    assert.deepEqual(graph.added, [present(box)])
  })

  it('is registered again only when half an hour has shown that nothing came of it', async () => {
    using box = await boot(storeWith(ending))
    await box.look()
    graph.faults.push({ kind: 'status-503', method: 'POST' })
    await box.look()
    for (let minutes = 0; minutes < 29; minutes += 1) {
      assert.equal((await box.look()).afterMs, minute)
      clock.jump(minute)
    }
    assert.deepEqual(graph.added, [])
    clock.jump(2 * minute)
    await settle(box)
    assert.deepEqual(graph.added, [present(box)])
  })

  it('has ended: the next one waits for its upload, and is used when Entra takes it', async () => {
    clock.jump(31 * day)
    using box = await boot(storeWith(ending))
    await box.look()
    const { trouble, afterMs } = await box.look()
    assert.equal(trouble?.severity, 'alarm')
    assert.match(trouble?.sentence ?? '', /certificate-expired/)
    assert.equal(afterMs, 5 * minute)
    assert.deepEqual(graph.added, [])
    const upload = box.identities.forUpload('acs')
    assert.ok(upload.kind === 'open')
    azure.settings.apps[0]?.certificates.push(upload.certificatePem)
    assert.ok(await box.signsIn(), 'mail need not wait for the next look')
    assert.ok((await box.look()).isSwitched)
    assert.equal(present(box), thumbprint(upload.certificatePem))
  })

  it('nothing is made while the clock is not set', async () => {
    const store = storeWith(ending)
    using box = await boot(store)
    clock.believable = false
    await box.look()
    assert.deepEqual([...store.kept.keys()], ['client/acs'])
  })

  for (const when of ['before', 'after'] as const)
    for (let at = 1; at <= 4; at += 1)
      it(`killed ${when} write ${at} goes on, with a certificate that works and one registration`, async () => {
        graph.settings.isSpreadAtOnce = false
        const store = storeWith(ending)
        const dying = dyingStore(store, at, when)
        using first = await boot(dying)
        await assert.rejects(settle(first), Killed)
        using second = await boot(store)
        assert.ok(await second.signsIn())
        await settle(second)
        assert.ok(await second.signsIn())
        assert.deepEqual(graph.added, [present(second)])
        assert.equal(azure.settings.apps[0]?.certificates.length, 2)
      })

  it('killed between the removal and its note removes nothing else', async () => {
    const store = storeWith(ending)
    using box = await boot(store)
    graph.settings.mayRead = true
    await settle(box)
    clock.jump(graceMs + hour)
    using dying = await boot(dyingStore(store, 1, 'before'))
    await assert.rejects(dying.look(), Killed)
    using again = await boot(store)
    await again.look()
    assert.equal(graph.removed.length, 1)
    assert.ok(await again.signsIn())
    assert.equal(azure.settings.apps[0]?.certificates.length, 1)
  })
})
