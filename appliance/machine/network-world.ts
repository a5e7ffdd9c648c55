import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Where things stand on a box; tests put them elsewhere. */
export interface NetworkWorld {
  /** Gone with every start of the machine: what systemd's services are told. */
  readonly run: string
  /** What is kept. */
  readonly state: string
  /** `/sys/class/net`. */
  readonly links: string
  /** A program of the system; rejects with what it said. */
  readonly call: (program: string, ...asked: readonly string[]) => Promise<string>
  /** Milliseconds since the machine started: no clock that is set makes a trial longer. */
  readonly uptime: () => number
}

const longestCallMs = 60_000
const execute = promisify(execFile)

export const networkWorld = (uptime: () => number): NetworkWorld => ({
  run: '/run',
  state: '/var/lib/inkpost-machine',
  links: '/sys/class/net',
  call: async (program, ...asked) => {
    const { stdout } = await execute(program, asked, { timeout: longestCallMs })
    return stdout
  },
  uptime,
})
