import { consoleSite } from './console-site.ts'
import type { Entrance } from './entrance.ts'
import { httpServer, type Opening, openServer } from './http-server.ts'

export interface ConsoleOptions {
  readonly address: string
  /** 0 takes any free one. */
  readonly port: number
  readonly entrance: Entrance
  readonly signal?: AbortSignal
}

/** The console on TCP. Refused where the address can't be had; mail does not depend on it. */
export function serveConsole({ address, port, entrance, signal }: ConsoleOptions): Promise<Opening> {
  return openServer(httpServer(consoleSite(entrance)), { host: address, port }, signal)
}
