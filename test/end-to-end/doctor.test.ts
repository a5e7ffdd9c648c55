// `inkpost doctor` as a process, with a running gateway and without one, with services that answer and in a network
// without a way out.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import type { Diagnosis, Finding } from '../../src/core/diagnosis.ts'
import { wallMs } from '../../src/core/time.ts'
import { startDns, type Zone } from '../../src/health/doctor/dns-server.fixture.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { DnsNames } from '../../src/platform/name-service.ts'
import { startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { type Finished, GatewayProcess, temporaryFolder, testListeners } from '../gateway-process.ts'

const launcher = resolve(import.meta.dirname, '../../inkpost')

/** A command to its end, while servers in this process go on. */
async function command(name: string, ...line: readonly string[]): Promise<Finished> {
  const environment = { ...process.env }
  delete environment['NODE_OPTIONS']
  const child = spawn(name, line, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const read = { stdout: '', stderr: '' }
  child.stdout.on('data', (piece) => (read.stdout += piece))
  child.stderr.on('data', (piece) => (read.stderr += piece))
  const [code] = await once(child, 'close')
  return { code, ...read }
}

const doctor = (data: string, ...line: readonly string[]): Promise<Finished> =>
  command(launcher, 'doctor', '--data', data, ...line)

const base = `schema = 1
[gateway]
name = "branch-07"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@box.local"
`

function relaySetup(folder: string, relay: SmtpUpstream): string {
  writeFileSync(join(folder, 'ca.pem'), relay.caPem)
  return `${base}
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = ${relay.port}
ca_file = "${join(folder, 'ca.pem')}"
`
}

const withId = (findings: readonly Finding[], id: string): Finding => {
  const found = findings.find((finding) => finding.id === id)
  assert.ok(found, `${id} in ${findings.map((finding) => finding.id).join(' ')}`)
  return found
}

describe('doctor beside a running gateway', () => {
  it('finds nothing to do where all is well, and its test mail arrives', async () => {
    using folder = temporaryFolder()
    await using relay = await startSmtpUpstream()
    const data = join(folder.path, 'data')
    await using gateway = await GatewayProcess.start(data, { setup: relaySetup(folder.path, relay) })
    const well = await doctor(gateway.data)
    assert.deepEqual([well.code, well.stderr], [0, ''], well.stdout)
    assert.match(well.stdout, /ok +relay lets us in\./)
    assert.equal(relay.ledger.length, 0)

    const sent = await doctor(gateway.data, '--send', 'anna@contoso.com')
    assert.equal(sent.code, 0, sent.stdout)
    assert.match(sent.stdout, /ok +relay took a test mail to anna@contoso\.com/)
    const [mail] = relay.ledger
    assert.deepEqual(
      [mail?.mailFrom.address, mail?.recipients.map(({ address }) => address)],
      ['scanner@box.local', ['anna@contoso.com']],
    )

    const reply = '550 5.7.60 SMTP; Client does not have permissions to send as this sender'
    relay.script.add({ on: 'MAIL', action: { kind: 'reply', reply } })
    const refused = await doctor(gateway.data, '--send', 'anna@contoso.com', '--timeout', '1s')
    assert.equal(refused.code, 1, refused.stdout)
    assert.match(refused.stdout, /^trouble +relay did not take the test mail .*\n/)
    assert.doesNotMatch(refused.stdout + refused.stderr, /\bat .*\.[jt]s:\d/)
  })

  it('names who answers in the place of a service', async () => {
    using folder = temporaryFolder()
    await using relay = await startSmtpUpstream({ certificateNames: ['firewall.example'] })
    const data = join(folder.path, 'data')
    await using gateway = await GatewayProcess.start(data, { setup: relaySetup(folder.path, relay) })
    const { code, stdout, stderr } = await doctor(gateway.data)
    assert.deepEqual([code, stderr], [1, 'inkpost: 1 thing needs doing\n'], stdout)
    assert.match(
      stdout,
      /^trouble +127\.0\.0\.1:\d+ shows a certificate for firewall\.example, issued by test\s+authority/,
    )
    assert.match(stdout, /\n +→ .*exempt it/s)
    assert.match(stdout, /not checked .*sign-in\/relay/)
  })

  it('reads token, role and the records of sender domains', async () => {
    using folder = temporaryFolder()
    const certificateAuthority = await createCertificateAuthority()
    await using azure = await startAzure({ certificateAuthority })
    const selector = (number: number): string => `selector${number}-azurecomm-prod-net._domainkey`
    const zone: Zone = {
      'TXT contoso.com': ['v=spf1 include:spf.protection.outlook.com -all'],
      'TXT spf.protection.outlook.com': ['v=spf1 ip4:40.92.0.0/15 -all'],
      [`CNAME ${selector(1)}.contoso.com`]: [`${selector(1)}.azurecomm.net`],
      'TXT _dmarc.contoso.com': ['v=DMARC1; p=reject'],
    }
    await using dns = await startDns(zone)
    const setup = `${base.replace('box.local', 'contoso.com')}
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
ca_file = "${await azure.writeCa(folder.path)}"
[upstream.credential]
kind = "client-secret"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
secret = "${exampleSecret}"
expires = "2999-01-01"
`
    await using gateway = await GatewayInProcess.start(folder.path, setup, {
      clock: systemClock(wallMs(0)),
      names: new DnsNames({ servers: [dns.server] }),
    })
    const { findings } = await gateway.operations.doctor()
    const state = (id: string): string => withId(findings, id).state
    assert.equal(state('sign-in/acs'), 'ok')
    assert.match(withId(findings, 'sign-in/acs').sentence, /with the right to send/)
    assert.match(withId(findings, 'sign-in/acs').evidence.join(), /token for .*communication\.azure\.com/)
    assert.deepEqual(
      ['clock', 'dns', 'spf/contoso.com', 'dkim/contoso.com', 'dmarc/contoso.com', 'expires/acs'].map(state),
      ['ok', 'ok', 'ok', 'attention', 'ok', 'ok'],
    )
    assert.match(withId(findings, 'dkim/contoso.com').remedy, /selector2-azurecomm-prod-net/)
    assert.deepEqual(azure.ledger, [])

    azure.settings.now = () => Date.now() + 3_600_000
    const [app] = azure.settings.apps
    assert.ok(app)
    app.role = 'none'
    const sick = (await gateway.operations.doctor()).findings
    assert.match(withId(sick, 'clock').sentence, /1 hours|60 minutes/)
    assert.match(withId(sick, 'sign-in/acs').remedy, /Communication and Email Service Owner/)
  })

  it('ends in under 20 s with a DNS that stays silent, and says so first', { timeout: 20_000 }, async () => {
    using folder = temporaryFolder()
    await using dns = await startDns({}, 'silent')
    await using gateway = await GatewayInProcess.start(folder.path, microsoftSetup, {
      clock: systemClock(wallMs(0)),
      names: new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' }),
    })
    const { findings } = await gateway.operations.doctor()
    const wrong = findings.filter(({ state }) => state === 'trouble')
    assert.equal(wrong.find(({ area }) => area !== 'box')?.id, 'dns')
  })
})

const microsoftSetup = `${base.replace('box.local', 'contoso.com')}
[[upstream]]
name = "exchange"
kind = "exchange-smtp"
username = "scan@contoso.com"
[upstream.credential]
kind = "client-secret"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
secret = "${exampleSecret}"
[[upstream]]
name = "direct"
kind = "exchange-direct"
host = "contoso-com.mail.protection.outlook.com"
accepted_domains = ["contoso.com"]
[[upstream]]
name = "one"
kind = "smarthost"
host = "192.0.2.1"
[[upstream]]
name = "two"
kind = "smarthost"
host = "192.0.2.2"
port = 25
`

describe('doctor without a gateway', () => {
  it('asks everything else, and says that none runs', async () => {
    using folder = temporaryFolder()
    await using relay = await startSmtpUpstream()
    const data = join(folder.path, 'data')
    const file = join(folder.path, 'setup.toml')
    writeFileSync(file, relaySetup(folder.path, relay))
    assert.equal((await command(launcher, 'apply', file, '--data', data)).code, 0)
    const { code, stdout } = await doctor(data, '--json')
    assert.equal(code, 1)
    const { findings, needsDoing }: Diagnosis = JSON.parse(stdout)
    assert.equal(needsDoing, true)
    assert.deepEqual([findings[0]?.id, findings[0]?.state], ['gateway', 'attention'])
    assert.equal(withId(findings, 'sign-in/relay').state, 'ok')
    const unsent = await doctor(data, '--send', 'anna@contoso.com', '--upstream', 'relay')
    assert.match(unsent.stdout, /No test mail was sent: the gateway is not running/)
  })
})

/** A network of its own: nothing but the machine itself. */
const alone = 'ip link set lo up'
/** One whose every packet outwards vanishes, as behind a firewall that drops. */
const swallowed = [
  alone,
  'ip link add out type veth peer name nowhere',
  'ip link set out arp off',
  'ip addr add 10.9.9.2/24 dev out',
  'ip link set out up',
  'ip link set nowhere up',
  'ip route add default via 10.9.9.1',
].join(' && ')

const hasNetworks = spawnSync('unshare', ['-n', 'sh', '-c', swallowed]).status === 0
const needed = hasNetworks ? {} : { skip: 'needs root: unshare -n' }

describe('doctor without internet', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['in no network at all', alone, /^trouble +The box is in no network/],
    ['behind a firewall that drops everything', swallowed, /^trouble +The DNS server .* does not answer/],
  ]
  for (const [name, network, first] of cases) {
    it(`${name} says so first, in under 20 s, without a stack trace`, {
      timeout: 20_000,
      ...needed,
    }, async () => {
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      const file = join(folder.path, 'setup.toml')
      writeFileSync(file, microsoftSetup)
      assert.equal((await command(launcher, 'apply', file, '--data', data)).code, 0)
      const script = `${network} && exec "${launcher}" doctor --data "${data}"`
      const { code, stdout, stderr } = await command('unshare', '-n', 'sh', '-c', script)
      assert.equal(code, 1, stderr)
      assert.match(stdout, first)
      assert.match(stderr, /^inkpost: \d+ things need doing\n$/)
      assert.doesNotMatch(stdout + stderr, /\n\s+at |Error:/)
    })
  }

  it('has one line for ways out that are all swallowed', { timeout: 20_000, ...needed }, async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    const file = join(folder.path, 'setup.toml')
    writeFileSync(
      file,
      `${base}${microsoftSetup.slice(microsoftSetup.indexOf('[[upstream]]\nname = "one"'))}`,
    )
    assert.equal((await command(launcher, 'apply', file, '--data', data)).code, 0)
    const script = `${swallowed} && exec "${launcher}" doctor --data "${data}"`
    const { stdout } = await command('unshare', '-n', 'sh', '-c', script)
    assert.match(stdout, /^trouble +Nothing outside answers, on no port/)
    assert.equal(stdout.match(/does not answer/g), null)
  })
})
