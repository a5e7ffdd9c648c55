// A relay is replaced while its printers go on printing: their mail is held, adopted and delivered, or given up.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { openOffline } from '../../src/gateway.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

const launcher = resolve(import.meta.dirname, '../../inkpost')
const who = 'anna'
const subnet = '127.0.7.0/24'
const printer = '127.0.7.23'

const setup = (upstream: string): string => `schema = 1
[gateway]
name = "branch-07"
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Known"
addresses = ["127.0.0.2"]
${upstream}`

const smarthost = (port: number): string => `[[upstream]]
name = "hub"
kind = "smarthost"
host = "127.0.0.1"
port = ${port}
security = "plain"
sender = "relay@contoso.com"
senders = ["relay@contoso.com"]
`
const outbox = '[[upstream]]\nname = "box"\nkind = "outbox"\n'

/** The id in the 250 of one mail from an address; undefined where it was refused or the connection broke. */
async function submit(
  port: number,
  from: string,
  to: readonly string[],
  login?: string,
): Promise<string | undefined> {
  using client = await SmtpClient.connect(port, '127.0.0.1', from)
  await client.command('EHLO MFP-4F')
  if (login !== undefined) await client.signIn(login, 'an old password')
  const content = 'From: scan@old.example\r\nSubject: scan\r\n\r\npage'
  const reply = await client.send({ from: 'scan@old.example', to, content })
  return /^250 2\.0\.0 Ok (\S+)$/.exec(reply)?.[1]
}

/** The box looks once a minute; what it starts then runs in real time. */
const minutesUntil = (clock: RunningClock, what: string, look: () => Promise<boolean>): Promise<boolean> =>
  until(what, async () => {
    await clock.jump(minute)
    return look()
  })

const idOf = (id: string | undefined): string => id ?? assert.fail('not taken')

const upstream = () => startSmtpUpstream({ security: 'plain', isAuthRequired: false })
const clockNow = () => new RunningClock(wallMs(Date.now()))

describe('taking over', () => {
  it('holds mail across a restart, and delivers it once and as the device’s when it is adopted', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    const clock = clockNow()
    let id: string
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), { clock })
      const { operations } = gateway
      assert.equal(await submit(gateway.port('plain'), printer, ['anna@contoso.com']), undefined)
      assert.equal((await operations.openTakeOver(subnet, hour, who)).kind, 'done')
      const to = ['anna@contoso.com', 'eve@fabrikam.com']
      id = idOf(await submit(gateway.port('plain'), printer, to, 'oldscan'))
      assert.deepEqual(await gateway.states(id), ['held', 'held'])
      for (const selector of [id, 'all']) await operations.act('release', selector, who)
      assert.deepEqual(await gateway.states(id), ['held', 'held'])
    }
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock })
    const { operations } = gateway
    assert.deepEqual(await gateway.states(id), ['held', 'held'])
    const status = await operations.status()
    assert.equal(status.takeOver?.subnet, subnet)
    await minutesUntil(clock, 'alerts', async () => {
      const keys = (await operations.status()).alerts.map(({ key }) => key)
      return keys.includes('take-over-open') && keys.includes('unadopted-mail')
    })
    const [seen] = await operations.sightings()
    assert.deepEqual(
      [seen?.address, seen?.username, seen?.helo, seen?.count],
      [printer, 'oldscan', 'MFP-4F', 2],
    )
    assert.equal(hub.ledger.length, 0, 'nothing leaves before')

    const wish = { address: printer, name: 'Copier', pinMac: false, passwordless: false }
    const adopted = await operations.adopt(wish, who)
    assert.equal(adopted.kind === 'done' ? adopted.released : adopted.reason, 1)
    await hub.ledgerReaches(1, AbortSignal.timeout(20_000))
    const view = await gateway.messageIs(id, 'accepted')
    assert.equal(view.device, 'Copier')
    assert.equal(hub.ledger[0]?.mailFrom.address, 'relay@contoso.com')
    const again = await operations.adopt(wish, who)
    assert.match(again.kind === 'refused' ? again.reason : '', /was not seen/)
    const [device] = (await operations.devices()).filter(({ name }) => name === 'Copier')
    assert.deepEqual([device?.addresses, device?.hasPassword], [[printer], true])
    assert.match(await operations.exportSetup(), /also_known_as = \[\s*"oldscan"\s*\]/)
    assert.deepEqual(await operations.sightings(), [])
    assert.equal(
      await submit(gateway.port('plain'), printer, ['anna@contoso.com']),
      undefined,
      'it has to sign in now',
    )
    const deeds = (await operations.audit(50)).map(({ what }) => what).join('\n')
    assert.match(deeds, /take-over: 127\.0\.7\.0\/24 opened for 1h/)
    assert.match(deeds, /device "Copier": adopted from 127\.0\.7\.23/)
    assert.match(deeds, /take-over: 1 mail of 127\.0\.7\.23 let go as device "Copier"/)
    assert.equal(hub.ledger.length, 1)
  })

  it('keeps to what the device may do, when it is adopted by hand with rules', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), {
      clock: clockNow(),
    })
    const { operations } = gateway
    await operations.openTakeOver(subnet, hour, who)
    const id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com', 'eve@fabrikam.com']))
    const rules = {
      addresses: [printer],
      allowedRecipients: ['*@contoso.com'],
      sender: undefined,
      owner: undefined,
    }
    await operations.addDevice({ name: 'Copier', ...rules, strong: false, passwordless: true }, who)
    await hub.ledgerReaches(1, AbortSignal.timeout(20_000))
    await until('both settled', async () => (await gateway.states(id)).join() === 'accepted,dropped')
    assert.match((await gateway.message(id)).recipients[1]?.reason ?? '', /may not write/)
    assert.deepEqual(hub.ledger.flatMap(({ recipients }) => recipients).length, 1)
  })

  it('is not done by a device of a whole network, nor by one that is switched off', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), {
      clock: clockNow(),
    })
    const { operations } = gateway
    await operations.openTakeOver(subnet, hour, who)
    const id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com']))
    const wide = `${setup(smarthost(hub.port))}
[[device]]
name = "Floor"
addresses = ["${subnet}"]
[[device]]
name = "Off"
addresses = ["${printer}"]
enabled = false
`
    assert.equal((await operations.applySetup(wide, { check: false, who })).kind, 'applied')
    // Mail of a known device goes its way behind what is held.
    const other = await submit(gateway.port('plain'), '127.0.0.2', ['anna@contoso.com'])
    await gateway.messageIs(idOf(other), 'accepted')
    assert.deepEqual(await gateway.states(id), ['held'])
  })

  it('drops what was not adopted within 24 hours, and ends by itself', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    const clock = clockNow()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), { clock })
    const { operations } = gateway
    await operations.openTakeOver(subnet, 30 * minute, who)
    const id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com']))
    await clock.jump(31 * minute)
    await until('the window is over', async () => (await operations.takeOver()).open === undefined)
    await minutesUntil(clock, 'its alert is over', async () =>
      (await operations.status()).alerts.every(({ key }) => key !== 'take-over-open'),
    )
    assert.equal(await submit(gateway.port('plain'), printer, ['anna@contoso.com']), undefined)
    await clock.jump(22 * hour)
    assert.deepEqual(await gateway.states(id), ['held'])
    await clock.jump(90 * minute)
    await minutesUntil(clock, 'dropped', async () => (await gateway.states(id)).join() === 'dropped')
    await until('told', async () =>
      (await operations.audit(50)).some(
        ({ what }) => what === 'take-over: 1 mail dropped: not adopted in time',
      ),
    )
    assert.equal(await operations.content(id, who), undefined)
    const wish = { address: printer, name: undefined, pinMac: false, passwordless: false }
    const late = await operations.adopt(wish, who)
    assert.equal(late.kind === 'done' ? late.released : -1, 0)
    assert.equal(hub.ledger.length, 0)
  })

  it('drops nothing by a clock that can not be believed', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    const clock = clockNow()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), { clock })
    await gateway.operations.openTakeOver(subnet, hour, who)
    const id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com']))
    clock.believable = () => false
    await clock.jump(2 * day)
    assert.deepEqual(await gateway.states(id), ['held'])
  })

  for (const { what, before } of [
    { what: 'a stale clock that looked right', before: -3 * day },
    { what: '1970', before: -Date.now() },
  ]) {
    it(`drops nothing at a start whose clock was put right meanwhile: from ${what}`, async () => {
      await using hub = await upstream()
      using folder = temporaryFolder()
      const right = Date.now()
      const stale = new RunningClock(wallMs(right + before))
      let id: string
      {
        await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), {
          clock: stale,
        })
        await gateway.operations.openTakeOver(subnet, hour, who)
        id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com']))
        await stale.jump(2 * minute)
      }
      const clock = new RunningClock(wallMs(right))
      await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock })
      await clock.jump(3 * minute)
      await until('it looked', async () =>
        (await gateway.operations.status()).alerts.some(({ key }) => key === 'unadopted-mail'),
      )
      assert.deepEqual(await gateway.states(id), ['held'])
      await clock.jump(23 * hour)
      await clock.jump(minute)
      assert.deepEqual(await gateway.states(id), ['held'])
      await clock.jump(hour)
      await minutesUntil(clock, 'dropped', async () => (await gateway.states(id)).join() === 'dropped')
    })
  }

  it('lets go what a session handed in behind the adoption, with the window shut meanwhile', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    const clock = clockNow()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), { clock })
    const { operations } = gateway
    await operations.openTakeOver(subnet, hour, who)
    await submit(gateway.port('plain'), printer, ['anna@contoso.com'])
    using slow = await SmtpClient.connect(gateway.port('plain'), '127.0.0.1', printer)
    for (const line of ['HELO MFP', 'MAIL FROM:<scan@old.example>', 'RCPT TO:<anna@contoso.com>', 'DATA'])
      assert.match(await slow.command(line), /^[23]/)
    await operations.closeTakeOver(who)
    const wish = { address: printer, name: undefined, pinMac: false, passwordless: true }
    assert.equal((await operations.adopt(wish, who)).kind, 'done')
    await hub.ledgerReaches(1, AbortSignal.timeout(20_000))
    await clock.jump(3 * minute)
    assert.match(await slow.command('Subject: late\r\n\r\npage\r\n.'), /^250 /)
    await minutesUntil(clock, 'it is out, too', async () => hub.ledger.length === 2)
  })

  it('is finished by the next start where the box stopped between adoption and release', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    const clock = clockNow()
    let id: string
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), { clock })
      await gateway.operations.openTakeOver(subnet, hour, who)
      id = idOf(await submit(gateway.port('plain'), printer, ['anna@contoso.com']))
    }
    {
      // The settings know the device, the spool does not yet.
      await using offline = await openOffline(join(folder.path, 'data'))
      const device = { name: 'Copier', addresses: [printer], sender: undefined, owner: undefined }
      await offline.addDevice({ ...device, allowedRecipients: [], strong: false, passwordless: true }, who)
      const { open, waiting } = await offline.takeOver()
      assert.deepEqual([open?.subnet, waiting.length], [subnet, 1])
      assert.equal((await offline.status()).takeOver?.subnet, subnet)
    }
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock })
    await gateway.messageIs(id, 'accepted')
    assert.equal(hub.ledger.length, 1)
  })

  it('refuses networks that are not trusted, long windows, and words', async () => {
    await using hub = await upstream()
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, setup(smarthost(hub.port)), {
      clock: clockNow(),
    })
    const { operations } = gateway
    const reason = async (network: string, forMs: number): Promise<string> => {
      const opened = await operations.openTakeOver(network, forMs, who)
      return opened.kind === 'refused' ? opened.reason : 'opened'
    }
    assert.match(await reason('8.8.8.0/24', hour), /no trusted network/)
    assert.match(await reason('0.0.0.0/0', hour), /no trusted network/)
    assert.match(await reason('floor 3', hour), /neither an address nor a network/)
    assert.match(await reason(subnet, 3 * hour), /1m to 2h/)
    assert.match(await reason(subnet, 10), /1m to 2h/)
    assert.equal((await operations.closeTakeOver(who)).kind, 'refused')
    assert.equal(await reason(subnet, 2 * hour), 'opened')
    assert.equal((await operations.closeTakeOver(who)).kind, 'done')
  })
})

describe('taking over with the real process', () => {
  const kills = process.env['INKPOST_SOAK'] ? 60 : 5

  it(`loses nothing acknowledged and lets nothing go before adoption, in ${kills} kills`, async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    let gateway = await GatewayProcess.start(data, { setup: setup(outbox) })
    const opened = gateway.run('takeover', 'open', subnet, '--for', '2h')
    assert.equal(opened.code, 0, opened.stderr)
    const acknowledged = new Set<string>()
    const sendUntilBroken = async (port: number): Promise<void> => {
      for (let mails = 0; mails < 8; mails++) {
        // A connection that breaks is a mail that was not acknowledged.
        const id = await submit(port, printer, ['anna@contoso.com']).catch(() => undefined)
        if (id !== undefined) acknowledged.add(id)
      }
    }
    for (let kill = 0; kill < kills; kill++) {
      const before = acknowledged.size
      const senders = [sendUntilBroken(gateway.port('plain')), sendUntilBroken(gateway.port('plain'))]
      await until('some mail', () => acknowledged.size > before || acknowledged.size >= 190)
      await gateway.kill()
      await Promise.all(senders)
      gateway = await GatewayProcess.start(data)
    }
    const states = async (of: GatewayProcess) => {
      const rows = of.ask('queue', '--all', '--limit', '1000') as { message: string; state: string }[]
      return new Map(rows.map(({ message, state }) => [message, state]))
    }
    const held = await states(gateway)
    for (const id of acknowledged) assert.equal(held.get(id), 'held', id)
    assert.ok([...held.values()].every((state) => state === 'held'))

    // Once more in the middle of the adoption: it happened whole, or can be had again.
    const adopting = ['device', 'adopt', printer, '--name', 'Copier'] as const
    const cutOff = spawn(launcher, [...adopting, '--data', data], { stdio: 'ignore' })
    const ended = once(cutOff, 'exit')
    await new Promise((done) => setTimeout(done, randomInt(100, 500)))
    await gateway.kill()
    await ended
    await using last = await GatewayProcess.start(data)
    const devices = last.ask('device', 'list') as { name: string }[]
    if (!devices.some(({ name }) => name === 'Copier')) assert.equal(last.run(...adopting).code, 0)
    await until('all is out', async () =>
      [...(await states(last)).values()].every((state) => state === 'accepted'),
    )
    for (const id of acknowledged) assert.equal((await states(last)).get(id), 'accepted', id)
    const shown = last.run('device', 'show', 'Copier')
    assert.match(shown.stdout, /^addresses +127\.0\.7\.23$/m)
    assert.equal(await last.stop(), 0)
  })
})
