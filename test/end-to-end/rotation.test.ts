// Secrets and certificates change while mail flows: nothing fails, nothing bounces, nothing waits longer than it has to.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../emulator/azure-settings.ts'
import { createCertificateAuthority, makeSelfSignedIdentity } from '../emulator/certificate-authority.ts'
import { exampleApplicationId, type GraphKeys, startGraphKeys } from '../emulator/graph-keys.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
const plenty = { perMinute: 100_000, perHour: 100_000 }

interface Stage {
  readonly azure: Azure
  readonly graph: GraphKeys
  readonly folder: string
  /** The emulated services follow the clock of the gateway that was started last. */
  start(credential: string, clock: RunningClock): Promise<GatewayInProcess>
  setup(credential: string): string
}

const clockAt = (afterMs: number): RunningClock => new RunningClock(wallMs(Date.now() + afterMs))

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  await using azure = await startAzure({
    certificateAuthority: await authority,
    resources: ['https://communication.azure.com', 'https://graph.microsoft.com'],
    sendQuota: plenty,
    statusQuota: plenty,
    assertionNow: Date.now,
  })
  await using graph = await startGraphKeys({ azure })
  using folder = temporaryFolder()
  const ca = await azure.writeCa(folder.path)
  const setup = (
    credential: string,
  ): string => `${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"', device: 'max_per_hour = 1000000' })}[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
ca_file = "${ca}"
quota = { per_minute = 100000, per_hour = 100000, queries_per_minute = 100000, queries_per_hour = 100000 }
[upstream.credential]
${credential}
`
  const start = (credential: string, clock: RunningClock): Promise<GatewayInProcess> => {
    azure.settings.now = () => clock.wall()
    return GatewayInProcess.start(folder.path, setup(credential), { clock })
  }
  await play({ azure, graph, folder: folder.path, start, setup })
}

const app = `tenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"`
const ownCertificate = `kind = "client-certificate"\n${app}\nobject_id = "${exampleApplicationId}"`
const clientSecret = (secrets: string): string => `kind = "client-secret"\n${app}\n${secrets}`

function register(azure: Azure, secrets: readonly string[], certificates: readonly string[]): void {
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: secrets.map((value) => ({ value })),
      certificates: [...certificates],
      role: 'contributor',
    },
  ]
}

/** Mail that flows until it is told to stop. */
class Load implements AsyncDisposable {
  readonly #ids: string[] = []
  readonly #gateway: GatewayInProcess
  readonly #clock: RunningClock
  readonly #running: Promise<void>
  #isStopped = false
  #gate: Promise<void> = Promise.resolve()

  constructor(gateway: GatewayInProcess, clock: RunningClock) {
    this.#gateway = gateway
    this.#clock = clock
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#gate
      const { id, reply } = await this.#gateway.send({ to: ['anna@contoso.com'], subject: 'scan' })
      assert.match(reply, /^250 /)
      this.#ids.push(id)
    }
  }

  /** So many more are with the service. */
  async delivered(azure: Azure, more: number): Promise<void> {
    await azure.ledgerReaches(azure.ledger.length + more, AbortSignal.timeout(20_000))
  }

  /** Skips time between two mails: what is on the wire would take it for a service that does not answer. */
  async jump(ms: number): Promise<void> {
    const gate = Promise.withResolvers<void>()
    this.#gate = gate.promise
    await until('the wire is quiet', async () => {
      const { inFlight, waiting } = await this.#gateway.upstream('acs')
      return inFlight === 0 && waiting === 0
    })
    await this.#clock.jump(ms)
    gate.resolve()
  }

  /** Ends it: everything left at the first attempt, and no way out was paused. */
  async leftAtOnce(): Promise<void> {
    this.#isStopped = true
    await this.#running
    assert.ok(this.#ids.length > 10, 'hardly any load')
    for (const id of this.#ids) {
      const { attempts } = await this.#gateway.messageIs(id, 'accepted', 'confirmed')
      const kinds = attempts.map(({ outcome }) => outcome).filter((kind) => !kind.startsWith('asked: '))
      assert.deepEqual(kinds, ['accepted'], id)
    }
    assert.deepEqual(eventsOf(this.#gateway, 'upstream-paused'), [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    await this.#running
  }
}

const eventsOf = (gateway: GatewayInProcess, event: string): readonly string[] =>
  gateway.log.filter((line) => line.includes(`"event":"${event}"`))

const happened = (gateway: GatewayInProcess, event: string, times = 1): Promise<true> =>
  until(event, () => eventsOf(gateway, event).length >= times && true)

interface Time {
  jump(ms: number): Promise<void>
}

/**
 * Time passes in steps until something has happened. What is on the wire when a step is skipped may take it for a service
 * that does not answer, and comes again later: hence more steps than one.
 */
async function inSteps(
  time: Time,
  stepMs: number,
  what: string,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let steps = 0; steps < 60; steps += 1) {
    if (await isDone()) return
    await time.jump(stepMs)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await until(what, isDone)
}

const inMinutes = (time: Time, what: string, isDone: () => Promise<boolean>): Promise<void> =>
  inSteps(time, minute, what, isDone)

const isWithService = async (gateway: GatewayInProcess, id: string): Promise<boolean> =>
  (await gateway.states(id)).every((state) => state === 'accepted' || state === 'confirmed')

const apply = async (gateway: GatewayInProcess, text: string): Promise<void> => {
  assert.equal((await gateway.operations.applySetup(text, { check: false, who: 'test' })).kind, 'applied')
}

const certificateNow = async (gateway: GatewayInProcess): Promise<string> => {
  const shown = await gateway.operations.certificate('acs')
  assert.ok(shown.kind === 'done')
  return shown.pem
}

const thumbprint = (pem: string): string => new X509Certificate(pem).fingerprint.replaceAll(':', '')

describe('while mail flows', () => {
  it('both access keys are regenerated, one after the other', { timeout: 60_000 }, () =>
    onStage(async ({ azure, start, setup }) => {
      const [first = '', second = ''] = azure.settings.accessKeys
      const [third, fourth] = [Buffer.alloc(64, 3).toString('base64'), Buffer.alloc(64, 4).toString('base64')]
      const keys = (key: string, next: string): string =>
        `kind = "access-key"\nkey = "${key}"\nnext_key = "${next}"`
      const clock = clockAt(0)
      await using gateway = await start(keys(first, second), clock)
      await using load = new Load(gateway, clock)
      await load.delivered(azure, 5)
      azure.settings.accessKeys = [third, second]
      await load.delivered(azure, 5)
      await apply(gateway, setup(keys(third, second)))
      await load.delivered(azure, 5)
      azure.settings.accessKeys = [third, fourth]
      await load.delivered(azure, 5)
      await load.leftAtOnce()
    }),
  )

  it('a client secret is followed by another, and the old one expires', { timeout: 60_000 }, () =>
    onStage(async ({ azure, start, setup }) => {
      register(azure, ['old~secret'], [])
      const clock = clockAt(0)
      await using gateway = await start(clientSecret('secret = "old~secret"'), clock)
      await using load = new Load(gateway, clock)
      await load.delivered(azure, 5)
      register(azure, ['old~secret', 'new~secret'], [])
      await apply(gateway, setup(clientSecret('secret = "(kept)"\nnext_secret = "new~secret"')))
      register(azure, ['new~secret'], [])
      // The token at hand ends: the next one is asked for with the secrets as they are now.
      await load.jump(hour)
      await load.delivered(azure, 5)
      await apply(gateway, setup(clientSecret('secret = "new~secret"')))
      await load.jump(hour)
      await load.delivered(azure, 5)
      await load.leftAtOnce()
    }),
  )

  it('the box renews its certificate by itself, and removes the former one', { timeout: 120_000 }, () =>
    onStage(async ({ azure, graph, start }) => {
      register(azure, [], [])
      let first = ''
      {
        await using gateway = await start(ownCertificate, clockAt(0))
        first = await certificateNow(gateway)
      }
      register(azure, [], [first])
      graph.settings.isSpreadAtOnce = false
      graph.settings.mayRead = true
      // 60 days before its end.
      const clock = clockAt(671 * day)
      await using gateway = await start(ownCertificate, clock)
      await using load = new Load(gateway, clock)
      await happened(gateway, 'next-certificate-registered')
      await load.delivered(azure, 5)
      await load.jump(hour)
      await load.delivered(azure, 5)
      assert.deepEqual(eventsOf(gateway, 'client-certificate-renewed'), [])
      graph.spread()
      await inMinutes(load, 'renewed', async () => eventsOf(gateway, 'client-certificate-renewed').length > 0)
      const second = await certificateNow(gateway)
      assert.notEqual(second, first)
      await load.jump(hour)
      await load.delivered(azure, 5)
      await load.jump(7 * day - 2 * hour)
      assert.deepEqual(graph.removed, [])
      await inSteps(load, 20 * minute, 'removed', async () => graph.removed.length > 0)
      await happened(gateway, 'former-certificate-removed')
      await load.jump(hour)
      await load.delivered(azure, 5)
      await load.leftAtOnce()
      assert.deepEqual(graph.added, [thumbprint(second)])
      assert.deepEqual(graph.removed, [thumbprint(first)])
      assert.deepEqual(azure.settings.apps[0]?.certificates.map(thumbprint), [thumbprint(second)])
      assert.deepEqual(
        (await gateway.operations.status()).alerts.filter(({ key }) => key.startsWith('certificate/')),
        [],
      )
    }),
  )

  it('a client secret gives way to a certificate, across a restart', { timeout: 120_000 }, () =>
    onStage(async ({ azure, start }) => {
      register(azure, ['old~secret'], [])
      const credential = clientSecret(`secret = "old~secret"\nobject_id = "${exampleApplicationId}"`)
      let pem = ''
      {
        await using gateway = await start(credential, clockAt(0))
        const given = await gateway.operations.replaceSecret('acs', 'anna')
        assert.ok(given.kind === 'done')
        assert.match(given.steps.join('\n'), /Upload certificate/)
        assert.equal((await gateway.operations.cancelCertificate('acs', 'anna')).kind, 'done')
        const again = await gateway.operations.replaceSecret('acs', 'anna')
        assert.ok(again.kind === 'done' && again.pem !== given.pem)
        pem = again.pem
      }
      const clock = clockAt(0)
      await using gateway = await start(credential, clock)
      await using load = new Load(gateway, clock)
      await load.delivered(azure, 5)
      assert.match(await gateway.operations.exportSetup(), /client-secret/)
      register(azure, ['old~secret'], [pem])
      await inMinutes(load, 'replaced', async () => eventsOf(gateway, 'secret-replaced').length > 0)
      await load.delivered(azure, 5)
      register(azure, [], [pem])
      await load.jump(hour)
      await load.delivered(azure, 5)
      await load.leftAtOnce()
      const text = await gateway.operations.exportSetup()
      assert.match(text, /kind = "client-certificate"/)
      assert.match(text, new RegExp(`object_id = "${exampleApplicationId}"`))
      assert.doesNotMatch(text, /secret/)
      const audit = await gateway.operations.audit(10)
      assert.ok(
        audit.some(({ who, what }) => who.startsWith('the box') && /"acs": credential changed/.test(what)),
      )
      assert.equal((await gateway.operations.cancelCertificate('acs', 'anna')).kind, 'refused')
    }),
  )
})

describe('a certificate that Entra takes no more', () => {
  it('revoked: the sentence says what to do, and an upload sets the mail free', { timeout: 60_000 }, () =>
    onStage(async ({ azure, start }) => {
      register(azure, [], [])
      const clock = clockAt(0)
      await using gateway = await start(ownCertificate, clock)
      const pem = await certificateNow(gateway)
      register(azure, [], [pem])
      const before = await gateway.send({ to: ['anna@contoso.com'] })
      await inMinutes(clock, 'sent', async () => isWithService(gateway, before.id))
      await gateway.messageIs(before.id, 'accepted', 'confirmed')
      register(azure, [], [])
      await clock.jump(2 * hour)
      const { id } = await gateway.send({ to: ['anna@contoso.com'] })
      const view = await gateway.upstreamIs('acs', 'paused')
      assert.match(view.reason, /certificate of the box is not registered with the app/)
      assert.match(view.remedy, /inkpost certificate UPSTREAM/)
      await clock.jump(day)
      assert.deepEqual(await gateway.states(id), ['deferred'])
      register(azure, [], [await certificateNow(gateway)])
      await inMinutes(clock, 'recovered', async () => isWithService(gateway, id))
      await gateway.messageIs(id, 'accepted', 'confirmed')
      await gateway.upstreamIs('acs', 'ready')
    }),
  )

  it('ended: the next one is printed, and its upload sets the mail free', { timeout: 60_000 }, () =>
    onStage(async ({ azure, graph, start }) => {
      let first = ''
      {
        await using gateway = await start(ownCertificate, clockAt(0))
        first = await certificateNow(gateway)
      }
      register(azure, [], [first])
      const clock = clockAt(731 * day)
      await using gateway = await start(ownCertificate, clock)
      const { id } = await gateway.send({ to: ['anna@contoso.com'] })
      assert.match((await gateway.upstreamIs('acs', 'paused')).reason, /certificate of the box has expired/)
      const alert = await until('the alert', async () =>
        (await gateway.operations.status()).alerts.find(({ key }) => key === 'certificate/acs'),
      )
      assert.equal(alert.severity, 'alarm')
      assert.match(alert.remedy, /inkpost certificate acs/)
      const next = await certificateNow(gateway)
      assert.notEqual(next, first)
      register(azure, [], [first, next])
      await inMinutes(clock, 'recovered', async () => isWithService(gateway, id))
      await gateway.messageIs(id, 'accepted', 'confirmed')
      await inMinutes(clock, 'calm', async () =>
        (await gateway.operations.status()).alerts.every(
          // In two years the service itself has ended.
          ({ key }) => !key.includes('acs') || key.startsWith('expires/service-end/'),
        ),
      )
      assert.deepEqual(graph.added, [])
    }),
  )

  it('a file that was replaced is read again, a broken one is not used', { timeout: 60_000 }, () =>
    onStage(async ({ azure, folder, start }) => {
      const [one, two] = await Promise.all([makeSelfSignedIdentity('one'), makeSelfSignedIdentity('two')])
      const file = join(folder, 'app.pem')
      writeFileSync(file, one.keyPem + one.certificatePem)
      register(azure, [], [one.certificatePem])
      const clock = clockAt(0)
      await using gateway = await start(`${ownCertificate}\ncertificate_file = "${file}"`, clock)
      const first = await gateway.send({ to: ['anna@contoso.com'] })
      await gateway.messageIs(first.id, 'accepted', 'confirmed')
      writeFileSync(file, one.keyPem + two.certificatePem)
      await inMinutes(clock, 'told', async () =>
        (await gateway.operations.status()).alerts.some(({ sentence }) => /do not match/.test(sentence)),
      )
      writeFileSync(file, two.keyPem + two.certificatePem)
      register(azure, [], [two.certificatePem])
      await inMinutes(clock, 'read', async () => eventsOf(gateway, 'certificate-file-read').length === 1)
      await clock.jump(hour)
      const second = await gateway.send({ to: ['anna@contoso.com'] })
      await gateway.messageIs(second.id, 'accepted', 'confirmed')
      assert.equal((await gateway.operations.renewCertificate('acs', 'anna')).kind, 'refused')
    }),
  )
})
