import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { allCapabilities, defaultSmtpSettings } from '../../test/emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import { secretName } from '../core/secret.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import {
  address,
  type ExampleHouse,
  exampleConsignment,
  exampleHouse,
  exampleSetup,
} from './example-consignment.fixture.ts'
import { packing, send, to, words } from './smtp-case.fixture.ts'
import { SmtpDriver } from './smtp-driver.ts'
import type { SmtpPack } from './smtp-parcel.ts'

let server: SmtpUpstream
let folder: string
let caFile: string

before(async () => {
  server = await startSmtpUpstream()
  folder = await mkdtemp(join(tmpdir(), 'smarthost-'))
  caFile = await server.certificateAuthority.writeCa(folder)
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  Object.assign(server.settings, { ...defaultSmtpSettings(), script: server.script })
  server.script.clear()
  server.ledger.length = 0
  server.connections.length = 0
})

const password = secretName('upstream', 'relay', 'password')
const signedIn = { kind: 'password', username: 'scan', password, expires: '' } as const
const never = new AbortController().signal

const small = Buffer.from('Subject: Scan\r\n\r\nHere.\r\n')

interface Case extends AsyncDisposable {
  readonly house: ExampleHouse
  readonly upstream: SmtpDriver
}

function driver(
  setup: Partial<UpstreamSetup> = {},
  pack: SmtpPack = packing(small),
  house = exampleHouse(),
): Case {
  const base = {
    kind: 'smarthost',
    host: 'localhost',
    port: server.port,
    security: 'starttls',
    caFile,
  } as const
  const upstream = new SmtpDriver('smarthost', exampleSetup({ ...base, ...setup }), house, pack)
  return {
    house,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]()
      house[Symbol.dispose]()
    },
  }
}

const verbs = (): readonly string[] => server.connections.map((one) => one.verbs.join(' '))
const commands = (verb: string): readonly string[] =>
  server.connections.flatMap((one) => one.transcript.filter((line) => line.startsWith(`C: ${verb}`)))

describe('smarthost sends', () => {
  it('by STARTTLS under our own name, and hands the reply on', async () => {
    await using test = driver()
    const consignment = exampleConsignment()
    const sent = await send(test.upstream, consignment)
    assert.deepEqual(sent, {
      outcomes: ['accepted'],
      accepted: [consignment.operationId],
      dialogue: undefined,
    })
    const [mail] = server.ledger
    assert.equal(mail?.raw.toString(), small.toString())
    assert.ok(mail?.tls)
    assert.equal(server.connections[0]?.greeting, 'branch-07.contoso.com')
    assert.deepEqual(server.connections[0]?.violations, [])
  })

  it('every octet as it is: dots, long and short lines, pieces that cut CRLF', async () => {
    const lines = ['.', '..', '.hidden', '', 'a.', `${'x'.repeat(996)}`, '.\t', 'Grüße']
    const octets = Buffer.from(`Subject: x\r\n\r\n${lines.join('\r\n')}\r\n`)
    for (const step of [1, 2, 3, 7, octets.length]) {
      await using test = driver({}, packing(octets, step))
      await send(test.upstream)
      assert.deepEqual(server.ledger.at(-1)?.raw, octets, `in pieces of ${step}`)
    }
    assert.deepEqual(
      server.connections.flatMap((one) => one.violations),
      [],
    )
  })

  it('three megabytes', async () => {
    const octets = Buffer.from(
      `Subject: x\r\n\r\n${randomBytes(1_500_000)
        .toString('hex')
        .replace(/(.{76})/g, '$1\r\n')}\r\n`,
    )
    await using test = driver({}, packing(octets))
    await send(test.upstream)
    assert.equal(server.ledger[0]?.sha256, createHash('sha256').update(octets).digest('hex'))
  })

  it('by implicit TLS, and in clear only where that is configured', async () => {
    await using implicit = await startSmtpUpstream({
      security: 'implicit',
      certificateAuthority: server.certificateAuthority,
    })
    await using plain = await startSmtpUpstream({ security: 'plain' })
    await using first = driver({ security: 'implicit', port: implicit.port })
    await using second = driver({ security: 'plain', port: plain.port, caFile: '' })
    assert.deepEqual((await send(first.upstream)).outcomes, ['accepted'])
    assert.deepEqual((await send(second.upstream)).outcomes, ['accepted'])
    assert.ok(implicit.ledger[0]?.tls)
    assert.equal(plain.ledger[0]?.tls, undefined)
  })

  it('never in clear where STARTTLS is wanted and not offered', async () => {
    await using plain = await startSmtpUpstream({ security: 'plain' })
    await using test = driver({ port: plain.port })
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream starttls-missing'])
    assert.equal(plain.ledger.length, 0)
  })
})

describe('smarthost envelope', () => {
  it('says the size, and of each recipient what its device said', async () => {
    await using test = driver()
    const recipients = [
      { number: 1, address: address('anna@contoso.com'), notify: 'NEVER' },
      {
        number: 2,
        address: address('bob@contoso.com'),
        notify: 'FAILURE,DELAY',
        orcpt: 'rfc822;bob+2Bx@contoso.com',
      },
    ]
    const { envelope } = exampleConsignment()
    await send(test.upstream, {
      recipients,
      envelope: { ...envelope, recipients, dsn: { ret: 'HDRS', envid: 'q+2B1' } },
    })
    assert.deepEqual(commands('MAIL'), [
      `C: MAIL FROM:<scanner@contoso.com> SIZE=${small.length} RET=HDRS ENVID=q+2B1`,
    ])
    assert.deepEqual(commands('RCPT'), [
      'C: RCPT TO:<anna@contoso.com> NOTIFY=NEVER',
      'C: RCPT TO:<bob@contoso.com> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob+2Bx@contoso.com',
    ])
  })

  it('says nothing that EHLO did not offer', async () => {
    server.settings.capabilities = {
      ...allCapabilities,
      size: undefined,
      isDsn: false,
      isPipelining: false,
      isEightBitMime: false,
      isSmtpUtf8: false,
    }
    await using test = driver({}, packing(Buffer.from('Subject: ü\r\n\r\nü\r\n')))
    const recipients = [{ number: 1, address: address('anna@contoso.com'), notify: 'NEVER' }]
    const { envelope } = exampleConsignment()
    const sent = await send(test.upstream, {
      recipients,
      envelope: { ...envelope, recipients, smtputf8: true },
    })
    assert.deepEqual(sent.outcomes, ['accepted'])
    assert.deepEqual(commands('MAIL'), ['C: MAIL FROM:<scanner@contoso.com>'])
  })

  it('says 8BITMIME and SMTPUTF8 where the mail needs them', async () => {
    await using test = driver({}, packing(Buffer.from('Subject: ü\r\n\r\nü\r\n')))
    const { envelope } = exampleConsignment()
    await send(test.upstream, { envelope: { ...envelope, smtputf8: true } })
    await send(test.upstream, { ...to('jürgen@contoso.com') })
    assert.match(commands('MAIL')[0] ?? '', / BODY=8BITMIME SIZE=\d+ SMTPUTF8$/)
    assert.match(commands('MAIL')[1] ?? '', / SMTPUTF8 BODY=8BITMIME SIZE=\d+$/)
  })

  it('keeps the null reverse-path, else sends from the sender of the way out', async () => {
    await using test = driver()
    const { envelope, rewrite } = exampleConsignment()
    const own = { ...rewrite, sender: address('noreply@contoso.com') }
    await send(test.upstream, { rewrite: own })
    await send(test.upstream, { rewrite: own, envelope: { ...envelope, reversePath: '' } })
    assert.match(commands('MAIL')[0] ?? '', /FROM:<noreply@contoso\.com>/)
    assert.match(commands('MAIL')[1] ?? '', /FROM:<>/)
  })

  it('refuses addresses beyond ASCII where the server takes none, for another way out', async () => {
    server.settings.capabilities = { ...allCapabilities, isSmtpUtf8: false }
    await using test = driver()
    assert.deepEqual((await send(test.upstream, to('jürgen@contoso.com'))).outcomes, [
      'permanent message needs-smtputf8',
    ])
  })
})

describe('smarthost recipients', () => {
  it('takes each by its own reply', async () => {
    server.script.add(
      { on: 'RCPT', match: /bob@/, action: { kind: 'reply', reply: '550 5.1.1 User unknown' } },
      { on: 'RCPT', match: /carl@/, action: { kind: 'reply', reply: '450 4.2.1 Mailbox busy' } },
    )
    await using test = driver()
    const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com', 'carl@contoso.com'))
    assert.deepEqual(sent.outcomes, [
      'accepted',
      'permanent recipient unknown-recipient',
      'transient smtp-450',
    ])
    assert.deepEqual(sent.accepted, [], 'only a part that was taken whole is committed by the driver')
    assert.deepEqual(
      server.ledger[0]?.recipients.map((one) => one.address),
      ['anna@contoso.com'],
    )
  })

  for (const isPipelining of [true, false]) {
    it(`knows the refused ones also when the content is refused${isPipelining ? ', pipelined' : ''}`, async () => {
      server.settings.capabilities = { ...allCapabilities, isPipelining }
      server.script.add(
        { on: 'RCPT', match: /bob@/, action: { kind: 'reply', reply: '550 5.1.1 User unknown' } },
        { on: 'CONTENT', action: { kind: 'reply', reply: '451 4.3.0 Try later' } },
      )
      await using test = driver()
      const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com'))
      assert.deepEqual(sent.outcomes, ['transient smtp-451', 'permanent recipient unknown-recipient'])
      assert.deepEqual(sent.accepted, [])
    })

    it(`asks nobody else when the sender is refused${isPipelining ? ', pipelined' : ''}`, async () => {
      server.settings.capabilities = { ...allCapabilities, isPipelining }
      server.script.add({ on: 'MAIL', action: { kind: 'reply', reply: '553 5.7.1 Not owned by user' } })
      await using test = driver()
      const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com'))
      assert.deepEqual(sent.outcomes, ['paused sender sender-refused', 'paused sender sender-refused'])
    })

    it(`sends nothing when all are refused${isPipelining ? ', pipelined' : ''}`, async () => {
      server.settings.capabilities = { ...allCapabilities, isPipelining }
      server.script.add({ on: 'RCPT', action: { kind: 'reply', reply: '550 5.1.1 User unknown' } })
      await using test = driver()
      const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com'))
      assert.deepEqual(sent.outcomes, Array(2).fill('permanent recipient unknown-recipient'))
      assert.equal(server.ledger.length, 0)
    })
  }
})

describe('relaying denied', () => {
  const denying = { on: 'RCPT', match: /@out\.example/, action: { kind: 'reply', reply: '' } } as const
  const deny = (reply: string): void => server.script.add({ ...denying, action: { kind: 'reply', reply } })

  for (const reply of [
    '554 5.7.1 <x@out.example>: Relay access denied',
    '454 4.7.1 <x@out.example>: Relay access denied',
    '550 relay not permitted',
  ])
    it(`to everybody pauses the way out: ${reply}`, async () => {
      deny(reply)
      await using test = driver()
      assert.deepEqual((await send(test.upstream, to('x@out.example'))).outcomes, [
        'paused upstream relaying-denied',
      ])
    })

  it('to one recipient among others is its own', async () => {
    deny('554 5.7.1 Relay access denied')
    await using test = driver()
    const both = await send(test.upstream, to('x@out.example', 'anna@contoso.com'))
    assert.deepEqual(both.outcomes, ['permanent recipient relaying-denied', 'accepted'])
    const later = await send(test.upstream, to('y@out.example'))
    assert.deepEqual(later.outcomes, ['transient relaying-denied'])
  })
})

describe('smarthost sign-in', () => {
  for (const auth of [['PLAIN'], ['LOGIN'], ['XOAUTH2', 'LOGIN']] as const) {
    it(`by ${auth.at(-1)}`, async () => {
      Object.assign(server.settings, {
        isAuthRequired: true,
        accounts: [{ username: 'scan', password: 's3cret ü' }],
        capabilities: { ...allCapabilities, auth },
      })
      await using test = driver({ credential: signedIn })
      test.house.secrets.set(password, 's3cret ü')
      assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
      assert.equal(server.ledger[0]?.user, 'scan')
      assert.equal(server.connections[0]?.mechanism, auth.at(-1))
    })
  }

  it('with a wrong password pauses the way out, and tells no secret', async () => {
    Object.assign(server.settings, {
      isAuthRequired: true,
      accounts: [{ username: 'scan', password: 'right' }],
    })
    await using test = driver({ credential: signedIn })
    test.house.secrets.set(password, 'wrong~password')
    const preparation = await test.upstream.prepare(exampleConsignment(), never)
    assert.ok(preparation.kind === 'ready')
    const outcome = (await preparation.prepared.send(async () => {}, never)).get(1)
    assert.equal(words(outcome), 'paused upstream sign-in-refused')
    const encoded = Buffer.from('wrong~password').toString('base64')
    const told = JSON.stringify([outcome, await test.upstream.probe(never), test.house.lines])
    assert.ok(!told.includes('wrong~password') && !told.includes(encoded))
  })

  it('missing where the server wants one', async () => {
    server.settings.isAuthRequired = true
    await using test = driver()
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream sign-in-required'])
  })

  it('without a stored password is told before any socket', async () => {
    await using test = driver({ credential: signedIn })
    assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream key-missing'])
    assert.equal(server.connections.length, 0)
  })
})

describe('smarthost under faults', () => {
  const large = packing(
    Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(900_000, 'abcdefgh\r\n')]),
  )

  it('a connection lost before the final dot: surely not taken', async () => {
    server.script.add({ on: 'UPLOAD', action: { kind: 'drop', afterOctets: 100_000 } })
    await using test = driver({}, large)
    const sent = await send(test.upstream)
    assert.match(sent.outcomes[0] ?? '', /^transient unreachable-/)
    assert.equal(server.ledger.length, 0)
  })

  for (const isStored of [true, false]) {
    it(`a connection lost after the final dot: indeterminate, ${isStored ? 'taken' : 'not taken'}`, async () => {
      server.script.add({ on: 'CONTENT', action: { kind: 'drop', isStored } })
      await using test = driver()
      assert.deepEqual((await send(test.upstream)).outcomes, ['indeterminate'])
    })
  }

  it('refused recipients stay refused when the connection is lost after the final dot', async () => {
    server.script.add(
      { on: 'RCPT', match: /bob@/, action: { kind: 'reply', reply: '550 5.1.1 User unknown' } },
      { on: 'CONTENT', action: { kind: 'drop' } },
    )
    await using test = driver()
    const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com'))
    assert.deepEqual(sent.outcomes, ['indeterminate', 'permanent recipient unknown-recipient'])
  })

  for (const stage of ['CONNECT', 'EHLO', 'STARTTLS', 'MAIL', 'RCPT', 'DATA'] as const) {
    it(`a connection lost at ${stage}: transient`, async () => {
      server.script.add({ on: stage, action: { kind: 'drop' } })
      await using test = driver()
      assert.match((await send(test.upstream)).outcomes[0] ?? '', /^transient unreachable-/)
    })
  }

  for (const stage of ['CONNECT', 'MAIL', 'RCPT', 'DATA', 'CONTENT'] as const) {
    it(`421 at ${stage}: transient`, async () => {
      server.script.add({
        on: stage,
        action: { kind: 'reply', reply: '421 4.7.0 Too busy', isClosing: true },
      })
      await using test = driver()
      assert.match((await send(test.upstream)).outcomes[0] ?? '', /^transient (unreachable-)?smtp-421$/)
    })
  }

  it('a stall ends with the time that is left, by our clock; before the dot transient, after it indeterminate', async () => {
    const clock = new JumpingClock(wallMs(0))
    for (const [stage, expected] of [
      ['DATA', 'transient unreachable-etimedout'],
      ['CONTENT', 'indeterminate'],
    ] as const) {
      const reached = stallAt(stage)
      await using test = driver({}, packing(small), exampleHouse({ clock }))
      const sending = send(test.upstream)
      await reached
      await clock.jump(3_600_000)
      assert.deepEqual((await sending).outcomes, [expected])
    }
  })

  it('our own end: nothing hangs', async () => {
    server.script.add({ on: 'MAIL', action: { kind: 'stall' } })
    await using test = driver()
    const stop = new AbortController()
    const sending = send(test.upstream, {}, stop.signal)
    while (!server.connections[0]?.verbs.includes('MAIL')) await new Promise(setImmediate)
    stop.abort()
    assert.deepEqual((await sending).outcomes, ['transient aborted'])
  })

  it('a certificate for another name, an expired one, an unknown authority: paused, nothing said', async () => {
    const { certificateAuthority } = server
    await using other = await startSmtpUpstream({ certificateAuthority, certificateNames: ['other.example'] })
    await using expired = await startSmtpUpstream({ certificateAuthority, certificateNotAfter: new Date(0) })
    await using implicit = await startSmtpUpstream({
      certificateAuthority,
      security: 'implicit',
      certificateNames: ['other.example'],
    })
    for (const setup of [
      { port: other.port },
      { port: expired.port },
      { caFile: '' },
      { port: implicit.port, security: 'implicit' as const },
    ]) {
      await using test = driver(setup)
      assert.deepEqual((await send(test.upstream)).outcomes, ['paused upstream certificate-not-trusted'])
    }
    for (const { connections } of [other, expired, implicit])
      assert.ok(!connections[0]?.verbs.includes('MAIL'))
  })

  it('nobody listening, and something that is no SMTP', async () => {
    await using nobody = driver({ port: 1 })
    assert.deepEqual((await send(nobody.upstream)).outcomes, ['transient unreachable-econnrefused'])
    server.script.add({
      on: 'CONNECT',
      action: { kind: 'reply', reply: '554 5.3.2 No SMTP service here', isClosing: true },
    })
    await using refusing = driver()
    assert.deepEqual((await send(refusing.upstream)).outcomes, ['transient unreachable-smtp-554'])
  })

  it('a mail above SIZE: refused without a transaction, for another way out', async () => {
    server.settings.capabilities = { ...allCapabilities, size: 1000 }
    await using test = driver({}, large)
    assert.deepEqual((await send(test.upstream)).outcomes, ['permanent message too-large'])
    assert.deepEqual((await send(test.upstream)).outcomes, ['permanent message too-large'])
    assert.equal(server.connections.length, 1)
    assert.deepEqual(commands('MAIL'), [])
  })

  it('other octets than those prepared: the dot never leaves', async () => {
    const lying: SmtpPack = async (...given) => ({ ...(await packing(small)(...given)), sha256: 'another' })
    await using test = driver({}, lying)
    assert.match((await send(test.upstream)).outcomes[0] ?? '', /^transient/)
    assert.equal(server.ledger.length, 0)
  })

  it('a spool that cannot record the 250 is told, not swallowed', async () => {
    await using test = driver()
    const preparation = await test.upstream.prepare(exampleConsignment(), never)
    assert.ok(preparation.kind === 'ready')
    const broken = async (): Promise<void> => {
      throw new Error('disk gone')
    }
    await assert.rejects(preparation.prepared.send(broken, never), /could not be recorded/)
  })
})

/** Resolves when the server has come to the stage, at which it says nothing any more. */
function stallAt(on: 'DATA' | 'CONTENT'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.script.clear()
  server.script.add({
    on,
    action: { kind: 'stall' },
    get wait() {
      resolve()
      return Promise.resolve()
    },
  })
  return promise
}

describe('smarthost connections', () => {
  it('are kept, asked whether they live, and ended after 30 seconds', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using test = driver({}, packing(small), exampleHouse({ clock }))
    await send(test.upstream)
    await send(test.upstream)
    assert.deepEqual(verbs(), ['EHLO STARTTLS EHLO MAIL RCPT DATA RSET MAIL RCPT DATA'])
    await clock.jump(30_000)
    while (server.openConnections > 0) await new Promise(setImmediate)
    assert.equal(server.connections[0]?.verbs.at(-1), 'QUIT')
  })

  it('that died while idle are replaced without loss', async () => {
    await using test = driver()
    await send(test.upstream)
    server.script.add({ on: 'RSET', action: { kind: 'drop' } })
    assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
    assert.equal(server.connections.length, 2)
  })

  it('are as many as the setup says, however many mails wait', async () => {
    await using test = driver({ connections: 2 })
    const sent = await Promise.all(Array.from({ length: 8 }, () => send(test.upstream)))
    assert.ok(sent.every(({ outcomes }) => outcomes[0] === 'accepted'))
    assert.equal(server.ledger.length, 8)
    assert.equal(server.connections.length, 2)
  })

  it('carry a hundred mails', async () => {
    await using test = driver({ connections: 1 })
    for (let sent = 0; sent < 101; sent += 1) await send(test.upstream)
    assert.deepEqual(
      server.connections.map((one) => one.mailsStored),
      [100, 1],
    )
  })
})

describe('smarthost asks and probes', () => {
  it('cannot ask, and says so without deciding anything', async () => {
    await using test = driver()
    assert.equal(words(await test.upstream.ask('x')), 'transient cannot-ask')
    assert.equal(test.upstream.traits.canAsk, false)
  })

  it('is usable when the sign-in works', async () => {
    await using test = driver()
    assert.deepEqual(await test.upstream.probe(never), { kind: 'usable' })
    assert.deepEqual(commands('MAIL'), [])
  })
})
