// Scans that come as message/partial (RFC 2046 section 5.2.2): a device divides them, the recipient reads one mail.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hour, wallMs } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'
import { plainBox } from './plain-box.ts'

const wire = join(import.meta.dirname, '../corpus/device-wire')
const canon = [1, 2, 3].map((n) => readFileSync(join(wire, `s4-canon-message-partial.${n}-of-3.eml`)))
const brackets = [1, 2].map((n) =>
  readFileSync(join(wire, `s5-scanner-message-partial-id-in-angle-brackets.${n}-of-2.eml`)),
)

interface Expected {
  readonly subject: string
  readonly text: string | null
  readonly attachments: readonly { filename: string; contentType: string; bytes: number; sha256: string }[]
}

const expected = (name: string): Expected => {
  const all: Record<string, Expected> = JSON.parse(readFileSync(join(wire, 'expected.json'), 'utf8'))
  return all[name] ?? assert.fail(name)
}

const limit = { timeout: 60_000 }
const mailbox = { from: 'mfp3@example.test', to: ['rcpt@example.test'] }
const azureSettings = { senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] }

const acs = (azure: Azure, ca: string): string => `[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
sender = "scanner@contoso.com"
senders = ["scanner@contoso.com"]
ca_file = "${ca}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`

const smarthost = (port: number): string => `[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = ${port}
security = "plain"
`

/** Each fragment on a session of its own, as devices do; the ids of the replies. */
async function send(port: number, fragments: readonly Buffer[], from?: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (const content of fragments) {
    using client = await SmtpClient.connect(port, '127.0.0.1', from)
    await client.command('EHLO scanner')
    const reply = await client.send({ ...mailbox, content: content.subarray(0, -2) })
    ids.push(/^250 2\.0\.0 Ok ([0-9A-Z]+)$/.exec(reply)?.[1] ?? assert.fail(reply))
    await client.command('QUIT')
  }
  return ids
}

function assertArrived(azure: Azure, at: number, name: string): void {
  const mail = azure.ledger[at] ?? assert.fail('no mail')
  const { subject, text, attachments } = expected(name)
  assert.equal(mail.subject, subject)
  if (text !== null) assert.equal(mail.plainText?.trim(), text)
  assert.deepEqual(
    mail.attachments.map(({ name: fileName, size, sha256 }) => [fileName, size, sha256]),
    attachments.map(({ filename, bytes, sha256 }) => [filename, bytes, sha256]),
  )
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

/** The same scan once more, under an id of its own. */
const renumbered = (fragments: readonly Buffer[], n: number): readonly Buffer[] =>
  fragments.map((octets) =>
    Buffer.from(octets.toString('latin1').replaceAll('.0000.CanonTxNo', `.9${n}.CanonTxNo`), 'latin1'),
  )

const pick = (fragments: readonly Buffer[], order: readonly number[]): readonly Buffer[] =>
  order.map((at) => fragments[at] ?? assert.fail(`no fragment ${at}`))

describe('a scan in fragments, to Azure', () => {
  it('arrives once and whole, in whatever order the fragments come', { timeout: 60_000 }, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const setup = `${plainBox()}${acs(azure, await azure.writeCa(folder.path))}`
    await using gateway = await GatewayInProcess.start(folder.path, setup, {
      clock: new RunningClock(wallMs(Date.now())),
    })
    for (const [n, order] of orders.entries()) {
      const ids = await send(gateway.port('plain'), pick(renumbered(canon, n), order))
      await until('it arrived', () => azure.ledger.length > n)
      assertArrived(azure, n, 's4-canon-message-partial')
      for (const id of ids) {
        const { fragment, recipients, hasBody } = await gateway.message(id)
        assert.notEqual(fragment?.joinedInto, undefined)
        assert.deepEqual([recipients, hasBody], [[], false])
        const joined = await gateway.messageIs(fragment?.joinedInto ?? '', 'accepted', 'confirmed')
        assert.equal(joined.joinedFrom, 3)
      }
    }
    await send(gateway.port('plain'), brackets)
    await until('it arrived', () => azure.ledger.length > orders.length)
    assertArrived(azure, orders.length, 's5-scanner-message-partial-id-in-angle-brackets')
    assert.equal(azure.ledger.length, orders.length + 1)
  })
})

describe('a scan in fragments, on a box that is killed', () => {
  it('is joined after the restart, from fragments that came before and after', {
    timeout: 120_000,
  }, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const setup = `${plainBox()}${acs(azure, await azure.writeCa(folder.path))}`
    for (const [n, fragment] of canon.entries()) {
      await using gateway = await GatewayProcess.start(data, n === 0 ? { setup } : {})
      const [id = ''] = await send(gateway.port('plain'), [fragment])
      if (n === 2) {
        await until('it arrived', () => azure.ledger.length === 1)
        continue
      }
      const queue = gateway.run('queue').stdout
      assert.match(queue, new RegExp(`${id}/1 +collecting .* ${n + 1} of 3 pieces`))
      assert.match(gateway.run('message', id).stdout, new RegExp(`piece +${n + 1} of 3`))
      // The device heard its 250, then lost the connection of the next try: the same piece once more.
      assert.deepEqual(await send(gateway.port('plain'), [fragment]), [id])
      await gateway.kill()
    }
    assertArrived(azure, 0, 's4-canon-message-partial')
    assert.equal(azure.ledger.length, 1)
  })
})

describe('a scan of which a fragment is missing', () => {
  it('is told to the owner after a day and held, where no way out carries fragments', limit, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const owned = plainBox({ device: 'owner = "reception@contoso.com"' })
    const setup = `${owned}${acs(azure, await azure.writeCa(folder.path))}`
    await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
    const first = await send(gateway.port('plain'), pick(canon, [2]))
    await clock.jump(20 * hour)
    const ids = [...first, ...(await send(gateway.port('plain'), pick(canon, [0])))]
    // A day after the last one, not after the first.
    await clock.jump(23 * hour)
    for (const id of ids) assert.deepEqual(await gateway.states(id), ['collecting'])
    await clock.jump(1.1 * hour)
    for (const id of ids) {
      const { recipients } = await gateway.messageIs(id, 'held')
      assert.equal(recipients[0]?.reason, 'only 2 of 3 pieces came')
    }
    const letter = await until('the owner is told', () => azure.ledger[0])
    assert.equal(letter.subject, 'Incomplete: [3/3] Attached Image')
    assert.deepEqual(
      letter.to.map(({ address }) => address),
      ['reception@contoso.com'],
    )
    assert.match(letter.plainText ?? '', new RegExp(`only 2 of 3 pieces came.*${ids.join(', ')}`, 's'))
    assert.equal(azure.ledger.length, 1)
  })

  it('goes on in fragments where SMTP carries them, after a day or by hand', limit, async () => {
    await using relay = await startSmtpUpstream()
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, `${plainBox()}${smarthost(relay.port)}`, {
      clock,
    })
    const { operations } = gateway
    const ids = await send(gateway.port('plain'), pick(canon, [0, 1]))
    await clock.jump(24.1 * hour)
    for (const id of ids) await gateway.messageIs(id, 'accepted')
    assert.equal(relay.ledger.length, 2)
    // Nobody is there to be told: no owner, no postmaster.
    const { alerts } = await operations.status()
    assert.ok(alerts.some(({ key }) => key === 'nobody-reads-bounces/Scanner'))
    const [released = ''] = await send(gateway.port('plain'), pick(brackets, [0]))
    assert.equal((await operations.act('release', released, 'test')).kind, 'done')
    await gateway.messageIs(released, 'accepted')
    const [dropped = ''] = await send(gateway.port('plain'), pick(renumbered(canon, 1), [0]))
    assert.equal((await operations.act('drop', dropped, 'test')).kind, 'done')
    await clock.jump(25 * hour)
    assert.deepEqual(await gateway.states(dropped), ['dropped'])
    assert.equal(relay.ledger.length, 3)
  })
})

describe('a scan in fragments of a device that nobody knows', () => {
  it('is held in the window, and joined once the device is adopted', limit, async () => {
    await using azure = await startAzure(azureSettings)
    using folder = temporaryFolder()
    const printer = '127.0.7.23'
    const setup = `${plainBox({ addresses: '127.0.0.2' })}${acs(azure, await azure.writeCa(folder.path))}`
    await using gateway = await GatewayInProcess.start(folder.path, setup, {
      clock: new RunningClock(wallMs(Date.now())),
    })
    const { operations } = gateway
    assert.equal((await operations.openTakeOver('127.0.7.0/24', hour, 'test')).kind, 'done')
    const [first = ''] = await send(gateway.port('plain'), pick(canon, [2, 1]), printer)
    assert.deepEqual(await gateway.states(first), ['held'])
    const wish = { address: printer, name: 'Copier', pinMac: false, passwordless: true }
    assert.equal((await operations.adopt(wish, 'test')).kind, 'done')
    await gateway.messageIs(first, 'collecting')
    await send(gateway.port('plain'), pick(canon, [0]), printer)
    await until('it arrived', () => azure.ledger.length === 1)
    assertArrived(azure, 0, 's4-canon-message-partial')
  })
})

describe('a joined scan that no way out takes', () => {
  it('is held, the owner is told, and it leaves once there is a way', limit, async () => {
    await using azure = await startAzure(azureSettings)
    await using relay = await startSmtpUpstream()
    using folder = temporaryFolder()
    const owned = plainBox({ device: 'owner = "reception@contoso.com"' })
    const narrow = acs(azure, await azure.writeCa(folder.path)).replace(
      '[upstream.credential]',
      'max_message_size = "6KB"\n[upstream.credential]',
    )
    await using gateway = await GatewayInProcess.start(folder.path, `${owned}${narrow}`, {
      clock: new RunningClock(wallMs(Date.now())),
    })
    const [, , last = ''] = await send(gateway.port('plain'), canon)
    const joined = await until('it is joined', async () => (await gateway.message(last)).fragment?.joinedInto)
    const { recipients } = await gateway.messageIs(joined, 'held')
    assert.equal(recipients[0]?.reason, 'no way out takes it: acs (too-large)')
    const letter = await until('the owner is told', () => azure.ledger[0])
    assert.equal(letter.subject, 'Not sent: Attached Image')
    assert.match(letter.plainText ?? '', new RegExp(`held as ${joined} and not lost`))
    await gateway.operations.applySetup(`${owned}${narrow}${smarthost(relay.port)}`, {
      check: false,
      who: 'test',
    })
    await gateway.operations.act('release', joined, 'test')
    await gateway.messageIs(joined, 'accepted')
    assert.equal(relay.ledger.length, 1)
  })

  it('is refused at the panel where its pieces are too large together', limit, async () => {
    await using relay = await startSmtpUpstream()
    using folder = temporaryFolder()
    const small = plainBox({ gateway: 'max_message_size = "3KB"' })
    await using gateway = await GatewayInProcess.start(folder.path, `${small}${smarthost(relay.port)}`, {
      clock: new RunningClock(wallMs(Date.now())),
    })
    await send(gateway.port('plain'), pick(canon, [0, 1]))
    using client = await SmtpClient.connect(gateway.port('plain'))
    await client.command('EHLO scanner')
    const [, , content = Buffer.alloc(0)] = canon
    assert.match(await client.send({ ...mailbox, content }), /^552 5\.3\.4 Message too large/)
  })
})
