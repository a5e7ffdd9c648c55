import { consoleSite } from './console-site.ts'
import { httpServer, type Opening, openServer } from './http-server.ts'
import type { ConsolePorts } from './ports.ts'
import { Sessions } from './sessions.ts'

export interface ConsoleOptions {
  readonly address: string
  /** 0 takes any free one. */
  readonly port: number
  readonly ports: ConsolePorts
  readonly signal?: AbortSignal
}

/** The console on TCP, plain HTTP. Refused where the address can't be had; mail does not depend on it. */
export async function serveConsole({ address, port, ports, signal }: ConsoleOptions): Promise<Opening> {
  const sessions = new Sessions({ clock: ports.clock, store: ports.sessions, roleOf: ports.people.roleOf })
  const opening = await openServer(httpServer(consoleSite(ports, sessions)), { host: address, port }, signal)
  if (opening.kind === 'refused') {
    sessions[Symbol.dispose]()
    return opening
  }
  return {
    ...opening,
    [Symbol.asyncDispose]: async () => {
      await opening[Symbol.asyncDispose]()
      sessions[Symbol.dispose]()
    },
  }
}
