import type { Readable } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import type { Machine } from '../platform/machine.ts'
import type { GatewayModule } from './gateway-module.ts'

/** Where text goes. */
export interface Screen {
  /** Resolves when more may be written. */
  write(octets: string | Uint8Array): Promise<void>
  readonly isTerminal: boolean
}

/** Everything outside the program that a command may touch. */
export interface World {
  readonly out: Screen
  readonly err: Screen
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** For the audit: `anna at the command line`. */
  readonly who: string
  /** Calls back for SIGTERM and SIGINT; the result stops listening. */
  onStopSignal(callback: (name: string) => void): () => void
  /** Calls back when the process ends, whatever ends it: the last moment for what is synchronous. */
  onExit(callback: () => void): void
  /** Ends the process at once. */
  exit(status: number): void
  /** What the machine is made of: a command runs on the same one as the gateway, which need not load it. */
  machine(): Promise<Machine>
  loadGateway(): Promise<GatewayModule>
}
