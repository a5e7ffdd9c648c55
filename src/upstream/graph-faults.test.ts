import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { exampleClientId, exampleTenant } from '../../test/emulator/azure-settings.ts'
import { graphError } from '../../test/emulator/graph-answers.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { address, exampleHouse, scanMail } from './example-consignment.fixture.ts'
import { azure, driver, graph, mail, never, send, statuses } from './graph-case.fixture.ts'
import { outcomeWords } from './outcome-words.fixture.ts'
import type { TokenWish } from './token-source.ts'

const words = async (test: ReturnType<typeof driver>, consignment = mail()): Promise<string> =>
  outcomeWords((await send(test.upstream, consignment)).outcome)

const large = () => mail(scanMail([{ name: 'a.pdf', octets: randomBytes(1_000_000) }]))

describe("graph and the app's token", () => {
  it('takes a fresh one, once, where the old one was refused', async () => {
    await using test = driver()
    graph.faults.push({
      kind: 'answer',
      answer: graphError(
        401,
        'InvalidAuthenticationToken',
        'Lifetime validation failed, the token is expired.',
      ),
    })
    assert.equal(await words(test), 'accepted')
    assert.deepEqual(statuses(), [401, 202])
    assert.equal(azure.requests.filter(({ method }) => method === 'POST').length, 2)
  })

  it('takes the next mail with the fresh one', async () => {
    await using test = driver()
    assert.equal(await words(test), 'accepted')
    graph.settings.tokensNotBefore = Math.floor(Date.now() / 1000) + 1
    azure.settings.now = () => Date.now() + 2000
    assert.equal(await words(test), 'accepted')
    assert.equal(await words(test), 'accepted')
    assert.deepEqual(statuses(), [202, 401, 202, 202])
  })

  it('asks Entra for the claims of a challenge', async () => {
    await using test = driver()
    const wishes: TokenWish[] = []
    const { token } = test.house.tokens
    test.house.tokens.token = (wish, signal) => {
      wishes.push(wish)
      return token.call(test.house.tokens, wish, signal)
    }
    graph.settings.tokensNotBefore = Math.floor(Date.now() / 1000) + 60
    assert.equal(await words(test), 'transient denied')
    const nbf = { essential: true, value: String(graph.settings.tokensNotBefore) }
    assert.deepEqual(
      wishes.map(({ claims }) => claims),
      [undefined, JSON.stringify({ access_token: { nbf } })],
    )
    assert.deepEqual(statuses(), [401, 401])
  })

  it('pauses for a token that Graph never takes only after three refusals in ten minutes', async () => {
    const clock = new JumpingClock(wallMs(Date.now()))
    await using test = driver({}, exampleHouse({ clock }))
    graph.settings.audience = 'https://graph.microsoft.us'
    assert.equal(await words(test), 'transient denied')
    await clock.jump(5 * minute)
    assert.equal(await words(test), 'transient denied')
    await clock.jump(6 * minute)
    assert.equal(await words(test), 'paused upstream token-refused')
  })

  it('says what Entra says where it gives none', async () => {
    await using test = driver()
    azure.settings.entraOutage = '503'
    assert.equal(await words(test), 'transient unreachable-entra after 0')
    azure.settings.resources = []
    azure.settings.entraOutage = 'none'
    assert.equal(await words(test), 'paused upstream resource-missing')
    azure.settings.resources = ['https://graph.microsoft.com']
    assert.equal(graph.requests.length, 0)
  })
})

describe('graph and who may send', () => {
  it('pauses a sender without the role, or out of its scope, and lets others send', async () => {
    await using test = driver()
    const grant = { tenant: exampleTenant, clientId: exampleClientId }
    graph.settings.grants = [{ ...grant, roles: [] }]
    assert.equal(await words(test), 'paused sender mailbox-access-denied')
    graph.settings.grants = [{ ...grant, roles: ['Mail.Send'], mailboxes: ['noreply@contoso.com'] }]
    assert.equal(await words(test), 'paused sender mailbox-access-denied')
    const { rewrite } = mail()
    const other = mail(undefined, undefined, {
      rewrite: { ...rewrite, sender: address('noreply@contoso.com') },
    })
    assert.equal(await words(test, other), 'accepted')
  })

  it('pauses a sender that is no mailbox, not online, full or blocked', async () => {
    await using test = driver()
    const userPrincipalName = 'scanner@contoso.com'
    const said: string[] = []
    for (const mailboxes of [
      [],
      [{ userPrincipalName, state: 'on-premises' }],
      [{ userPrincipalName, state: 'full' }],
      [{ userPrincipalName, state: 'blocked' }],
    ] as const) {
      graph.settings.mailboxes = mailboxes
      said.push(await words(test))
    }
    assert.deepEqual(said, [
      'paused sender mailbox-unknown',
      'paused sender mailbox-not-online',
      'paused sender mailbox-full',
      'paused sender sending-banned',
    ])
  })

  it('names the answer for Microsoft, where it is no reason to pause', async () => {
    await using test = driver()
    graph.faults.push({ kind: 'answer', answer: graphError(500, 'ErrorInternalServerError', 'Broken.') })
    const { outcome } = await send(test.upstream)
    assert.ok(outcome.kind === 'transient')
    assert.match(outcome.detail, /^Broken\. \[request-id [0-9a-f-]{36}\]$/)
  })
})

describe('graph and its limits', () => {
  it('sends once where the 202 comes with a Retry-After', async () => {
    await using test = driver()
    graph.settings.retryAfterOn202 = 60
    assert.equal(await words(test), 'accepted')
    assert.equal(graph.ledger.length, 1)
    assert.deepEqual(statuses(), [202])
  })

  it('waits as long as it is told above four requests at once', async () => {
    await using test = driver()
    graph.settings.mailboxConcurrency = 0
    assert.equal(await words(test), 'throttled 10000')
    graph.settings.retryAfterSeconds = undefined
    assert.equal(await words(test), `throttled ${minute}`)
  })

  it('reads a 413 that comes while it uploads', async () => {
    await using test = driver()
    graph.settings.maxRequestBytes = 100_000
    assert.equal(await words(test, large()), 'permanent message too-large 5.3.4 elsewhere')
    assert.deepEqual(statuses(), [413])
  })

  it('reads a 413 of a service that reads no further', { timeout: 60_000 }, async () => {
    await using test = driver({ maxMessageSize: 100_000_000 })
    graph.faults.push({ kind: 'early-413', bytes: 100_000 })
    // More than the system's buffers take.
    const octets = Buffer.concat([Buffer.from('From: a@b.c\r\n\r\n'), Buffer.alloc(24_000_000, 'line\r\n')])
    assert.equal(await words(test, mail(octets)), 'permanent message too-large 5.3.4 elsewhere')
  })

  it('believes no 200: the mail was not sent', async () => {
    await using test = driver()
    Object.assign(graph.settings, { maxRequestBytes: 3_000_000, oversizeStatus: 200 })
    const file = randomBytes(1_700_000)
    const { outcome, accepted } = await send(test.upstream, mail(scanMail([{ name: 'a.pdf', octets: file }])))
    assert.equal(outcomeWords(outcome), 'permanent message too-large 5.3.4 elsewhere')
    assert.deepEqual(accepted, [])
  })

  it('refuses one recipient by name, several as a message', async () => {
    await using test = driver()
    graph.settings.invalidRecipients = ['bad@contoso.com']
    const to = (...recipients: string[]) => mail(undefined, recipients)
    assert.equal(
      await words(test, to('bad@contoso.com')),
      'permanent recipient ErrorInvalidRecipients 5.1.3 elsewhere',
    )
    assert.equal(
      await words(test, to('anna@contoso.com', 'bad@contoso.com')),
      'permanent message ErrorInvalidRecipients 5.1.3 elsewhere',
    )
  })
})

describe('graph and a line that breaks', () => {
  it('before the mail was whole: it was not taken', async () => {
    await using test = driver()
    graph.faults.push({ kind: 'reset-at', bytes: 300_000 })
    assert.match(await words(test, large()), /^transient unreachable-/)
    assert.equal(graph.ledger.length, 0)
  })

  it('after the mail was whole: nobody knows, taken or not', async () => {
    await using test = driver()
    graph.faults.push({ kind: 'reply-lost' }, { kind: 'reset-at', bytes: 10_000_000 })
    assert.equal(await words(test, large()), 'indeterminate')
    assert.equal(graph.ledger.length, 1)
    assert.equal(await words(test, large()), 'indeterminate')
    assert.equal(graph.ledger.length, 1)
  })

  it('at a gateway that lost the reply: nobody knows', async () => {
    await using test = driver()
    graph.faults.push({ kind: 'answer', answer: graphError(504, 'UnknownError', ''), isStored: true })
    assert.equal(await words(test), 'indeterminate')
  })

  it('at a proxy: its pages are no answer', async () => {
    await using test = driver()
    graph.faults.push(
      { kind: 'captive-portal' },
      { kind: 'redirect', location: 'https://elsewhere.example/' },
    )
    assert.equal(await words(test), 'indeterminate')
    assert.equal(await words(test), 'transient http-307')
  })

  it('where nobody listens', async () => {
    await using test = driver()
    await graph.setOutage('refuse')
    assert.match(await words(test), /^transient unreachable-/)
    await graph.setOutage('none')
    assert.equal(await words(test), 'accepted')
  })

  it('ends with the time that the size allows', { timeout: 60_000 }, async () => {
    const clock = new JumpingClock(wallMs(Date.now()))
    await using test = driver({}, exampleHouse({ clock }))
    graph.faults.push({ kind: 'stall', after: 'headers' }, { kind: 'stall', after: 'storing' })
    const consignment = large()
    const seconds = 60 + (4 / 3) * (consignment.content.size / 65_536)
    let isOver = false
    const unread = words(test, consignment).finally(() => {
      isOver = true
    })
    await graph.requestsReach(1)
    await clock.jump(seconds * second - 5000)
    assert.ok(!isOver)
    await clock.jump(10_000)
    // How much of an upload that nobody reads fits into the system's buffers decides which.
    assert.match(await unread, /^(transient unreachable-etimedout|indeterminate)$/)
    const stored = words(test)
    await graph.ledgerReaches(1)
    await clock.jump(62 * second)
    assert.equal(await stored, 'indeterminate')
  })

  it('ends with the signal', { timeout: 60_000 }, async () => {
    await using test = driver()
    graph.faults.push({ kind: 'stall', after: 'storing' })
    const stop = new AbortController()
    const sent = send(test.upstream, mail(), stop.signal)
    await graph.ledgerReaches(1)
    stop.abort()
    assert.equal((await sent).outcome.kind, 'indeterminate')
    assert.equal(outcomeWords((await send(test.upstream, mail(), never)).outcome), 'accepted')
  })

  it('where somebody shows a certificate that nobody trusts', async () => {
    await using test = driver({ caFile: '' })
    assert.match(await words(test), /^paused upstream certificate-not-trusted$/)
  })
})
