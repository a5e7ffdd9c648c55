// An upstream's trouble is not the message's fault: nothing bounces, the right thing pauses, the reason can be read, and
// after the cure everything flows by itself. Hours and weeks pass on a clock that the test moves.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { type Azure, type AzureOptions, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../emulator/azure-settings.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
const base = plainBox({
  gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"',
  device: 'max_per_hour = 100000',
})

const accessKey = (azure: Azure): string => `kind = "access-key"\nkey = "${azure.settings.accessKeys[0]}"`
const clientSecret = (secret: string): string =>
  `kind = "client-secret"\ntenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"\nsecret = "${secret}"`

function acs(azure: Azure, ca: string, credential: string): string {
  return `[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
ca_file = "${ca}"
[upstream.credential]
${credential}
`
}

function smarthost(smtp: SmtpUpstream, ca: string, more = ''): string {
  return `[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
security = "starttls"
ca_file = "${ca}"
${more}
`
}

interface Stage {
  readonly azure: Azure
  readonly smtp: SmtpUpstream
  readonly clock: RunningClock
  readonly ca: string
  readonly folder: string
}

/** Emulators and a clock that they share; `play` starts the gateway on the stage. */
async function onStage(options: AzureOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new RunningClock(wallMs(Date.now()))
  const certificateAuthority = await authority
  await using azure = await startAzure({ certificateAuthority, now: () => clock.wall(), ...options })
  await using smtp = await startSmtpUpstream({
    certificateAuthority,
    isAuthRequired: false,
    now: () => clock.wall(),
  })
  using folder = temporaryFolder()
  await play({ azure, smtp, clock, folder: folder.path, ca: await azure.writeCa(folder.path) })
}

const nothingBounced = async (gateway: GatewayInProcess): Promise<void> => {
  const rows = await gateway.operations.queue({ all: true, limit: 1000 })
  assert.deepEqual(
    rows.filter(({ state }) => ['bounced', 'expired', 'dropped'].includes(state)),
    [],
  )
}

describe("an upstream's trouble", () => {
  it('429 with Retry-After: throttled, then everything flows', { timeout: 40_000 }, () =>
    onStage({ sendQuota: { perMinute: 2, perHour: 100 } }, async ({ azure, clock, ca, folder }) => {
      await using gateway = await GatewayInProcess.start(folder, base + acs(azure, ca, accessKey(azure)), {
        clock,
      })
      for (let n = 0; n < 5; n += 1) await gateway.send({ to: ['anna@contoso.com'], subject: `scan ${n}` })
      const view = await gateway.upstreamIs('acs', 'throttled')
      assert.match(view.reason, /quota/)
      assert.ok((view.nextTryInMs ?? 0) > 0)
      await nothingBounced(gateway)
      for (let minutes = 0; minutes < 30 && azure.ledger.length < 5; minutes += 1) {
        await clock.jump(minute)
        await until('the lane is quiet', async () => (await gateway.upstream('acs')).inFlight === 0)
      }
      await azure.ledgerReaches(5)
      assert.equal(new Set(azure.ledger.map(({ subject }) => subject)).size, 5)
      await nothingBounced(gateway)
    }),
  )

  it(
    'expired secret: paused with the reason; a new secret in the document sets it free at once',
    { timeout: 40_000 },
    () =>
      onStage({}, async ({ azure, clock, ca, folder }) => {
        azure.settings.apps = [
          {
            tenant: exampleTenant,
            clientId: exampleClientId,
            secrets: [{ value: 'old~secret', expiresAt: 1000 }, { value: 'new~secret' }],
            certificates: [],
            role: 'contributor',
          },
        ]
        await using gateway = await GatewayInProcess.start(
          folder,
          base + acs(azure, ca, clientSecret('old~secret')),
          { clock },
        )
        const { id } = await gateway.send({ to: ['anna@contoso.com'] })
        const view = await gateway.upstreamIs('acs', 'paused')
        assert.match(view.reason, /secret.*expired|expired.*secret/i)
        assert.notEqual(view.remedy, '')
        assert.equal(
          (await gateway.operations.status()).alerts.some(({ key }) => key.startsWith('upstream-paused/acs')),
          true,
        )
        await clock.jump(3 * day)
        await nothingBounced(gateway)
        const applied = await gateway.operations.applySetup(
          base + acs(azure, ca, clientSecret('new~secret')),
          { check: false, who: 'test' },
        )
        assert.equal(applied.kind, 'applied')
        await azure.ledgerReaches(1)
        await gateway.messageIs(id, 'accepted', 'confirmed')
        await gateway.upstreamIs('acs', 'ready')
        await until('the alert is gone', async () =>
          (await gateway.operations.status()).alerts.every(
            ({ key }) => !key.startsWith('upstream-paused/acs'),
          ),
        )
      }),
  )

  it(
    'unlinked sender: that sender pauses, others go on; once linked it flows by itself',
    { timeout: 40_000 },
    () =>
      onStage({ linkedDomains: [] }, async ({ azure, clock, ca, folder }) => {
        await using gateway = await GatewayInProcess.start(folder, base + acs(azure, ca, accessKey(azure)), {
          clock,
        })
        const { id } = await gateway.send({ to: ['anna@contoso.com'] })
        const view = await gateway.upstreamIs('acs', 'paused')
        assert.match(view.reason, /scanner@contoso\.com/)
        assert.match(view.reason + view.remedy, /link/i)
        await nothingBounced(gateway)
        azure.settings.linkedDomains = ['contoso.com']
        for (let tries = 0; tries < 10 && azure.ledger.length === 0; tries += 1) {
          await clock.jump(10 * minute)
          await until('the lane is quiet', async () => (await gateway.upstream('acs')).inFlight === 0)
        }
        await gateway.messageIs(id, 'accepted', 'confirmed')
      }),
  )

  it('no printer waits for the cloud: a service that never answers delays no 250', { timeout: 40_000 }, () =>
    onStage({}, async ({ azure, clock, ca, folder }) => {
      await using gateway = await GatewayInProcess.start(folder, base + acs(azure, ca, accessKey(azure)), {
        clock,
      })
      azure.faults.push({ kind: 'stall', after: 'headers', count: 1000 })
      const ids: string[] = []
      for (let n = 0; n < 3; n += 1) {
        const { id, reply } = await gateway.send({ to: ['anna@contoso.com'], subject: `scan ${n}` })
        assert.match(reply, /^250 /)
        ids.push(id)
        await until('a send hangs', async () => (await gateway.upstream('acs')).inFlight > 0)
      }
      assert.equal(azure.ledger.length, 0)
      azure.faults.clear()
      await passTime(gateway, clock, 12, 10 * minute)
      for (const id of ids) await gateway.messageIs(id, 'accepted', 'confirmed')
      assert.equal(azure.ledger.length, 3)
    }),
  )

  it('an outage of an hour: paused as unreachable, then everything flows', { timeout: 40_000 }, () =>
    onStage({}, async ({ azure, clock, ca, folder }) => {
      await using gateway = await GatewayInProcess.start(folder, base + acs(azure, ca, accessKey(azure)), {
        clock,
      })
      await azure.setOutage('refuse')
      const ids: string[] = []
      for (let n = 0; n < 4; n += 1)
        ids.push((await gateway.send({ to: ['anna@contoso.com'], subject: `scan ${n}` })).id)
      await passTime(gateway, clock, 6, 10 * minute)
      assert.match((await gateway.upstreamIs('acs', 'paused')).reason, /answer|reach/i)
      await nothingBounced(gateway)
      await azure.setOutage('none')
      await passTime(gateway, clock, 8, 10 * minute)
      for (const id of ids) await gateway.messageIs(id, 'accepted', 'confirmed')
      assert.equal(azure.ledger.length, 4)
    }),
  )

  it(
    'a line that is dead for 14 days: nothing bounces, nothing expires, everything flows after',
    { timeout: 300_000 },
    () =>
      onStage({}, async ({ azure, clock, ca, folder }) => {
        await using gateway = await GatewayInProcess.start(folder, base + acs(azure, ca, accessKey(azure)), {
          clock,
        })
        await azure.setOutage('refuse')
        const ids: string[] = []
        for (let n = 0; n < 6; n += 1)
          ids.push((await gateway.send({ to: ['anna@contoso.com'], subject: `scan ${n}` })).id)
        await passTime(gateway, clock, 14 * 4, 6 * hour)
        await nothingBounced(gateway)
        assert.equal(
          (await gateway.operations.status()).alerts.some(({ key }) => key === 'mail-waits'),
          true,
        )
        await azure.setOutage('none')
        await passTime(gateway, clock, 12, 20 * minute)
        for (const id of ids) await gateway.messageIs(id, 'accepted', 'confirmed')
      }),
  )

  it('a rejected recipient bounces alone, with a report that Python reads', { timeout: 40_000 }, () =>
    onStage({}, async ({ smtp, clock, ca, folder }) => {
      smtp.script.add({
        on: 'RCPT',
        match: /nobody@/,
        action: { kind: 'reply', reply: '550 5.1.1 No such user here' },
      })
      await using gateway = await GatewayInProcess.start(folder, base + smarthost(smtp, ca), { clock })
      const { id } = await gateway.send({
        to: ['anna@contoso.com', 'nobody@contoso.com', 'bert@contoso.com'],
        subject: 'Prüfbericht',
      })
      await smtp.ledgerReaches(2)
      assert.deepEqual(await gateway.states(id), ['accepted', 'bounced', 'accepted'])
      const report = smtp.ledger[1]
      assert.deepEqual(
        report?.recipients.map(({ address }) => address),
        ['it@contoso.com'],
      )
      assert.equal(report?.mailFrom.address, '')
      const script = `
import email, sys, json
from email import policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
parts = list(m.iter_parts())
status = parts[1].get_payload()
print(json.dumps({'type': m.get_content_type(), 'report': m['content-type'].params.get('report-type'), 'auto': m['auto-submitted'],
  'defects': [str(d) for p in m.walk() for d in p.defects], 'recipient': status[1]['final-recipient'], 'action': status[1]['action'], 'status': status[1]['status'],
  'text': parts[0].get_content()[:400], 'about': parts[2].get_content_type()}))`
      const read = spawnSync('python3', ['-c', script], { input: report?.raw })
      assert.equal(read.status, 0, read.stderr.toString())
      const facts = JSON.parse(read.stdout.toString()) as Readonly<Record<string, unknown>>
      assert.deepEqual(
        { ...facts, text: undefined },
        {
          type: 'multipart/report',
          report: 'delivery-status',
          auto: 'auto-replied',
          defects: [],
          recipient: 'rfc822; nobody@contoso.com',
          action: 'failed',
          status: '5.1.1',
          text: undefined,
          about: 'text/rfc822-headers',
        },
      )
      assert.match(String(facts['text']), /nobody@contoso\.com[\s\S]*No such user here/)
    }),
  )

  it(
    'ACS paused: a device whose sender only ACS takes leaves by the smarthost under its sender',
    { timeout: 40_000 },
    () =>
      onStage({}, async ({ azure, smtp, clock, ca, folder }) => {
        azure.settings.apps = [
          {
            tenant: exampleTenant,
            clientId: exampleClientId,
            secrets: [{ value: 'old~secret', expiresAt: 1000 }],
            certificates: [],
            role: 'contributor',
          },
        ]
        const fallback = smarthost(
          smtp,
          ca,
          'senders = ["relay@fabrikam.example"]\nsender = "relay@fabrikam.example"',
        )
        await using gateway = await GatewayInProcess.start(
          folder,
          base + acs(azure, ca, clientSecret('old~secret')) + fallback,
          { clock },
        )
        const { id } = await gateway.send({ to: ['anna@contoso.com'] })
        await smtp.ledgerReaches(1)
        await gateway.messageIs(id, 'accepted')
        await gateway.upstreamIs('acs', 'paused')
        const [mail] = smtp.ledger
        assert.equal(mail?.mailFrom.address, 'relay@fabrikam.example')
        const content = mail?.raw.toString() ?? ''
        assert.match(content, /^From: .*relay@fabrikam\.example/m)
        assert.match(content, /^Reply-To: .*scanner@contoso\.com/m)
        assert.equal(azure.ledger.length, 0)
      }),
  )
})

/** Moves the clock in steps and lets what came due run to its end after each. */
async function passTime(
  gateway: GatewayInProcess,
  clock: RunningClock,
  steps: number,
  stepMs: number,
): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await clock.jump(stepMs)
    await until('nothing is under way', async () => {
      // A limit that is over meanwhile.
      await clock.jump(0)
      return (await gateway.operations.status()).upstreams.every(({ inFlight }) => inFlight === 0)
    })
  }
}
