import { type Command, Option } from 'commander'
import { readDays } from './option-values.ts'
import type { Run } from './program.ts'

/** People: the claim code, operators, and forgetting somebody. */
export function addPeopleCommands(program: Command, run: Run): void {
  program
    .command('claim')
    .description("the console's claim code")
    .option('--reset', 'first ends every operator, second factor, session and token')
    .action(({ reset }: { readonly reset?: true }) =>
      run(async (call) => {
        const commands = await import('./operator.ts')
        return reset ? commands.resetBox(call) : commands.claim(call)
      }),
    )
  program
    .command('decommission')
    .description('destroys the keys and the data of this box; says what is left elsewhere')
    .option('--name <name>', "the box's, instead of asking: yes, this one")
    .action(({ name }: { readonly name?: string }) =>
      run(async (call) => (await import('./decommission.ts')).decommission(call, name)),
    )
  addOperators(
    program
      .command('operator')
      .description('people who may sign in (password: stdin, INKPOST_PASSWORD or asked)'),
    run,
  )
  addTokens(program.command('token').description('keys with which scripts use the API'), run)
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
    .description('sets a new password, or takes the second factor away')
    .addOption(
      new Option('--second-factor <off>', 'takes it away and leaves the password, for a lost phone').choices([
        'off',
      ]),
    )
    .action((name: string, { secondFactor }: { readonly secondFactor?: string }) =>
      run(async (call) => {
        const commands = await import('./operator.ts')
        if (secondFactor === 'off') return commands.removeSecondFactor(call, name)
        return commands.setOperatorPassword(call, name)
      }),
    )
  operator
    .command('remove <NAME>')
    .description('lets them sign in no more')
    .action((name: string) => run(async (call) => (await import('./operator.ts')).removeOperator(call, name)))
}

function addTokens(token: Command, run: Run): void {
  token
    .command('list')
    .description('all of them')
    .action(() => run(async (call) => (await import('./token.ts')).listTokens(call)))
  token
    .command('add <NAME>')
    .description('makes one and prints it, this once')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['administrator', 'technician', 'viewer'])
        .default('viewer'),
    )
    .option('--days <N>', 'until it ends', readDays, 365)
    .action((name: string, options: { readonly role: string; readonly days: number }) =>
      run(async (call) => (await import('./token.ts')).addToken(call, { name, ...options })),
    )
  token
    .command('remove <ID>')
    .description('it holds no more')
    .action((id: string) => run(async (call) => (await import('./token.ts')).removeToken(call, id)))
}
