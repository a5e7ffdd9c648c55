import { Command, CommanderError } from 'commander'
import { build } from '../platform/build.ts'
import { addBackupCommands } from './backup-commands.ts'
import { addBoxCommands } from './box-commands.ts'
import type { Call } from './call.ts'
import { ControlTrouble } from './control-request.ts'
import { addCureCommand } from './cure-commands.ts'
import { packagedData } from './first-setup.ts'
import { addFleetCommands } from './fleet-commands.ts'
import { addLookBackCommands } from './look-back-commands.ts'
import { addNetworkCommands } from './network-commands.ts'
import { addPeopleCommands } from './people-commands.ts'
import { addQueueCommands } from './queue-commands.ts'
import { addUpdateCommands } from './update-commands.ts'
import { done, exitStatus, failed, type Verdict } from './verdict.ts'
import type { World } from './world.ts'

/** Turns a command's work into what commander calls once the arguments are parsed. */
export type Run = (work: (call: Call) => Promise<Verdict>) => Promise<void>

/** Reads the arguments (without node and script), runs the command, prints why it failed; resolves to the exit status. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  let verdict: Verdict = done
  const program = commandLine(world)
  const run: Run = async (work) => {
    verdict = await work(callOf(program, world))
  }
  for (const add of [
    addBoxCommands,
    addQueueCommands,
    addPeopleCommands,
    addCureCommand,
    addLookBackCommands,
    addBackupCommands,
    addNetworkCommands,
    addUpdateCommands,
    addFleetCommands,
  ])
    add(program, run)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    verdict = failed(sentenceOf(error))
  }
  await explain(verdict, world)
  return exitStatus[verdict.kind]
}

function commandLine(world: World): Command {
  return new Command('inkpost')
    .description('Mail gateway at the edge: takes mail from printers and scanners, hands it to the cloud.')
    .version(`inkpost ${build.version}`, '--version', 'prints the version')
    .helpOption('-h, --help', 'prints this')
    .helpCommand('help [COMMAND]', 'explains a command')
    .option('--data <dir>', 'the data directory (or INKPOST_DATA)', packagedDataDir(world))
    .option('--json', 'prints data as JSON', false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'inkpost: ')),
    })
    .exitOverride()
}

const packagedDataDir = ({ environment }: World): string => environment['INKPOST_DATA'] || packagedData

function callOf(program: Command, world: World): Call {
  const options = program.opts<{ readonly data: string; readonly json: boolean }>()
  return { world, dataDir: options.data, json: options.json }
}

/** A gateway that went away is news, anything else that is thrown is our own fault and shows its place. */
function sentenceOf(error: unknown): string {
  if (error instanceof ControlTrouble) return error.message
  return error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
}

async function explain(verdict: Verdict, { err }: World): Promise<void> {
  if (verdict.kind === 'done' || verdict.kind === 'decommissioned') return
  const details = verdict.kind === 'wrong' ? (verdict.details ?? []) : []
  await err.write([`inkpost: ${verdict.reason}`, ...details].map((line) => `${line}\n`).join(''))
}
