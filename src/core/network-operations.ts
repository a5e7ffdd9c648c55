import type { NetworkView } from './machine-network.ts'
import type { Done } from './operations.ts'
import type { RowChange } from './setup-operations.ts'

/** The network of the box: shown, tried, kept. */
export interface NetworkOperations {
  network(): Promise<NetworkSheet>
  /**
   * `[network]` as the setup document writes it, null for the machine's own configuration. It begins a second after the
   * answer, so that the answer arrives, and ends after 120 s unless it is kept.
   */
  tryNetwork(network: RowChange | null, who: string): Promise<Done<{ readonly trial: TrialSheet }>>
  /** `via`: the box's address by which this is said, empty for who is at the machine itself. It has to be a new one. */
  keepNetwork(via: string, who: string): Promise<Done>
  undoNetwork(who: string): Promise<Done>
  /** Devices were told the present address: the one of before is let go. */
  forgetAddress(address: string, who: string): Promise<Done>
  /** For a network without a time server. */
  setClock(wallMs: number, who: string): Promise<Done>
}

export interface NetworkSheet {
  readonly machine:
    | { readonly kind: 'known'; readonly view: NetworkView }
    /** `reason`: why not, in a sentence. */
    | { readonly kind: 'unknown'; readonly reason: string }
  /** `[network]`, defaults left out, secrets as `(kept)`; null: the machine's own configuration. */
  readonly settings: RowChange | null
  readonly trial: TrialSheet | null
  /** Addresses that devices were told. */
  readonly told: readonly ToldAddress[]
  /** Where the console is, by address first. */
  readonly urls: readonly string[]
  /** Of the setup. */
  readonly revision: number
}

export interface TrialSheet {
  readonly leftMs: number
  /** Where the console will be; empty where the router decides. */
  readonly urls: readonly string[]
}

export interface ToldAddress {
  /** `192.168.7.5/24`. */
  readonly address: string
  /** `own`: it is the box's. `held`: beside another one, as long as nobody else claims it. `lost`: somebody else's, or not to be had. */
  readonly state: 'own' | 'held' | 'lost'
}
