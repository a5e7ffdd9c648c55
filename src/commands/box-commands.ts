import type { Command } from 'commander'
import { hour } from '../core/time.ts'
import type { CertificateChange } from './certificate-change.ts'
import { collect, readDuration, readLimit } from './option-values.ts'
import type { Run } from './program.ts'

/** The box itself: running it, its setup document, devices and aliases. */
export function addBoxCommands(program: Command, run: Run): void {
  program
    .command('serve')
    .description('runs the gateway')
    .option('--welcome', 'for a person: says what to type into a printer', false)
    .action((options: { readonly welcome: boolean }) =>
      run(async (call) => (await import('./serve.ts')).serve(call, options)),
    )
  program
    .command('status')
    .description('listeners, ways out, queue, alerts on one screen')
    .action(() => run(async (call) => (await import('./status.ts')).status(call)))
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
    .option('--renew', 'makes the next one now; the box registers it by itself', false)
    .option('--replace-secret', 'makes one that takes the place of the client secret', false)
    .option('--cancel', 'gives the next one up', false)
    .action((name: string, options: CertificateChange) =>
      run(async (call) => (await import('./certificate-change.ts')).certificateOf(call, name, options)),
    )
  program
    .command('audit')
    .description('who changed what')
    .option('--limit <n>', 'rows', readLimit, 50)
    .action((options: { readonly limit: number }) =>
      run(async (call) => (await import('./audit.ts')).audit(call, options)),
    )
  addDevices(program.command('device').description('accounts of printers and scanners'), run)
  addTakeOver(program.command('takeover').description('lets unknown devices of a subnet in for a while'), run)
  addAliases(program.command('alias').description('short names that devices may send to'), run)
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
