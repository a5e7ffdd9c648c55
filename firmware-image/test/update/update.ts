// Updates of one card, from its first start on: what is refused, what the power interrupts, what is kept, and what comes
// back by itself. Mail is taken before each of them, and leaves when all is over: each once.
import { resolve } from 'node:path'
import type { UpdateSheet } from '../../../src/core/update-operations.ts'
import { type Azure, startAzure } from '../../../test/emulator/azure.ts'
import type { Checks } from '../../../test/package/checks.ts'
import { SmtpClient } from '../../../test/smtp-client.ts'
import { azureName, layAuthority, proxyPort, setupText } from '../boot.ts'
import { addKernelWords, image, onBoot, patience, writeCard } from '../card.ts'
import { claimCode } from '../claimed-box.ts'
import { startConnectProxy } from '../connect-proxy.ts'
import { readState } from '../slot-state.ts'
import { type BoxOptions, VirtualBox } from '../virtual-box.ts'
import { startBundleServer } from './bundle-server.ts'
import { type Bundles, makeBundles } from './bundles.ts'
import { writeStick } from './stick.ts'
import { UpdateConsole } from './update-console.ts'

const place = 'update'
const folder = resolve('build/image-test/update')
const updatesName = 'updates.contoso.test'
const untrusted = 'the bundle is not signed by a key that this box trusts'
const damaged = 'the bundle was changed after it was signed, or is damaged'
const upstream = '/upstreams/acs'

interface Story {
  readonly checks: Checks
  readonly facts: string[]
  readonly bundles: Bundles
  readonly azure: Azure
  /** Subjects of the mail that was acknowledged, and what the box calls it. */
  readonly taken: Map<string, string>
}

export async function update(checks: Checks): Promise<readonly string[]> {
  const running = /inkpost-(.*)\.img$/.exec(image)?.[1] ?? ''
  const bundles = makeBundles(running, resolve(folder, 'bundles'))
  await using azure = await startAzure({
    senders: ['scanner@contoso.com'],
    linkedDomains: ['contoso.com'],
    certificateNames: [azureName],
  })
  const identity = await azure.certificateAuthority.issue({ names: [updatesName] })
  await using server = await startBundleServer(resolve(folder, 'bundles'), identity)
  await using proxy = await startConnectProxy((name) => (name === updatesName ? server.port : azure.port))
  using card = writeCard('update')
  layAuthority(card.disk, azure.caPem)
  addKernelWords(card.disk, patience)
  const story: Story = { checks, facts: [], bundles, azure, taken: new Map() }
  const stick = resolve(folder, 'stick.img')
  writeStick(stick, [bundles.foreign.file, bundles.newer.file, bundles.broken.file])
  const options: Omit<BoxOptions, 'log'> = {
    disk: card.disk,
    stick,
    entrances: [25, 443],
    exits: { [proxyPort]: proxy.port },
  }
  const start: Start = (log) => VirtualBox.start({ ...options, log: resolve(folder, log) })
  await refusedOnes(start, story)
  const before = readState(onBoot(card.disk, 'inkpost-boot-1.env') ?? Buffer.alloc(0))
  checks.equal(place, 'the power goes while it is written: the boot loader knows slot A alone', before, {
    BOOT_ORDER: 'A',
    BOOT_A_LEFT: '3',
    BOOT_B_LEFT: '0',
  })
  await goodOne(start, story)
  return story.facts
}

type Start = (log: string) => Promise<VirtualBox>

/** The first start: three that no box takes, by three ways, and one whose power is cut. */
async function refusedOnes(start: Start, story: Story): Promise<void> {
  const { checks, bundles, azure } = story
  await using box = await start('first.log')
  const desk = await UpdateConsole.open(box, await claimCode(box))
  const text = `${setupText(azure)}[update]\nca_file = "/var/lib/inkpost/azure-ca.pem"\n`
  await desk.order('/setup', { text })
  await desk.order(`${upstream}/pause`)
  await takeMail(box, story, 'before any update')
  checks.equal(
    place,
    'another key (from a USB stick): refused',
    await desk.fromStick('foreign.raucb'),
    untrusted,
  )
  const older = await desk.fromAddress(`https://${updatesName}/older.raucb`)
  checks.match(place, 'an older version (from an address): refused', older, /older than/)
  const changed = await desk.upload(bundles.changed.file)
  checks.equal(place, 'a changed payload (uploaded): its signature is good', changed, '')
  await desk.order('/update/install', { isNow: true })
  const { state } = await desk.comesTo(['failed', 'restart-due', 'on-trial'])
  checks.equal(
    place,
    'and it is refused while it is written',
    state.kind === 'failed' && state.sentence,
    damaged,
  )
  const newer = await desk.fromStick('newer.raucb')
  checks.equal(place, 'the new version (from a USB stick): verified', newer, '')
  await desk.order('/update/install', { isNow: true })
  const cut = await desk.until(
    ({ state, percent }) => state.kind !== 'waiting' && (state.kind !== 'installing' || Number(percent) > 0),
    'an installation',
  )
  checks.equal(place, 'it is being installed', cut.state.kind, 'installing')
  await takeMail(box, story, 'while it is written')
  story.facts.push(`the power was cut at ${cut.percent} % of an installation`)
  await box.unplug()
}

/** The power is back: it is written again by itself, kept, and the next one, which does not work, comes back by itself. */
async function goodOne(start: Start, story: Story): Promise<void> {
  await using box = await start('second.log')
  await secondTry(box, story)
  await brokenOne(box, story)
  await allMailLeaves(box, story)
}

async function secondTry(box: VirtualBox, story: Story): Promise<void> {
  const { checks, bundles, facts } = story
  await box.says(/inkpost: slot A \(order A, left A 2, B 0/)
  const desk = await UpdateConsole.open(box)
  const sheet = await desk.get<UpdateSheet>('/update')
  checks.equal(place, 'after the cut: the version of before runs', sheet.version, bundles.running)
  checks.equal(place, 'and the half that was written is none', slotsOf(sheet), 'A  runs, B ')
  await mailIsThere(desk, story, 'after the cut: all mail is there')
  await takeMail(box, story, 'before the new version')
  const began = performance.now()
  await box.says(/inkpost: slot B \(order B A, left A \d, B 2/, hourMs)
  facts.push(`from the console to the restart with the new version ${minutesSince(began)} min`)
  const kept = await desk.comesTo(['kept', 'rolled-back', 'failed'], hourMs)
  facts.push(`kept ${minutesSince(began)} min after that console`)
  checks.equal(
    place,
    'it is installed again by itself, started, and kept',
    [kept.state.kind, kept.version],
    ['kept', bundles.newer.version],
  )
  checks.equal(place, 'the slots tell so', slotsOf(kept), `A , B ${bundles.newer.version} runs`)
  await mailIsThere(desk, story, 'the new version: all mail is there')
  await takeMail(box, story, 'to the new version')
}

/** Its gateway never starts; nobody touches the box. */
async function brokenOne(box: VirtualBox, story: Story): Promise<void> {
  const { checks, bundles, facts } = story
  const desk = await UpdateConsole.open(box)
  const fetched = await desk.fromStick('broken.raucb')
  checks.equal(place, 'the broken version (from a USB stick): verified', fetched, '')
  await desk.order('/update/install', { isNow: true })
  const starts = (slot: string): number =>
    box.lines.filter((line) => line.startsWith(`inkpost: slot ${slot} (`)).length
  const [a, b] = [starts('A'), starts('B')]
  await box.holds(() => starts('A') > a, hourMs)
  const began = performance.now()
  await box.holds(() => starts('B') > b, hourMs)
  facts.push(`the broken version was left ${minutesSince(began)} min after it was started`)
  const back = await desk.comesTo(['rolled-back', 'kept', 'failed'], hourMs)
  checks.equal(
    place,
    'a gateway that does not start: the version of before runs again',
    [back.version, back.state.kind],
    [bundles.newer.version, 'rolled-back'],
  )
  checks.equal(place, 'it was started once, and once left', [starts('A') - a, starts('B') - b], [1, 1])
  const { active } = await desk.get<{ active: readonly { key: string; sentence: string }[] }>('/alerts')
  checks.match(
    place,
    'an alert tells it',
    active.map(({ sentence }) => sentence).join('\n'),
    new RegExp(`The update to ${bundles.broken.version} did not work: it started, and was not healthy`),
  )
  await mailIsThere(desk, story, 'after the way back: all mail is there')
  await takeMail(box, story, 'after the way back')
}

async function allMailLeaves(box: VirtualBox, { checks, azure, taken }: Story): Promise<void> {
  const desk = await UpdateConsole.open(box)
  checks.equal(place, 'until now nothing was sent', azure.ledger.length, 0)
  await desk.order(`${upstream}/resume`)
  await box.whileRunning(azure.ledgerReaches(taken.size, AbortSignal.timeout(hourMs)))
  const queue = async (): Promise<number> => (await desk.get<readonly unknown[]>('/queue')).length
  while ((await queue()) > 0) await box.whileRunning(new Promise((next) => setTimeout(next, 2000)))
  const arrived = azure.ledger.map(({ subject }) => subject).toSorted()
  checks.equal(
    place,
    `all ${taken.size} mails that were acknowledged arrive, each once`,
    arrived,
    [...taken.keys()].toSorted(),
  )
}

const hourMs = 3_600_000
const minutesSince = (began: number): number => Math.round((performance.now() - began) / 60_000)

function slotsOf({ machine }: UpdateSheet): string {
  if (machine.kind === 'none') return machine.reason
  return machine.view.slots
    .toSorted((one, other) => one.slot.localeCompare(other.slot))
    .map(({ slot, version, isBooted }) => `${slot} ${version}${isBooted ? ' runs' : ''}`)
    .join(', ')
}

/** Notes what the `250` calls it. */
async function takeMail(box: VirtualBox, { checks, taken }: Story, subject: string): Promise<void> {
  using client = await SmtpClient.connect(box.port(25))
  await client.command('EHLO printer')
  await client.signIn('scan1', '12345678')
  const from = 'scanner@contoso.com'
  const to = 'bert@contoso.com'
  const content = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nA page.\r\n`
  const reply = await box.whileRunning(client.send({ from, to: [to], content }))
  const [, id] = /^250 .*\bOk (\w+)/.exec(reply) ?? []
  checks.match(place, `a mail is taken: ${subject}`, reply, /^250 /)
  if (id !== undefined) taken.set(subject, id)
}

async function mailIsThere(desk: UpdateConsole, { checks, taken }: Story, name: string): Promise<void> {
  const waiting = await desk.get<readonly { readonly message: string | number }[]>('/queue')
  const ids = new Set(waiting.map(({ message }) => String(message)))
  checks.equal(
    place,
    name,
    [...taken].filter(([, id]) => !ids.has(id)).map(([subject]) => subject),
    [],
  )
}
