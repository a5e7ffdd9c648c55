import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { exampleClientId, exampleSecret, exampleTenant } from '../../test/emulator/azure-settings.ts'
import type { CredentialSetup } from '../core/setup.ts'
import {
  appIdentity,
  appSecret,
  azure,
  driver,
  emailOf,
  firstKey,
  folder,
  methods,
  never,
  nextKey,
  packing,
  secretCredential,
  send,
  setApp,
  words,
} from './acs-case.fixture.ts'
import { requestText } from './acs-request-text.ts'
import { exampleConsignment, exampleHouse } from './example-consignment.fixture.ts'

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
    const identity = { open: () => ({ kind: 'open' as const, ...appIdentity }), others: () => [] }
    await using test = driver({ credential }, undefined, exampleHouse({ identity }))
    assert.equal((await send(test.upstream)).outcome.kind, 'accepted')
    assert.equal(azure.ledger[0]?.authentication.kind, 'bearer')
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

  it('asks at the rate of the setup', async () => {
    await using limited = driver({ quota: { perHour: 100, queriesPerMinute: 10, queriesPerHour: 20 } })
    await using free = driver({ quota: { perHour: 100 } })
    assert.deepEqual(limited.upstream.traits.askQuota, { perMinute: 10, perHour: 20 })
    assert.deepEqual(free.upstream.traits.askQuota, {})
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
