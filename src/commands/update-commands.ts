import type { Command } from 'commander'
import type { Run } from './program.ts'

/** The version of a box with two slots, and the next one. */
export function addUpdateCommands(program: Command, run: Run): void {
  const update = program.command('update').description('the version of this box, and the next one')
  update
    .command('status')
    .description('what runs, what lies in the other slot, and how far an update is')
    .action(() => run(async (call) => (await import('./update.ts')).showUpdate(call)))
  update
    .command('check')
    .description('looks at update.url for a newer version')
    .action(() => run(async (call) => (await import('./update.ts')).checkUpdate(call)))
  update
    .command('install [FROM]')
    .description(
      'a bundle: a file, an https address, or stick:FILE of a USB stick; without any what update.url names, or what was verified. It waits for the window',
    )
    .option('--now', 'does not wait for the window', false)
    .action((from: string | undefined, options: { readonly now: boolean }) =>
      run(async (call) => (await import('./update.ts')).installUpdate(call, from, options.now)),
    )
  update
    .command('cancel')
    .description('gives up what is fetched or waits')
    .action(() => run(async (call) => (await import('./update.ts')).cancelUpdate(call)))
  update
    .command('rollback')
    .description('restarts with the version of before')
    .action(() => run(async (call) => (await import('./update.ts')).rollBack(call)))
}
