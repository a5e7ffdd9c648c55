// What an administrator, a calendar or Microsoft does to a way out: it pauses, says why and what to do, nothing bounces,
// and after the cure everything flows by itself, each mail once. The same again where another way out can take the mail.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { day, hour, minute, second, wallMs } from '../../src/core/time.ts'
import { type PauseCode, pauseSentences } from '../../src/upstream/pause-reasons.ts'
import { startAzure } from '../emulator/azure.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { outlookResource } from '../emulator/exchange-sign-in.ts'
import { graphError } from '../emulator/graph-answers.ts'
import type { SmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import * as ways from '../ways-out.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
const limit = { timeout: 60_000 }

const box = `${plainBox({ gateway: 'hostname = "branch-07.contoso.com"', addresses: '127.0.0.1' })}[[device]]
name = "Copier"
addresses = ["127.0.0.2"]
sender = "copier@contoso.com"
`

const outside = 'anna@fabrikam.example'
const inside = 'anna@contoso.com'

/** Where a test plays: Entra, a clock that the services share, and the box. */
interface Stage extends ways.Ground {
  readonly clock: RunningClock
  readonly gateway: GatewayInProcess
  apply(setup: string): Promise<void>
  /** From the next event of the box to the next, until `look` is content. */
  passUntil(what: string, look: () => boolean | Promise<boolean>, atMostMs?: number): Promise<void>
}

type Meaning =
  | { readonly code: PauseCode | 'unreachable'; readonly scope?: 'sender' }
  /** Too many: it goes on by itself. */
  | { readonly throttled: RegExp }
  /** This mail waits, the way out does not. */
  | { readonly deferred: RegExp }

interface Trouble<Twin> {
  readonly name: string
  readonly way: (ground: ways.Ground) => Promise<ways.WayOut<Twin>>
  readonly to?: string
  /** The box signs assertions by the clock of the machine: with a certificate Entra lives by it too. */
  readonly hasCertificate?: true
  readonly breaks: (twin: Twin, stage: Stage) => void | Promise<void>
  readonly means: Meaning
  /** Nothing to do: time cures it. */
  readonly cure?: (twin: Twin, stage: Stage, setup: string) => void | Promise<void>
  /** Told again where a smarthost can take the mail. */
  readonly reroutes?: true
}

interface Play {
  readonly name: string
  readonly waits: () => Promise<void>
  readonly reroutes: (() => Promise<void>) | undefined
}

/** How long nothing will happen, ms; 0 while something is under way. */
async function calmFor(gateway: GatewayInProcess, clock: RunningClock): Promise<number> {
  const { upstreams } = await gateway.operations.status()
  const rows = await gateway.operations.queue({ all: false, limit: 100 })
  const isTried = upstreams.some(({ state, inFlight }) => inFlight > 0 || !settled.has(state))
  const isMoving = rows.some(
    ({ state, waitingFor }) => moving.has(state) || (isTried && waitingFor !== undefined),
  )
  if (isMoving || upstreams.some(({ inFlight }) => inFlight > 0)) return 0
  const due = rows.flatMap(({ dueAt, waitingFor }) =>
    dueAt === undefined || waitingFor !== undefined ? [] : [dueAt - clock.wall()],
  )
  const tries = upstreams.flatMap(({ nextTryInMs }) => nextTryInMs ?? [])
  return Math.max(0, Math.min(...due, ...tries, hour))
}

const settled: ReadonlySet<string> = new Set(['ready', 'paused', 'throttled'])
const moving: ReadonlySet<string> = new Set(['queued', 'sending'])

/** From one event to the next and no further: what one begins must not run out of time in the same jump. */
async function passUntil(
  gateway: GatewayInProcess,
  clock: RunningClock,
  what: string,
  look: () => boolean | Promise<boolean>,
  atMostMs: number = hour,
): Promise<void> {
  const step = async (): Promise<boolean> => {
    const calm = await calmFor(gateway, clock)
    if (calm === 0) return false
    if (await look()) return true
    await clock.jump(Math.min(calm + 10, atMostMs))
    return false
  }
  await until(what, step, 40_000)
}

/** Entra with an app, a clock and a folder; ways out are built on it, then the box stands beside them. */
async function onGround(
  { hasCertificate }: { readonly hasCertificate?: true },
  play: (ground: ways.Ground, clock: RunningClock) => Promise<void>,
): Promise<void> {
  const clock = new RunningClock(wallMs(Date.now()))
  const now = () => clock.wall()
  const app = ways.exampleApp()
  const settings = ways.azureOf(app, await authority)
  await using azure = await startAzure({ ...settings, now: hasCertificate ? Date.now : now })
  using folder = temporaryFolder()
  await play({ azure, app, now, folder: folder.path, ca: await azure.writeCa(folder.path) }, clock)
}

async function withBox(
  ground: ways.Ground,
  clock: RunningClock,
  outs: readonly ways.WayOut<unknown>[],
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const setup = () => box + outs.map((out) => out.setup()).join('')
  await using gateway = await GatewayInProcess.start(ground.folder, setup(), { clock })
  const apply = async (text: string): Promise<void> => {
    const applied = await gateway.operations.applySetup(text, { check: false, who: 'test' })
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
  }
  for (const out of outs) await out.enrol(gateway)
  await apply(setup())
  const pass: Stage['passUntil'] = (what, look, atMostMs) => passUntil(gateway, clock, what, look, atMostMs)
  await play({ ...ground, clock, gateway, apply, passUntil: pass })
}

const count = (out: ways.WayOut<unknown>, subject: string): number =>
  out.arrived().filter((one) => one === subject).length

async function nothingBounced({ gateway }: Stage): Promise<void> {
  const rows = await gateway.operations.queue({ all: true, limit: 1000 })
  assert.deepEqual(
    rows.filter(({ state }) => ['bounced', 'expired', 'dropped'].includes(state)),
    [],
  )
}

/** `status` says what is the matter and what to do. */
async function meant(out: ways.WayOut<unknown>, means: Meaning, stage: Stage, id: string): Promise<void> {
  const { gateway } = stage
  const view = await gateway.upstream(out.name)
  if ('deferred' in means) {
    assert.equal(view.state, 'ready')
    const { recipients } = await gateway.message(id)
    assert.match(recipients[0]?.reason ?? '', means.deferred)
    return
  }
  if ('throttled' in means) return assert.match(view.reason, means.throttled)
  assert.match(gateway.log.join('\n'), new RegExp(`"upstream-paused".*"code":"${means.code}"`))
  const { alerts } = await gateway.operations.status()
  const alert = alerts.find(({ key }) => key.startsWith(`upstream-paused/${out.name}`))
  assert.equal(alert?.remedy, view.remedy)
  if (means.code === 'unreachable') {
    assert.match(view.reason, /does not answer/)
    assert.match(view.remedy, /Nothing to do/)
    return
  }
  const sentence = pauseSentences[means.code]
  assert.ok(view.reason.includes(sentence.reason), `${view.reason} instead of ${sentence.reason}`)
  assert.equal(view.remedy, sentence.remedy)
}

const stateOf = (means: Meaning): string =>
  'deferred' in means ? 'deferred' : 'throttled' in means ? 'throttled' : 'paused'

/** Tokens run out and connections that were kept are closed: what was broken shows. */
const untilItShows = 2 * hour

async function breakAndCure<Twin>(
  { breaks, means, cure, hasCertificate, to = outside }: Trouble<Twin>,
  out: ways.WayOut<Twin>,
  stage: Stage,
): Promise<void> {
  const { gateway, clock } = stage
  const send = (subject: string, device?: string) =>
    gateway.send({ to: [to], subject, ...(device ? { device } : {}) })
  const first = await send('before')
  await gateway.messageIs(first.id, 'accepted', 'confirmed')
  await breaks(out.twin, stage)
  await clock.jump(untilItShows)
  const { id, reply } = await send('during')
  assert.match(reply, /^250 /)
  const state = stateOf(means)
  await stage.passUntil(`it is ${state}`, async () =>
    state === 'deferred'
      ? (await gateway.states(id))[0] === 'deferred'
      : (await gateway.upstream(out.name)).state === state,
  )
  await meant(out, means, stage, id)
  assert.equal(count(out, 'during'), 0)
  if ('scope' in means) {
    const other = await send('of another sender', '127.0.0.2')
    await gateway.messageIs(other.id, 'accepted', 'confirmed')
  }
  if (cure) {
    // It looks again and again meanwhile.
    const end = clock.wall() + 90 * minute
    await stage.passUntil('time passes', () => clock.wall() >= end)
    assert.deepEqual([count(out, 'during'), await gateway.states(id)], [0, ['deferred']])
    await nothingBounced(stage)
    await cure(out.twin, stage, box + out.setup())
  }
  // The box looks after its certificates by a clock of its own, in the middle of a longer step: what it sets free has 60 s.
  const atMostMs = hasCertificate ? 20 * second : hour
  await stage.passUntil(
    'it flows again',
    async () => {
      const [now = ''] = await gateway.states(id)
      return ['accepted', 'confirmed'].includes(now)
    },
    atMostMs,
  )
  await stage.passUntil('it is well', async () => (await gateway.upstream(out.name)).state === 'ready')
  const last = await send('after')
  await stage.passUntil('the last one is gone', () => count(out, 'after') === 1)
  await gateway.messageIs(last.id, 'accepted', 'confirmed')
  for (const subject of ['before', 'during', 'after']) assert.equal(count(out, subject), 1, subject)
  const { alerts } = await gateway.operations.status()
  assert.deepEqual(
    alerts.filter(({ key }) => key.startsWith('upstream-paused/')),
    [],
  )
  await nothingBounced(stage)
}

async function breakAndReroute<Twin>(
  { breaks, cure, to = outside }: Trouble<Twin>,
  out: ways.WayOut<Twin>,
  other: ways.WayOut<unknown>,
  stage: Stage,
): Promise<void> {
  const { gateway, clock } = stage
  const send = (subject: string) => gateway.send({ to: [to], subject })
  await gateway.messageIs((await send('before')).id, 'accepted', 'confirmed')
  assert.equal(count(out, 'before'), 1)
  await breaks(out.twin, stage)
  await clock.jump(untilItShows)
  const during = await send('during')
  await stage.passUntil('the other way takes it', () => count(other, 'during') === 1)
  await gateway.messageIs(during.id, 'accepted')
  assert.notEqual((await gateway.upstream(out.name)).remedy, '')
  await cure?.(out.twin, stage, box + out.setup() + other.setup())
  await stage.passUntil('it is well', async () => (await gateway.upstream(out.name)).state === 'ready')
  const after = await send('after')
  await gateway.messageIs(after.id, 'accepted', 'confirmed')
  const arrived = [out, other].map((one) => one.arrived().filter((subject) => subject !== ''))
  assert.deepEqual(arrived, [['before', 'after'], ['during']])
  await nothingBounced(stage)
}

type Way<Twin> = Pick<Trouble<Twin>, 'way' | 'hasCertificate'>

async function onWay<Twin>(
  { way, ...options }: Way<Twin>,
  play: (out: ways.WayOut<Twin>, stage: Stage) => Promise<void>,
): Promise<void> {
  await onGround(options, async (ground, clock) => {
    await using out = await way(ground)
    await withBox(ground, clock, [out], (stage) => play(out, stage))
  })
}

async function besideSmarthost<Twin>(
  { way, ...options }: Way<Twin>,
  play: (out: ways.WayOut<Twin>, other: ways.WayOut<SmtpUpstream>, stage: Stage) => Promise<void>,
): Promise<void> {
  await onGround(options, async (ground, clock) => {
    await using out = await way(ground)
    await using other = await ways.smarthost(ground)
    await withBox(ground, clock, [out, other], (stage) => play(out, other, stage))
  })
}

function trouble<Twin>(row: Trouble<Twin>): Play {
  return {
    name: row.name,
    waits: () => onWay(row, (out, stage) => breakAndCure(row, out, stage)),
    reroutes: row.reroutes
      ? () => besideSmarthost(row, (out, other, stage) => breakAndReroute(row, out, other, stage))
      : undefined,
  }
}

const newSecret = 'the~next~secret'

/** The only secret of the app has run out, by the services' clock. */
const expireSecret = (_twin: unknown, { app, now }: Stage): void => {
  app.secrets = app.secrets.map((secret) => ({ ...secret, expiresAt: now() + minute }))
}
const renewSecret = async (_twin: unknown, { app, apply }: Stage, setup: string): Promise<void> => {
  const [old] = app.secrets
  assert.ok(old)
  app.secrets = [old, { value: newSecret }]
  await apply(setup.replaceAll(`"${old.value}"`, `"${newSecret}"`))
}

const revokeCertificate = (_twin: unknown, { app }: Stage): void => {
  app.certificates = []
}
const uploadCertificate =
  (name: string) =>
  (_twin: unknown, { app, gateway }: Stage): Promise<void> =>
    ways.register(gateway, name, app)

const loseRights = (_twin: unknown, { app }: Stage): void => {
  app.role = 'none'
  app.permissions = {}
}
const gainRights = (_twin: unknown, { app }: Stage): void => {
  app.role = 'contributor'
  app.permissions = { [outlookResource]: ['SMTP.SendAsApp', 'Mail.Send'] }
}

const entraIs =
  (entraOutage: 'none' | '503' | 'reset' | '429') =>
  (_twin: unknown, { azure }: Stage): void => {
    azure.settings.entraOutage = entraOutage
  }

/** As seen from the box: its own clock stays behind. */
const clockIsOff = (_twin: unknown, { azure }: Stage): void => {
  azure.settings.now = () => Date.now() + day
}
const clockIsSet = (_twin: unknown, { azure }: Stage): void => {
  azure.settings.now = Date.now
}

const plays: readonly Play[] = [
  trouble({
    name: 'secret expired: acs-email',
    way: ways.acsEmail,
    breaks: expireSecret,
    means: { code: 'secret-expired' },
    cure: renewSecret,
    reroutes: true,
  }),
  trouble({
    name: 'secret expired: acs-smtp by XOAUTH2',
    way: (ground) => ways.acsSmtp(ground, 'secret'),
    breaks: expireSecret,
    means: { code: 'secret-expired' },
    cure: renewSecret,
  }),
  trouble({
    name: 'secret expired: acs-smtp, whose password it is',
    way: (ground) => ways.acsSmtp(ground, 'password'),
    breaks: expireSecret,
    means: { code: 'sign-in-refused' },
    cure: renewSecret,
  }),
  trouble({
    name: 'secret expired: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: expireSecret,
    means: { code: 'secret-expired' },
    cure: renewSecret,
    reroutes: true,
  }),
  trouble({
    name: 'secret expired: exchange-hve',
    way: (ground) => ways.exchange(ground, 'secret', 'exchange-hve'),
    to: inside,
    breaks: expireSecret,
    means: { code: 'secret-expired' },
    cure: renewSecret,
    reroutes: true,
  }),
  trouble({
    name: 'secret expired: graph',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: expireSecret,
    means: { code: 'secret-expired' },
    cure: renewSecret,
  }),

  trouble({
    name: 'certificate revoked: acs-smtp',
    way: (ground) => ways.acsSmtp(ground, 'certificate'),
    hasCertificate: true,
    breaks: revokeCertificate,
    means: { code: 'certificate-not-registered' },
    cure: uploadCertificate('acs-smtp'),
    reroutes: true,
  }),
  trouble({
    name: 'certificate revoked: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'certificate'),
    hasCertificate: true,
    breaks: revokeCertificate,
    means: { code: 'certificate-not-registered' },
    cure: uploadCertificate('exchange-smtp'),
  }),
  trouble({
    name: 'certificate revoked: graph',
    way: (ground) => ways.graph(ground, 'certificate'),
    hasCertificate: true,
    breaks: revokeCertificate,
    means: { code: 'certificate-not-registered' },
    cure: uploadCertificate('graph'),
  }),

  trouble({
    name: 'role missing: acs-email',
    way: ways.acsEmail,
    breaks: loseRights,
    means: { code: 'access-denied' },
    cure: gainRights,
  }),
  trouble({
    name: 'role missing: acs-smtp',
    way: (ground) => ways.acsSmtp(ground, 'secret'),
    breaks: loseRights,
    means: { code: 'app-not-admitted' },
    cure: gainRights,
  }),
  trouble({
    name: 'role missing: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: loseRights,
    means: { code: 'app-not-admitted' },
    cure: gainRights,
  }),
  trouble({
    name: 'role missing: exchange-smtp, whose front end says 535 at once',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: (twin, stage) => {
      twin.settings.tokenChallenge = undefined
      loseRights(twin, stage)
    },
    means: { code: 'app-not-admitted' },
    cure: gainRights,
  }),
  trouble({
    name: 'role missing: exchange-hve',
    way: (ground) => ways.exchange(ground, 'secret', 'exchange-hve'),
    to: inside,
    breaks: loseRights,
    means: { code: 'app-not-admitted' },
    cure: gainRights,
  }),
  trouble({
    name: 'role missing: graph',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: ({ settings }) => {
      settings.grants = []
    },
    means: { code: 'mailbox-access-denied' },
    cure: ({ settings }, { app }) => {
      settings.grants = [{ ...app, roles: ['Mail.Send'] }]
    },
    reroutes: true,
  }),
  trouble({
    name: 'SMTP AUTH switched off for the mailbox: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant: { mailboxes } }) => {
      for (const mailbox of mailboxes) mailbox.isSmtpAuthDisabled = true
    },
    means: { code: 'smtp-auth-disabled' },
    cure: ({ tenant: { mailboxes } }) => {
      for (const mailbox of mailboxes) mailbox.isSmtpAuthDisabled = false
    },
  }),

  trouble({
    name: 'sender not allowed: acs-email',
    way: ways.acsEmail,
    breaks: ({ settings }) => {
      settings.senders = settings.senders.filter((sender) => sender !== 'scanner@contoso.com')
    },
    means: { code: 'sender-unknown', scope: 'sender' },
    cure: ({ settings }) => {
      settings.senders = [...settings.senders, 'scanner@contoso.com']
    },
  }),
  trouble({
    name: 'sender not allowed: acs-smtp',
    way: (ground) => ways.acsSmtp(ground, 'secret'),
    breaks: (_twin, { azure: { settings } }) => {
      settings.senders = settings.senders.filter((sender) => sender !== 'scanner@contoso.com')
    },
    means: { code: 'sender-unknown', scope: 'sender' },
    cure: (_twin, { azure: { settings } }) => {
      settings.senders = [...settings.senders, 'scanner@contoso.com']
    },
  }),
  trouble({
    name: 'sender not allowed: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant: { mailboxes } }) => {
      for (const mailbox of mailboxes) mailbox.sendAs = ['copier@contoso.com']
    },
    means: { code: 'send-as-denied', scope: 'sender' },
    cure: ({ tenant: { mailboxes } }) => {
      for (const mailbox of mailboxes) mailbox.sendAs = ['copier@contoso.com', 'scanner@contoso.com']
    },
    reroutes: true,
  }),
  trouble({
    name: 'sender not allowed: graph, the mailbox is gone',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: ({ settings }) => {
      settings.mailboxes = settings.mailboxes.slice(1)
    },
    means: { code: 'mailbox-unknown', scope: 'sender' },
    cure: ({ settings }) => {
      settings.mailboxes = [{ userPrincipalName: 'scanner@contoso.com' }, ...settings.mailboxes]
    },
  }),

  trouble({
    name: 'quota reached: acs-email',
    way: (ground) => ways.acsEmail(ground, 'key'),
    breaks: ({ settings }, { clock }) => {
      settings.sendQuota = { perMinute: 1, perHour: 0 }
      const openAt = clock.wall() + 4 * hour
      const { now } = settings
      settings.now = () => {
        if (now() >= openAt) settings.sendQuota = { perMinute: 30, perHour: 100 }
        return now()
      }
    },
    means: { throttled: /quota is used up/ },
  }),
  trouble({
    name: 'quota reached: acs-smtp',
    way: (ground) => ways.acsSmtp(ground, 'secret'),
    breaks: (_twin, { azure: { settings } }) => {
      settings.sendQuota = { perMinute: 0, perHour: 0 }
    },
    means: { throttled: /quota is used up/ },
    cure: (_twin, { azure: { settings } }) => {
      settings.sendQuota = { perMinute: 30, perHour: 100 }
    },
  }),
  trouble({
    name: 'quota reached: exchange-smtp, whose 24 hours move on',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant }) => {
      tenant.recipientsPerDay = 1
    },
    means: { code: 'daily-recipient-limit' },
    cure: ({ tenant }) => {
      tenant.recipientsPerDay = 10_000
    },
    reroutes: true,
  }),
  trouble({
    name: 'quota reached: graph',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: ({ faults }) => {
      const answer = graphError(429, 'ApplicationThrottled', 'Too many.', { 'retry-after': '600' })
      faults.push({ kind: 'answer', answer, count: 3 })
    },
    means: { throttled: /quota is used up/ },
  }),

  trouble({
    name: 'tenant blocked: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant }) => {
      tenant.tenantBlock = '550 5.7.705 Access denied, tenant has exceeded threshold'
    },
    means: { code: 'sending-banned' },
    cure: ({ tenant }) => {
      tenant.tenantBlock = undefined
    },
  }),
  trouble({
    name: 'tenant blocked: exchange-connector',
    way: ways.connectorByAddress,
    breaks: ({ tenant }) => {
      tenant.block = '550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains'
    },
    means: { code: 'sending-banned' },
    cure: ({ tenant }) => {
      tenant.block = undefined
    },
  }),
  trouble({
    name: 'address banned: exchange-direct',
    way: ways.exchangeDirect,
    to: inside,
    breaks: ({ tenant }) => {
      tenant.banned = [ways.publicAddress]
    },
    means: { code: 'address-blocked' },
    cure: ({ tenant }) => {
      tenant.banned = []
    },
  }),
  trouble({
    name: 'tenant blocked: graph',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: ({ settings }) => {
      settings.mailboxes = settings.mailboxes.map((one, at) =>
        at === 0 ? { ...one, state: 'blocked' } : one,
      )
    },
    means: { code: 'sending-banned', scope: 'sender' },
    cure: ({ settings }) => {
      settings.mailboxes = settings.mailboxes.map((one) => ({ ...one, state: 'online' }))
    },
  }),
  trouble({
    name: 'mailbox stopped after repeated errors: exchange-smtp, which goes on when somebody says so',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant: { mailboxes } }) => {
      for (const mailbox of mailboxes) mailbox.stoppedFor = 'send as denied'
    },
    means: { code: 'mailbox-blocked' },
    cure: async ({ tenant: { mailboxes }, connections }, { gateway }) => {
      assert.equal(connections.length, 2, 'nothing is tried meanwhile')
      for (const mailbox of mailboxes) mailbox.stoppedFor = undefined
      await gateway.operations.resume('exchange-smtp', 'test')
    },
  }),

  trouble({
    name: 'connector mismatch: the site has another public address',
    way: ways.connectorByAddress,
    breaks: ({ settings }) => {
      settings.clientAddress = '198.51.100.9'
    },
    means: { code: 'connector-mismatch' },
    cure: ({ settings }) => {
      settings.clientAddress = ways.publicAddress
    },
    reroutes: true,
  }),
  trouble({
    name: 'connector mismatch: it names another certificate',
    way: ways.connectorByCertificate,
    breaks: ({ tenant }) => {
      tenant.connectors = tenant.connectors.map((one) => ({
        ...one,
        tlsSenderCertificateName: 'mail.contoso.com',
      }))
    },
    means: { code: 'connector-mismatch' },
    cure: ({ tenant }) => {
      tenant.connectors = tenant.connectors.map((one) => ({
        ...one,
        tlsSenderCertificateName: ways.connectorName,
      }))
    },
  }),
  trouble({
    name: 'Direct Send rejected by the tenant',
    way: ways.exchangeDirect,
    to: inside,
    breaks: ({ tenant }) => {
      tenant.isDirectSendRejected = true
    },
    means: { code: 'direct-send-rejected' },
    cure: ({ tenant }) => {
      tenant.isDirectSendRejected = false
    },
    reroutes: true,
  }),

  trouble({
    name: 'token endpoint down, 503: acs-email',
    way: ways.acsEmail,
    breaks: entraIs('503'),
    means: { code: 'unreachable' },
    cure: entraIs('none'),
  }),
  trouble({
    name: 'token endpoint down, connections reset: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: entraIs('reset'),
    means: { code: 'unreachable' },
    cure: entraIs('none'),
    reroutes: true,
  }),
  trouble({
    name: 'token endpoint down, 429: acs-smtp',
    way: (ground) => ways.acsSmtp(ground, 'secret'),
    breaks: entraIs('429'),
    means: { code: 'unreachable' },
    cure: entraIs('none'),
  }),
  trouble({
    name: 'token endpoint down, 503: graph',
    way: (ground) => ways.graph(ground, 'secret'),
    breaks: entraIs('503'),
    means: { code: 'unreachable' },
    cure: entraIs('none'),
  }),

  trouble({
    name: 'wrong clock of the box: exchange-smtp by certificate',
    way: (ground) => ways.exchange(ground, 'certificate'),
    hasCertificate: true,
    breaks: clockIsOff,
    means: { code: 'clock-wrong' },
    cure: clockIsSet,
  }),
  trouble({
    name: 'wrong clock of the box: graph by certificate',
    way: (ground) => ways.graph(ground, 'certificate'),
    hasCertificate: true,
    breaks: clockIsOff,
    means: { code: 'clock-wrong' },
    cure: clockIsSet,
  }),

  trouble({
    name: '432, too many connections for the mailbox: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ tenant }) => {
      tenant.connectionsPerMailbox = 0
    },
    means: { deferred: /432 4\.3\.2/ },
    cure: ({ tenant }) => {
      tenant.connectionsPerMailbox = 3
    },
  }),
  trouble({
    name: '432 in the place of the banner, and the line is cut: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ script }) => {
      const reply = '432 4.3.2 Concurrent connections limit exceeded.'
      script.add({ on: 'CONNECT', action: { kind: 'reply', reply, isClosing: true } })
    },
    means: { deferred: /432 4\.3\.2/ },
    cure: ({ script }) => script.clear(),
  }),
  trouble({
    name: '432 after the content, and the line is cut: exchange-smtp',
    way: (ground) => ways.exchange(ground, 'secret'),
    breaks: ({ script }) => {
      const reply = '432 4.3.2 Concurrent connections limit exceeded.'
      script.add({ on: 'CONTENT', action: { kind: 'reply', reply, isClosing: true } })
    },
    means: { deferred: /432 4\.3\.2/ },
    cure: ({ script }) => script.clear(),
  }),
  trouble({
    name: 'grey-listed: exchange-direct',
    way: ways.exchangeDirect,
    to: inside,
    breaks: ({ tenant }) => {
      tenant.greyListed = [ways.publicAddress]
    },
    means: { deferred: /451 4\.7\.500/ },
    cure: ({ tenant }) => {
      tenant.greyListed = []
    },
  }),
]

// Half of each is waiting for sockets.
const together = { concurrency: 2 }

describe(
  'the trouble of a way out: it pauses, says what to do, and goes on by itself after the cure',
  together,
  () => {
    for (const { name, waits } of plays) it(name, limit, waits)
  },
)

describe('the trouble of a way out beside another one: mail takes the other until the cure', together, () => {
  for (const { name, reroutes } of plays) if (reroutes) it(name, limit, reroutes)
})

describe('a clock that is off', () => {
  it(
    'is no trouble where the box signs by itself: acs-email by access key goes by the time of the answer',
    limit,
    () =>
      onWay({ way: (ground) => ways.acsEmail(ground, 'key') }, async (out, { azure, gateway, clock }) => {
        azure.settings.now = () => clock.wall() + hour
        const { id } = await gateway.send({ to: [outside], subject: 'late' })
        await gateway.messageIs(id, 'accepted', 'confirmed')
        assert.deepEqual(out.arrived(), ['late'])
        const sends = azure.requests.filter(({ method }) => method === 'POST').map(({ status }) => status)
        assert.deepEqual(sends, [401, 202])
      }),
  )
})

describe('recipients outside the organisation', together, () => {
  const ofTheTenantAlone = [
    ['Direct Send', ways.exchangeDirect],
    ['High Volume Email', (ground: ways.Ground) => ways.exchange(ground, 'secret', 'exchange-hve')],
  ] as const

  for (const [name, way] of ofTheTenantAlone) {
    it(`${name} does not take: the box does not even ask, the next way out takes them`, limit, () =>
      besideSmarthost<SmtpUpstream>({ way }, async (out, other, stage) => {
        const { id } = await stage.gateway.send({ to: [inside, outside], subject: 'to both' })
        await stage.gateway.messageIs(id, 'accepted')
        assert.deepEqual(
          [out, other].map(({ twin }) =>
            twin.ledger.map(({ recipients }) => recipients.map(({ address }) => address)),
          ),
          [[[inside]], [[outside]]],
        )
        const said = out.twin.connections.flatMap(({ transcript }) => transcript).join('\n')
        assert.ok(!said.includes(outside))
        assert.equal((await stage.gateway.upstream(out.name)).state, 'ready')
        await nothingBounced(stage)
      }),
    )

    it(`${name} does not take, and nothing else is there: the device hears it`, limit, () =>
      onWay<SmtpUpstream>({ way }, async (out, { gateway }) => {
        const { reply } = await gateway.send({ to: [outside], subject: 'outside' })
        assert.match(reply, /^554 5\.6\.1 No way out takes/)
        assert.equal(out.twin.connections.length, 0)
      }),
    )
  }

  it(
    '5.7.54: what the tenant does not own although accepted_domains say so goes by the next way out',
    limit,
    () =>
      besideSmarthost({ way: ways.exchangeDirect }, async (out, other, stage) => {
        out.twin.tenant.acceptedDomains = ['contoso.onmicrosoft.example']
        const { id } = await stage.gateway.send({ to: [inside], subject: 'not theirs' })
        await stage.gateway.messageIs(id, 'accepted')
        assert.deepEqual([out.arrived(), other.arrived()], [[], ['not theirs']])
        await nothingBounced(stage)
      }),
  )
})
