// The first line of what the image has to show: it boots, is claimed, takes a mail from the host's swaks and hands it to Azure's double.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import type { Checks } from '../../test/package/checks.ts'
import { addKernelWords, onBoot, onData, patience, writeCard } from './card.ts'
import { claimCode, consoleOf, operator } from './claimed-box.ts'
import { startConnectProxy } from './connect-proxy.ts'
import { readState } from './slot-state.ts'
import { outside, VirtualBox } from './virtual-box.ts'

const place = 'virt'
const folder = resolve('build/image-test/boot')
/** By name, as Azure is; the guest finds it by the proxy of the house. */
export const azureName = 'acs.contoso.test'
export const proxyPort = 3128

export const setupText = (azure: Azure): string => `schema = 1
[gateway]
name = "branch-07"
sender = "scanner@contoso.com"
proxy = "http://${outside}:${proxyPort}"
[[device]]
name = "Front desk scanner"
username = "scan1"
password = "12345678"
addresses = ["10.0.2.2"]
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://${azureName}:4443"
authority = "https://${azureName}:4443"
senders = ["scanner@contoso.com"]
ca_file = "/var/lib/inkpost/azure-ca.pem"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`

export async function boot(checks: Checks): Promise<readonly string[]> {
  const facts: string[] = []
  await using azure = await startAzure({
    senders: ['scanner@contoso.com'],
    linkedDomains: ['contoso.com'],
    certificateNames: [azureName],
  })
  using card = writeCard('boot')
  layAuthority(card.disk, azure.caPem)
  addKernelWords(card.disk, patience)
  await firstStart(card.disk, azure, checks, facts)
  await secondStart(card.disk, checks, facts)
  const state = (copy: 1 | 2) => readState(onBoot(card.disk, `inkpost-boot-${copy}.env`) ?? Buffer.alloc(0))
  const counted = { BOOT_ORDER: 'A B', BOOT_A_LEFT: '2', BOOT_B_LEFT: '3' }
  checks.equal(place, 'second copy of the slots’ state: what U-Boot counted at this start', state(2), counted)
  checks.equal(place, 'the first: a slot that came up has its tries back', state(1), {
    ...counted,
    BOOT_A_LEFT: '3',
  })
  return facts
}

/** A file that the setup names: nobody signs in to a box to put one there. */
export function layAuthority(disk: string, pem: string): void {
  mkdirSync(folder, { recursive: true })
  const file = resolve(folder, 'azure-ca.pem')
  writeFileSync(file, pem)
  const own = (path: string): readonly string[] => [`sif ${path} uid 870`, `sif ${path} gid 870`]
  onData(disk, ['mkdir /inkpost', 'sif /inkpost mode 040700', ...own('/inkpost')])
  onData(disk, [`write ${file} /inkpost/azure-ca.pem`, ...own('/inkpost/azure-ca.pem')])
}

const entrances = [25, 443]
const secondsSince = (started: number): number => Math.round((performance.now() - started) / 1000)

async function firstStart(disk: string, azure: Azure, checks: Checks, facts: string[]): Promise<void> {
  const started = performance.now()
  await using proxy = await startConnectProxy(azure.port)
  const exits = { [proxyPort]: proxy.port }
  await using box = await VirtualBox.start({ disk, log: resolve(folder, 'first.log'), entrances, exits })
  await box.says(/inkpost: slot A \(order A B, left A 2, B 3/)
  checks.note(place, 'U-Boot chooses slot A, and counts a try', true)
  const code = await claimCode(box)
  facts.push(`claim code on the serial console ${secondsSince(started)} s after power`)
  checks.note(place, 'the claim code is on its console', true)
  const visitor = await consoleOf(box)
  const claimed = await visitor.ask('POST', '/claim', { code, ...operator })
  checks.equal(place, 'the API claims it', claimed.status, 200)
  const applied = await visitor.send('POST', '/api/v1/setup', JSON.stringify({ text: setupText(azure) }))
  checks.equal(
    place,
    'a setup document is applied',
    [applied.status, applied.status === 200 ? '' : applied.body],
    [200, ''],
  )
  const said = await swaks(box.port(25))
  checks.match(place, 'swaks hands a mail in on port 25', said, /250 2\.0\.0 Ok/)
  await azure.ledgerReaches(1, AbortSignal.timeout(600_000))
  checks.equal(
    place,
    'and it arrives at Azure’s double',
    azure.ledger.map(({ subject }) => subject),
    ['from the card'],
  )
  facts.push(`${secondsSince(started)} s from power to the mail in Azure’s double`)
  const { body } = await visitor.send('GET', '/metrics')
  facts.push(`memory of the gateway: ${megabytes(body, 'inkpost_resident_memory_bytes')} MB`)
  const { memory, flash } = (await visitor.ask<Health>('GET', '/health')).value
  facts.push(
    `memory of the machine: ${inMegabytes(memory.available)} of ${inMegabytes(memory.total)} MB are free`,
  )
  facts.push(`written to the card since its first start: ${inMegabytes(flash.writtenSinceBoot)} MB`)
  checks.equal(place, 'no unit fails', failedUnits(box), [])
}

/** The plug was pulled: the card has grown, the box is the same one, and is claimed. */
async function secondStart(disk: string, checks: Checks, facts: string[]): Promise<void> {
  const started = performance.now()
  await using box = await VirtualBox.start({ disk, log: resolve(folder, 'second.log'), entrances })
  const visitor = await consoleOf(box)
  facts.push(`console ${secondsSince(started)} s after power at the second start`)
  const signed = await visitor.signIn(operator.name, operator.password)
  checks.equal(place, 'after the plug was pulled it knows its operator', signed.status, 200)
  checks.equal(place, 'second start: no unit fails', failedUnits(box), [])
  await box.unplug()
  const size = /Block count:\s+(\d+)/.exec(onData(disk, ['stats']))?.[1]
  checks.note(
    place,
    'the data partition has the whole card',
    Number(size) * 4096 > 2_300_000_000,
    `${size} blocks`,
  )
}

const failedUnits = (box: VirtualBox): readonly string[] =>
  box.lines.filter((line) => line.includes('FAILED'))

/** Of `GET /health`, what the report tells. */
interface Health {
  readonly memory: { readonly available: number; readonly total: number }
  readonly flash: { readonly writtenSinceBoot: number }
}

const inMegabytes = (octets: number): string => (octets / 1_000_000).toFixed(1)

function megabytes(metrics: string, name: string): string {
  const octets = new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]
  return octets === undefined ? 'not told' : inMegabytes(Number(octets))
}

/** What both said. */
function swaks(port: number): Promise<string> {
  const words = ['--server', '127.0.0.1', '--port', String(port), '--timeout', '300s']
  const account = ['--auth', 'LOGIN', '--auth-user', 'scan1', '--auth-password', '12345678', '-tls']
  const mail = [
    '--from',
    'scanner@contoso.com',
    '--to',
    'bert@contoso.com',
    '--header',
    'Subject: from the card',
  ]
  return new Promise((done, failed) => {
    const child = spawn('swaks', [...words, ...account, ...mail], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += String(part)))
    child.once('error', failed).once('close', () => done(said))
  })
}
