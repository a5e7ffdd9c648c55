// The machine service: what needs root on a box, for the gateway that has no rights (decision 29). systemd listens for it
// and starts it when somebody asks (inkpost-machine.socket); it ends when nobody has asked for a while.
import { machineDuties } from './duties.ts'
import { isNetworkErrand, runNetworkErrand } from './network-errands.ts'
import { networkWorld } from './network-world.ts'
import { machineServer } from './service.ts'
import { isUpdateErrand, runUpdateErrand } from './update-errands.ts'

/** systemd hands over its first socket as this descriptor (sd_listen_fds(3)). */
const firstPassedDescriptor = 3
const idleMs = 30_000

const log = (event: string, facts: Record<string, unknown>): void =>
  void process.stderr.write(`${JSON.stringify({ event, ...facts })}\n`)

const uptime = () => Number(process.hrtime.bigint() / 1_000_000n)
const world = networkWorld(uptime)

const [, , path] = process.argv
if (path !== undefined && isNetworkErrand(path)) {
  await runNetworkErrand(path, world)
  process.exit(0)
}

if (path !== undefined && isUpdateErrand(path)) {
  await runUpdateErrand(path)
  process.exit(0)
}

const endSoon = () => setTimeout(() => server.close(() => process.exit(0)), idleMs)
let idle: NodeJS.Timeout | undefined
const server = machineServer(machineDuties(world), {
  busy(count) {
    clearTimeout(idle)
    if (count === 0) idle = endSoon()
  },
  failed: (duty, error) => log('duty-failed', { duty, error: String(error) }),
})

server.on('listening', () => {
  idle = endSoon()
})

if (path !== undefined) server.listen(path)
else if (process.env['LISTEN_FDS'] === '1') server.listen({ fd: firstPassedDescriptor })
else {
  process.stderr.write('inkpost-machine: systemd passes its socket, or an argument names one\n')
  process.exit(2)
}
