import type { Command } from 'commander'
import { hour, minute } from '../core/time.ts'
import type { AuditChoice } from './audit.ts'
import type { CertificateChange } from './certificate-change.ts'
import { collect, readDuration, readId, readLimit, readWords } from './option-values.ts'
import type { Run } from './program.ts'
import type { ServeOptions } from './serve.ts'

/** The box itself: running it, its setup document, devices and aliases. */
export function addBoxCommands(program: Command, run: Run): void {
  program
    .command('serve')
    .description('runs the gateway')
    .option('--welcome', 'for a person: says what to type into a printer', false)
    .option('--stay', 'waits where the data directory can not be used, and says so', false)
    .action((options: ServeOptions) => run(async (call) => (await import('./serve.ts')).serve(call, options)))
  program
    .command('status')
    .description('listeners, ways out, queue, alerts on one screen')
    .action(() => run(async (call) => (await import('./status.ts')).status(call)))
  addDoctor(program, run)
  program
    .command('apply <FILE>')
    .description('makes a setup document (- is stdin) the truth')
    .option('--check', 'only says what it would do', false)
    .action((file: string, options: { readonly check: boolean }) =>
      run(async (call) => (await import('./apply.ts')).apply(call, file, options)),
    )
  program
    .command('export')
    .description('prints the setup document, secrets as "(kept)"')
    .action(() => run(async (call) => (await import('./export.ts')).exportSetup(call)))
  program
    .command('certificate <UPSTREAM>')
    .description('prints the certificate by which a service knows this box')
    .option('--csr', 'prints a request for an authority to sign instead', false)
    .option('--renew', 'makes the next one now; the box registers it by itself', false)
    .option('--replace-secret', 'makes one that takes the place of the client secret', false)
    .option('--cancel', 'gives the next one up', false)
    .action((name: string, options: CertificateChange) =>
      run(async (call) => (await import('./certificate-change.ts')).certificateOf(call, name, options)),
    )
  program
    .command('azure-script')
    .description('prints what to paste at Microsoft so that the ways out work')
    .option('--lost', 'prints what cuts this box off instead', false)
    .option('--upstream <name>', 'for this way out alone')
    .action((options: { readonly lost: boolean; readonly upstream?: string }) =>
      run(async (call) => (await import('./azure-script.ts')).azureScript(call, options)),
    )
  program
    .command('choose')
    .description('asks what you have and says which kinds of ways out fit')
    .option('--answers <list>', 'instead of asking: yes, no, … in the order of the questions', readWords)
    .action((options: { readonly answers?: readonly string[] }) =>
      run(async (call) => (await import('./choose.ts')).choose(call, options)),
    )
  program
    .command('audit')
    .description('who changed what')
    .option('--limit <n>', 'rows', readLimit, 50)
    .option('--before <id>', 'older than this entry', readId)
    .option('--who <text>', 'of this person')
    .option('--text <text>', 'with this in it')
    .option('--weakens', 'only what left something less protected', false)
    .option('--csv', 'for a spreadsheet, all of it, with before and after', false)
    .option('--verify', 'whether nothing was changed or cut off since', false)
    .option('--head <head>', 'verifies against a head that a log or backup has')
    .action((choice: AuditChoice) => run(async (call) => (await import('./audit.ts')).audit(call, choice)))
  addAlerts(program, run)
  addDevices(program.command('device').description('accounts of printers and scanners'), run)
  addTakeOver(program.command('takeover').description('lets unknown devices of a subnet in for a while'), run)
  addAliases(program.command('alias').description('short names that devices may send to'), run)
}

function addAlerts(program: Command, run: Run): void {
  const alert = program.command('alert').description('what people are told of')
  alert
    .command('list')
    .description('active ones, and those that ended in the last 30 days')
    .action(() => run(async (call) => (await import('./alert.ts')).listAlerts(call)))
  alert
    .command('test')
    .description('sends a test by mail, webhook and syslog; says what each answered')
    .option('--timeout <duration>', 'how long the mail is waited for', readDuration, 2 * minute)
    .action((options: { readonly timeout: number }) =>
      run(async (call) => (await import('./alert.ts')).testAlerts(call, options.timeout)),
    )
  program
    .command('calendar')
    .description('what ends and when: secrets, certificates, weak encryption, services')
    .action(() => run(async (call) => (await import('./calendar.ts')).showCalendar(call)))
}

interface DoctorOptions {
  readonly send?: string
  readonly upstream?: string
  readonly timeout: number
}

function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('runs every diagnosis and says what to do')
    .option('--send <address>', 'sends a real test mail there by every way out')
    .option('--upstream <name>', 'sends it by this way out alone')
    .option('--timeout <duration>', 'how long to wait for a test mail', readDuration, 2 * minute)
    .action(({ timeout: timeoutMs, ...options }: DoctorOptions) =>
      run(async (call) => (await import('./doctor.ts')).doctor(call, { ...options, timeoutMs })),
    )
}

interface DeviceOptions {
  readonly address: readonly string[]
  readonly sender?: string
  readonly owner?: string
  readonly allow: readonly string[]
  readonly strong: boolean
  readonly password: boolean
}

function addDevices(device: Command, run: Run): void {
  device
    .command('list')
    .description('all of them')
    .action(() => run(async (call) => (await import('./device.ts')).listDevices(call)))
  device
    .command('add <NAME>')
    .description('makes an account with a minted password')
    .option('--address <address>', 'the device has this address (or CIDR); repeatable', collect, [])
    .option('--sender <address>', 'what upstreams see as its sender')
    .option('--owner <address>', "who reads this device's bounces")
    .option('--allow <pattern>', 'may send to this address or *@domain only; repeatable', collect, [])
    .option('--strong', '16 letters and digits instead of digits', false)
    .option('--no-password', 'known by its addresses alone')
    .action((name: string, options: DeviceOptions) =>
      run(async (call) => (await import('./device.ts')).addDevice(call, wishOf(name, options))),
    )
  device
    .command('remove <NAME>')
    .description('its mail in the queue stays')
    .action((name: string) => run(async (call) => (await import('./device.ts')).removeDevice(call, name)))
  device
    .command('card <NAME>')
    .description('what to type at the panel')
    .action((name: string) => run(async (call) => (await import('./device.ts')).showDeviceCard(call, name)))
  device
    .command('rotate <NAME>')
    .description('a new password')
    .option('--strong', '16 letters and digits instead of digits', false)
    .action((name: string, options: { readonly strong: boolean }) =>
      run(async (call) => (await import('./device.ts')).rotateDevice(call, name, options.strong)),
    )
  addLearned(device, run)
  addDeviceChanges(device, run)
}

function addDeviceChanges(device: Command, run: Run): void {
  device
    .command('set <NAME> <KEYS...>')
    .description('changes settings: max_per_hour=400 owner=it@contoso.com; KEY= is the default')
    .action((name: string, keys: readonly string[]) =>
      run(async (call) => (await import('./device-changes.ts')).setDevice(call, name, keys)),
    )
  device
    .command('history <NAME>')
    .description('14 days: mail, and sessions that were refused')
    .action((name: string) =>
      run(async (call) => (await import('./device-changes.ts')).deviceHistory(call, name)),
    )
  device
    .command('replace <NAME>')
    .description('another printer takes its place; account and history stay')
    .action((name: string) =>
      run(async (call) => (await import('./device-changes.ts')).replaceDevice(call, name)),
    )
  device
    .command('print <NAME>')
    .description('sends its card to the printer itself, port 9100')
    .option('--address <address>', 'where it is')
    .action((name: string, options: { readonly address?: string }) =>
      run(async (call) => (await import('./device-changes.ts')).printCard(call, name, options.address)),
    )
}

function addLearned(device: Command, run: Run): void {
  device
    .command('show <NAME>')
    .description('what it was seen to need, and where it is')
    .action((name: string) => run(async (call) => (await import('./device-facts.ts')).showDevice(call, name)))
  device
    .command('find <NAME>')
    .description('looks for it in the network')
    .action((name: string) => run(async (call) => (await import('./device-facts.ts')).findDevice(call, name)))
  device
    .command('sightings')
    .description('unknown devices that knocked')
    .action(() => run(async (call) => (await import('./sightings.ts')).listSightings(call)))
  device
    .command('adopt <ADDRESS>')
    .description('makes a device of an unknown one; its held mail goes')
    .option('--name <name>', 'its name')
    .option('--mac', 'only with the hardware address it was seen with', false)
    .option('--no-password', 'known by its address alone, though it tried to sign in')
    .action((address: string, options: AdoptOptions) =>
      run(async (call) => (await import('./sightings.ts')).adoptDevice(call, adoptionOf(address, options))),
    )
}

interface AdoptOptions {
  readonly name?: string
  readonly mac: boolean
  readonly password: boolean
}

const adoptionOf = (address: string, options: AdoptOptions) => ({
  address,
  name: options.name,
  pinMac: options.mac,
  passwordless: !options.password,
})

function addTakeOver(takeOver: Command, run: Run): void {
  takeOver
    .command('open <SUBNET>')
    .description('their mail is taken and held until they are adopted')
    .option('--for <duration>', 'at most 2h', readDuration, 2 * hour)
    .action((subnet: string, options: { readonly for: number }) =>
      run(async (call) => (await import('./takeover.ts')).openTakeOver(call, subnet, options.for)),
    )
  takeOver
    .command('close')
    .description('ends it now; what is held waits on')
    .action(() => run(async (call) => (await import('./takeover.ts')).closeTakeOver(call)))
  takeOver
    .command('status')
    .description('what is open, and what is held')
    .action(() => run(async (call) => (await import('./takeover.ts')).takeOverStatus(call)))
}

const wishOf = (name: string, options: DeviceOptions) => ({
  name,
  addresses: options.address,
  sender: options.sender,
  owner: options.owner,
  allowedRecipients: options.allow,
  strong: options.strong,
  passwordless: !options.password,
})

function addAliases(alias: Command, run: Run): void {
  alias
    .command('list')
    .description('all of them')
    .action(() => run(async (call) => (await import('./alias.ts')).listAliases(call)))
  alias
    .command('add <NAME> <ADDRESS...>')
    .description('mail to NAME goes to these addresses')
    .action((name: string, to: readonly string[]) =>
      run(async (call) => (await import('./alias.ts')).addAlias(call, name, to)),
    )
  alias
    .command('remove <NAME>')
    .description('mail to NAME is refused again')
    .action((name: string) => run(async (call) => (await import('./alias.ts')).removeAlias(call, name)))
}
