import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { startAzure } from '../../test/emulator/azure.ts'
import { exampleSecret } from '../../test/emulator/azure-settings.ts'
import { minute, wallMs } from '../core/time.ts'
import { AcsBody, type EncodedFile, placeholder } from './acs-body.ts'
import {
  appSecret,
  azure,
  driver,
  emailOf,
  fate,
  firstKey,
  fixedPacking,
  methods,
  packing,
  secretCredential,
  send,
  setApp,
  words,
} from './acs-case.fixture.ts'
import { requestText } from './acs-request-text.ts'
import { exampleConsignment, exampleHouse } from './example-consignment.fixture.ts'

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
        parcel: {
          message,
          body: AcsBody.splice(await requestText(message), nonce, [lying]),
          hasOtherForm: false,
        },
      }
    })
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'transient' && /not the one that was prepared/.test(outcome.detail))
    assert.equal(azure.ledger.length, 0)
  })
})
