import { machineWorld } from './commands/machine-world.ts'
import { runCommandLine } from './commands/program.ts'

// `inkpost queue | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
// Nobody reads the log any more: a gateway goes on without.
process.stderr.on('error', () => {})

// Waits of a command keep no process alive by themselves (the clock's timers never do), the command does.
const alive = setInterval(() => {}, 2 ** 30)
const status = await runCommandLine(process.argv.slice(2), machineWorld())
clearInterval(alive)
// What was printed reaches its pipe first; threads that still end do not hold the process.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)))
