import type { Command } from 'commander'
import type { Run } from './program.ts'
import { failed } from './verdict.ts'

const names = ['support-bundle']

/** Commands that are promised: the help names them, calling one says so. */
export function addLaterCommands(program: Command, run: Run): void {
  for (const name of names) {
    program
      .command(`${name} [args...]`)
      .description('not there yet')
      .helpGroup('Later:')
      .allowUnknownOption()
      .action(() => run(async () => failed(`${name} is not there yet`)))
  }
}
