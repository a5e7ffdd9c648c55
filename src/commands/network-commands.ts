import type { Command } from 'commander'
import { readTime } from './option-values.ts'
import type { Run } from './program.ts'

/** The network of the box, and its clock. */
export function addNetworkCommands(program: Command, run: Run): void {
  const network = program.command('network').description('the network of the box')
  network
    .command('show')
    .description('how it is, and what is on trial')
    .action(() => run(async (call) => (await import('./network.ts')).showNetwork(call)))
  network
    .command('try [KEYS...]')
    .description(
      'method=static address=192.168.7.5/24 gateway=192.168.7.1; ends after two minutes unless kept',
    )
    .option('--own', 'what the machine came with, in the place of [network]', false)
    .action((keys: readonly string[], options: { readonly own: boolean }) =>
      run(async (call) => (await import('./network.ts')).tryNetwork(call, keys, options.own)),
    )
  network
    .command('keep')
    .description('keeps what is on trial; over SSH, only through a new address')
    .action(() => run(async (call) => (await import('./network.ts')).keepNetwork(call)))
  network
    .command('undo')
    .description('goes back at once')
    .action(() => run(async (call) => (await import('./network.ts')).undoNetwork(call)))
  network
    .command('forget <ADDRESS>')
    .description('devices were told the present address: the one of before is let go')
    .action((address: string) =>
      run(async (call) => (await import('./network.ts')).forgetAddress(call, address)),
    )
  program
    .command('clock')
    .description('the clock of the box')
    .command('set <TIME>')
    .description('2026-11-29T08:00:00Z; where no time server is heard')
    .action((time: string) =>
      run(async (call) => (await import('./network.ts')).setClock(call, readTime(time))),
    )
}
