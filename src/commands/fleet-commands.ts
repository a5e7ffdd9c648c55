import type { Command } from 'commander'
import type { OfficeChoice, ReleaseChoice, SignChoice } from './fleet-office.ts'
import type { Run } from './program.ts'

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const serialOf = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0)

/** The box and its head office; and head office's own, which no box is needed for. */
export function addFleetCommands(program: Command, run: Run): void {
  const fleet = program.command('fleet').description('the box and its head office')
  fleet
    .command('status')
    .description('what of the setup is managed by head office, and how it stands')
    .action(() => run(async (call) => (await import('./fleet.ts')).fleetStatus(call)))
  fleet
    .command('pull')
    .description('looks at once for what head office publishes')
    .action(() => run(async (call) => (await import('./fleet.ts')).fleetPull(call)))
  fleet
    .command('identity')
    .description('the line by which head office seals secrets for this box and knows its word')
    .action(() => run(async (call) => (await import('./fleet.ts')).fleetIdentity(call)))
  fleet
    .command('boxes')
    .description('other boxes, the worst first: those of [[fleet.box]], or what was told to a receiver')
    .option('--folder <folder>', "head office's folder, with --statuses", '.')
    .option('--statuses <folder>', 'where the receiver keeps NAME.json')
    .action((choice: OfficeChoice) =>
      run(async (call) => (await import('./fleet.ts')).fleetBoxes(call, choice)),
    )
  addOfficeCommands(fleet, run)
}

function addOfficeCommands(fleet: Command, run: Run): void {
  fleet
    .command('keys <FILE>')
    .description("makes head office's key; encrypted where INKPOST_PASSPHRASE is set")
    .action((file: string) => run(async (call) => (await import('./fleet-office.ts')).fleetKeys(call, file)))
  fleet
    .command('sign <FOLDER>')
    .description('signs the folder as the next serial: files for a server')
    .requiredOption('--key <file>', 'of `fleet keys`; twice while a key gives way to the next', collected, [])
    .option('--out <folder>', 'what the server serves; FOLDER/published')
    .option('--serial <number>', 'instead of one more than the last', serialOf)
    .action((folder: string, choice: SignChoice) =>
      run(async (call) => (await import('./fleet-office.ts')).fleetSign(call, folder, choice)),
    )
  fleet
    .command('release <SERIAL>')
    .description('hands a serial to everybody, if every canary has been well with it for 24 hours')
    .requiredOption('--key <file>', 'as for `fleet sign`', collected, [])
    .requiredOption('--statuses <folder>', 'where the receiver keeps NAME.json')
    .option('--folder <folder>', "head office's folder", '.')
    .option('--out <folder>', 'as for `fleet sign`')
    .option('--anyway', 'though a canary tells alarms or paused ways out; the 24 hours stay', false)
    .action((serial: string, choice: ReleaseChoice) =>
      run(async (call) => (await import('./fleet-office.ts')).fleetRelease(call, serialOf(serial), choice)),
    )
  fleet
    .command('seal <BOX>')
    .description('reads a secret from stdin and prints what only that box can open')
    .option('--folder <folder>', "head office's folder", '.')
    .action((box: string, choice: { readonly folder: string }) =>
      run(async (call) => (await import('./fleet-office.ts')).fleetSeal(call, box, choice.folder)),
    )
}
