import { consoleSite } from './console-site.ts'
import { httpServer, type Opening, openServer } from './http-server.ts'
import type { ConsolePorts } from './ports.ts'

export interface ConsoleOptions {
  readonly address: string
  /** 0 takes any free one. */
  readonly port: number
  readonly ports: ConsolePorts
  readonly signal?: AbortSignal
}

/** The console on TCP, plain HTTP. Refused where the address can't be had; mail does not depend on it. */
export function serveConsole({ address, port, ports, signal }: ConsoleOptions): Promise<Opening> {
  return openServer(httpServer(consoleSite(ports)), { host: address, port }, signal)
}
