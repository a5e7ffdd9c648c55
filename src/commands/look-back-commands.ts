import { Argument, type Command, InvalidArgumentError } from 'commander'
import { type ReportKind, reportKinds } from '../core/operations.ts'
import type { Run } from './program.ts'

/** Looking back at what was sent: what another way out would have made of it, and texts for other people. */
export function addLookBackCommands(program: Command, run: Run): void {
  program
    .command('rehearse <UPSTREAM>')
    .description('what this way out would have refused of the last 30 days; sends nothing')
    .action((name: string) => run(async (call) => (await import('./rehearse.ts')).rehearse(call, name)))
  program
    .command('support-bundle <FILE>')
    .description('what somebody else needs to understand this box (- is stdout): no secret, no mail')
    .action((file: string) =>
      run(async (call) => (await import('./support-bundle.ts')).supportBundle(call, file)),
    )
  program
    .command('report')
    .description(
      'a text for other people: what to open in the firewall, the ticket for a higher quota, a month',
    )
    .addArgument(new Argument('<KIND>', reportKinds.join(', ')).choices(reportKinds))
    .option('--month <month>', 'of `month`: as 2026-11; else the present one', readMonth)
    .option('--upstream <name>', 'of `quota`: the way out; else the first of Azure')
    .action((kind: ReportKind, options: { readonly month?: string; readonly upstream?: string }) =>
      run(async (call) =>
        (await import('./report.ts')).report(call, kind, {
          month: options.month,
          upstream: options.upstream,
        }),
      ),
    )
}

function readMonth(text: string): string {
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(text)) return text
  throw new InvalidArgumentError('A month looks like 2026-11.')
}
