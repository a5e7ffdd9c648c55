import { type Command, Option } from 'commander'
import { minute } from '../core/time.ts'
import { readDuration, readLimit } from './option-values.ts'
import type { Run } from './program.ts'
import type { SearchOptions } from './search.ts'

interface ListOptions {
  readonly all: boolean
  readonly limit: number
}

/** Mail: the queue, its messages, what may be done to them, and the sessions they came in. */
export function addQueueCommands(program: Command, run: Run): void {
  program
    .command('queue')
    .description('mail that waits, with the reason')
    .option('--all', 'finished mail too', false)
    .option('--limit <n>', 'rows', readLimit, 50)
    .action((options: ListOptions) => run(async (call) => (await import('./queue.ts')).queue(call, options)))
  program
    .command('search [WORDS...]')
    .description('mail of queue and history, or the sessions of a verdict such as T2')
    .option('--open', 'only mail that is not finished', false)
    .option('--device <name>', 'only of this device')
    .option('--limit <n>', 'rows, at most 200', readLimit, 50)
    .option('--after <cursor>', 'goes on behind an earlier page')
    .action((words: readonly string[], options: SearchOptions) =>
      run(async (call) => (await import('./search.ts')).search(call, words, options)),
    )
  program
    .command('message <ID>')
    .description('what happened to a message')
    .option('--content', 'prints its octets instead', false)
    .action((id: string, options: { readonly content: boolean }) =>
      run(async (call) => (await import('./message.ts')).message(call, id, options)),
    )
  addActions(program, run)
  addSessions(program, run)
  program
    .command('send-test')
    .description('sends a real test message the whole way and waits for the outcome')
    .requiredOption('--device <name>', 'the device that sends it')
    .requiredOption('--to <address>', 'who gets it')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait')
        .argParser(readDuration)
        .default(2 * minute, '2m'),
    )
    .action((options: { readonly device: string; readonly to: string; readonly timeout: number }) =>
      run(async (call) => {
        const wish = { device: options.device, to: options.to, timeoutMs: options.timeout }
        return (await import('./send-test.ts')).sendTest(call, wish)
      }),
    )
}

function addActions(program: Command, run: Run): void {
  program
    .command('retry [ID]')
    .description('makes a message (7) or one recipient of it (7/3) due now; lifts no pause')
    .option('--all', 'everything that waits', false)
    .action((id: string | undefined, options: { readonly all: boolean }) =>
      run(async (call) => (await import('./queue-actions.ts')).actOnQueue(call, 'retry', id, options.all)),
    )
  for (const [action, description] of [
    ['hold', 'keeps a message from going out until it is released'],
    ['release', 'lets a held message go on'],
  ] as const) {
    program
      .command(`${action} <ID>`)
      .description(description)
      .action((id: string) =>
        run(async (call) => (await import('./queue-actions.ts')).actOnQueue(call, action, id, false)),
      )
  }
  program
    .command('drop <ID>')
    .description('gives a message up; sends no report')
    .action((id: string) => run(async (call) => (await import('./queue-actions.ts')).dropMail(call, id)))
  program
    .command('undrop <ID>')
    .description('brings back what was dropped in the last 2 minutes')
    .action((id: string) => run(async (call) => (await import('./queue-actions.ts')).undropMail(call, id)))
  for (const [action, description] of [
    ['pause', 'lets no mail out by this way until it is resumed'],
    ['resume', 'lifts a pause of a way out'],
  ] as const) {
    program
      .command(`${action} <UPSTREAM>`)
      .description(description)
      .action((name: string) =>
        run(async (call) => (await import('./queue-actions.ts')).pauseOrResume(call, action, name)),
      )
  }
}

function addSessions(program: Command, run: Run): void {
  program
    .command('sessions')
    .description('recent SMTP sessions')
    .option('--limit <n>', 'rows', readLimit, 30)
    .action((options: ListOptions) =>
      run(async (call) => (await import('./sessions.ts')).sessions(call, options)),
    )
  program
    .command('session <ID>')
    .description('one session with what was said')
    .action((id: string) => run(async (call) => (await import('./sessions.ts')).session(call, id)))
}
