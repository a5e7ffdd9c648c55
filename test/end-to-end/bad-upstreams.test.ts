// Ways out that are not what they should be: mail waits with the reason, and flows when they are.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { minute, wallMs } from '../../src/core/time.ts'
import { startAzure } from '../emulator/azure.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
const key = Buffer.from('the key of a resource that is made up').toString('base64')

const setup = (upstream: string): string => plainBox() + upstream

const acs = (port: number, ca: string): string =>
  setup(`[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://localhost:${port}"
senders = ["scanner@contoso.com"]
ca_file = "${ca}"
[upstream.credential]
kind = "access-key"
key = "${key}"
`)

const smarthost = (port: number, ca: string): string =>
  setup(`[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "localhost"
port = ${port}
ca_file = "${ca}"
`)

/** One on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const newClock = (): RunningClock => new RunningClock(wallMs(Date.now()))

async function passTime(gateway: GatewayInProcess, clock: RunningClock, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await clock.jump(10 * minute)
    await until('nothing is under way', async () => {
      // A limit that is over meanwhile.
      await clock.jump(0)
      return (await gateway.operations.status()).upstreams.every(({ inFlight }) => inFlight === 0)
    })
  }
}

const alertOf = async (gateway: GatewayInProcess, name: string): Promise<string | undefined> =>
  (await gateway.operations.status()).alerts.find(({ key }) => key === `upstream-paused/${name}`)?.sentence

describe('a way out', () => {
  it('that nobody listens on: paused as unreachable, mail waits, and flows when it answers', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = newClock()
    const certificateAuthority = await authority
    const port = await freePort()
    const ca = await certificateAuthority.writeCa(folder.path)
    await using gateway = await GatewayInProcess.start(folder.path, acs(port, ca), { clock })
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) ids.push((await gateway.send({ to: ['anna@contoso.com'] })).id)
    await passTime(gateway, clock, 6)
    const { reason, remedy } = await gateway.upstreamIs('acs', 'paused')
    assert.match(reason, /^does not answer: connect ECONNREFUSED 127\.0\.0\.1:\d+$/)
    assert.match(remedy, /sending goes on by itself/)
    assert.equal(await alertOf(gateway, 'acs'), `acs is paused: ${reason}`)
    for (const id of ids) assert.deepEqual(await gateway.states(id), ['deferred'])

    await using azure = await startAzure({
      port,
      certificateAuthority,
      accessKeys: [key],
      now: () => clock.wall(),
    })
    await passTime(gateway, clock, 8)
    for (const id of ids) await gateway.messageIs(id, 'accepted', 'confirmed')
    assert.equal(azure.ledger.length, 3)
    assert.equal((await gateway.upstream('acs')).state, 'ready')
    assert.equal(await alertOf(gateway, 'acs'), undefined)
  })

  it('ACS with a certificate of another name: nothing is said to it, mail waits and flows', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = newClock()
    const certificateAuthority = await authority
    await using azure = await startAzure({
      certificateAuthority,
      certificateNames: ['elsewhere.example'],
      accessKeys: [key],
      now: () => clock.wall(),
    })
    const ca = await azure.writeCa(folder.path)
    await using gateway = await GatewayInProcess.start(folder.path, acs(azure.port, ca), { clock })
    const { id } = await gateway.send({ to: ['anna@contoso.com'] })
    const { reason, remedy } = await gateway.upstreamIs('acs', 'paused')
    assert.match(
      reason,
      /^The certificate shown by the service is not for this host name, not trusted or expired\. \(.*elsewhere\.example.*\)$/,
    )
    assert.match(remedy, /^Check the host name/)
    assert.equal(await alertOf(gateway, 'acs'), `acs is paused: ${reason}`)
    assert.deepEqual(await gateway.states(id), ['deferred'])
    assert.deepEqual(azure.requests, [])

    azure.setIdentity(await certificateAuthority.issue({ names: ['localhost'] }))
    await passTime(gateway, clock, 3)
    await gateway.messageIs(id, 'accepted', 'confirmed')
    assert.equal(await alertOf(gateway, 'acs'), undefined)
  })

  for (const security of ['starttls', 'implicit'] as const) {
    it(`a smarthost with a certificate of another name, ${security}: nothing is said to it, mail waits and flows`, {
      timeout: 60_000,
    }, async () => {
      using folder = temporaryFolder()
      const clock = newClock()
      const certificateAuthority = await authority
      const ca = await certificateAuthority.writeCa(folder.path)
      const options = { certificateAuthority, security, now: () => clock.wall() }
      const wrong = await startSmtpUpstream({ ...options, certificateNames: ['elsewhere.example'] })
      const { port } = wrong
      const text = smarthost(port, ca).replace(`port = ${port}`, `port = ${port}\nsecurity = "${security}"`)
      await using gateway = await GatewayInProcess.start(folder.path, text, { clock })
      const { id } = await gateway.send({ to: ['anna@contoso.com'] })
      const { reason } = await gateway.upstreamIs('smarthost', 'paused')
      assert.match(
        reason,
        /^The certificate shown by the service is not for this host name, not trusted or expired\. \(.*elsewhere\.example.*\)$/,
      )
      assert.deepEqual(await gateway.states(id), ['deferred'])
      assert.ok(wrong.connections.every(({ verbs }) => !verbs.includes('MAIL') && !verbs.includes('AUTH')))
      await wrong[Symbol.asyncDispose]()

      await using right = await startSmtpUpstream({ ...options, port })
      await passTime(gateway, clock, 5)
      await gateway.messageIs(id, 'accepted')
      assert.equal(right.ledger.length, 1)
      assert.equal(await alertOf(gateway, 'smarthost'), undefined)
    })
  }

  it('that takes no such sender: that sender waits with the reason, nothing bounces', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = newClock()
    const certificateAuthority = await authority
    await using azure = await startAzure({
      certificateAuthority,
      accessKeys: [key],
      senders: ['noreply@contoso.com'],
      now: () => clock.wall(),
    })
    const ca = await azure.writeCa(folder.path)
    await using gateway = await GatewayInProcess.start(folder.path, acs(azure.port, ca), { clock })
    const { id } = await gateway.send({ to: ['anna@contoso.com'] })
    const view = await until('the sender is paused', async () => {
      const found = await gateway.upstream('acs')
      return found.reason !== '' && found
    })
    assert.match(view.reason, /scanner@contoso\.com.*This sender does not exist as a MailFrom address\./)
    assert.match(view.remedy, /^Add it in the portal/)
    assert.deepEqual(await gateway.states(id), ['deferred'])

    azure.settings.senders = ['noreply@contoso.com', 'scanner@contoso.com']
    await passTime(gateway, clock, 4)
    await gateway.messageIs(id, 'accepted', 'confirmed')
  })
})
