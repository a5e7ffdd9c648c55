import { type Command, Option } from 'commander'
import type { Run } from './program.ts'

/** People: the claim code, operators, and forgetting somebody. */
export function addPeopleCommands(program: Command, run: Run): void {
  program
    .command('claim')
    .description("the console's claim code")
    .action(() => run(async (call) => (await import('./operator.ts')).claim(call)))
  addOperators(
    program
      .command('operator')
      .description('people who may sign in (password: stdin, INKPOST_PASSWORD or asked)'),
    run,
  )
  program
    .command('forget <ADDRESS>')
    .description('erases an address from the history')
    .action((address: string) => run(async (call) => (await import('./audit.ts')).forget(call, address)))
}

function addOperators(operator: Command, run: Run): void {
  operator
    .command('list')
    .description('all of them')
    .action(() => run(async (call) => (await import('./operator.ts')).listOperators(call)))
  operator
    .command('add <NAME>')
    .description('lets a person sign in')
    .addOption(
      new Option('--role <role>', 'what they may do')
        .choices(['administrator', 'technician', 'viewer'])
        .default('technician'),
    )
    .action((name: string, options: { readonly role: string }) =>
      run(async (call) => (await import('./operator.ts')).addOperator(call, name, options.role)),
    )
  operator
    .command('password <NAME>')
    .description('sets a new password')
    .action((name: string) =>
      run(async (call) => (await import('./operator.ts')).setOperatorPassword(call, name)),
    )
  operator
    .command('remove <NAME>')
    .description('lets them sign in no more')
    .action((name: string) => run(async (call) => (await import('./operator.ts')).removeOperator(call, name)))
}
