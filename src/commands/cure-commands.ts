import type { Command } from 'commander'
import { cureChoicesMs } from '../core/cure-operations.ts'
import { formatDuration } from '../core/time.ts'
import { readDuration } from './option-values.ts'
import type { Run } from './program.ts'

const choices = cureChoicesMs.map(formatDuration).join(', ')

interface CureCommandOptions {
  readonly for?: number
  readonly name?: string
  readonly undo: boolean
}

/** What a session's verdict proposes. */
export function addCureCommand(program: Command, run: Run): void {
  program
    .command('cure <SESSION>')
    .description("applies what the session's verdict proposes")
    .option('--for <duration>', `until it is put back, such as ${choices}`, readDuration)
    .option('--name <name>', 'of a device that it makes')
    .option('--undo', 'takes it back', false)
    .action((session: string, options: CureCommandOptions) =>
      run(async (call) => {
        const { cure, undoCure } = await import('./cure.ts')
        if (options.undo) return undoCure(call, session)
        return cure(call, session, {
          ...(options.for !== undefined && { forMs: options.for }),
          ...(options.name !== undefined && { name: options.name }),
        })
      }),
    )
}
