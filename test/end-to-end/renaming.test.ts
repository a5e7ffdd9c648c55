// Devices get other names, by a whole document, while they send.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

const setup = (first: string, second: string): string => `schema = 1
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "${first}"
username = "scan1"
password = "k7m2p9qx"
sender = "one@contoso.com"
[[device]]
name = "${second}"
username = "scan2"
password = "k7m2p9qy"
sender = "two@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

async function signedIn(box: GatewayInProcess, user: string, password: string): Promise<SmtpClient> {
  const client = await SmtpClient.connect(box.port('plain'))
  await client.command('EHLO printer')
  assert.match(await client.signIn(user, password), /^235 /)
  return client
}

async function beginData(client: SmtpClient, from: string): Promise<void> {
  await client.command(`MAIL FROM:<${from}>`)
  await client.command('RCPT TO:<anna@contoso.com>')
  assert.match(await client.command('DATA'), /^354 /)
  client.write('Subject: a scan\r\n\r\nfirst half\r\n')
}

const idOf = (reply: string): string => /^250 .*?([0-9A-Z]+)$/.exec(reply)?.[1] ?? assert.fail(reply)

describe('a device under another name', () => {
  it('keeps its history, the mail in its DATA, its session and its mail after that; so do two that swap', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using box = await GatewayInProcess.start(folder.path, setup('Hall', 'Desk'), { clock })
    using one = await signedIn(box, 'scan1', 'k7m2p9qx')
    using two = await signedIn(box, 'scan2', 'k7m2p9qy')
    const before = [
      idOf(await one.send({ from: 'one@contoso.com', to: ['anna@contoso.com'], content: 'x' })),
      idOf(await two.send({ from: 'two@contoso.com', to: ['anna@contoso.com'], content: 'x' })),
    ]
    await beginData(one, 'one@contoso.com')
    await beginData(two, 'two@contoso.com')

    const applied = await box.operations.applySetup(setup('Desk', 'Hall'), { who: 'a test', check: false })
    assert.equal(applied.kind, 'applied')
    const within = [idOf(await one.command('second half\r\n.')), idOf(await two.command('second half\r\n.'))]
    const after = [
      idOf(await one.send({ from: 'one@contoso.com', to: ['anna@contoso.com'], content: 'x' })),
      idOf(await two.send({ from: 'two@contoso.com', to: ['anna@contoso.com'], content: 'x' })),
    ]
    const told = await until('both histories followed', async () => {
      const entries = await box.operations.audit(50)
      const moved = entries.filter(({ what }) => what.includes('its history was that of'))
      return moved.length === 2 && moved
    })
    assert.equal(told.length, 2)
    for (const mails of [before, within, after])
      assert.deepEqual(await Promise.all(mails.map(async (id) => (await box.message(id)).device)), [
        'Desk',
        'Hall',
      ])
    await one.command('QUIT')
    await two.command('QUIT')
    const sessions = await until('both sessions are over', async () => {
      const all = await box.operations.sessions(10)
      return all.length === 2 && all.every(({ endedAt, startedAt }) => endedAt >= startedAt) && all
    })
    assert.deepEqual(sessions.map(({ device }) => device).sort(), ['Desk', 'Hall'])
    const byDevice = new Map(sessions.map(({ device, messages }) => [device, messages]))
    assert.deepEqual(byDevice.get('Desk'), [before[0], within[0], after[0]])
  })
})
