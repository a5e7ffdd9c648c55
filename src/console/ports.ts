import type { Log } from '../core/log.ts'
import type { StatusView, Vitals } from '../core/operations.ts'

/** What the console's TCP side needs from the rest of the house. Addresses are the socket's, as Node spells them. */
export interface ConsolePorts {
  readonly vitals: Vitals
  readonly log: Log
  /** The certificate of an authority of the box in PEM; undefined where this setup uses none of that kind. */
  authority(digest: 'sha256' | 'sha1'): Promise<string | undefined>
  about(): Promise<Pick<StatusView, 'name' | 'version' | 'listeners'>>
  /** Whether the address may read `/healthz`, `/readyz` and `/metrics`. */
  isTrusted(address: string): boolean
  /** Whether the address is in `console.networks` (empty: the trusted ones): everybody else sees nothing. */
  mayVisit(address: string): boolean
  /** Whether a `Host` header's name (lower case, without port and brackets) is one of this box: see `knownHosts`. */
  isKnownHost(host: string): boolean
}
