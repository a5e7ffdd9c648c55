import type { NetworkCalls } from './machine-network.ts'
import type { StickCalls } from './machine-stick.ts'
import type { UpdateCalls } from './machine-update.ts'
import type { OldBoxFacts, OldBoxFile } from './old-box.ts'

/**
 * What the machine service does for the gateway: the gateway faces the LAN and has no rights, so the few things of a box
 * that need root are asked of a service of its own (decision 29). The list is closed, and the service checks every value
 * anew, as it would a stranger's.
 */
export interface MachineCalls extends NetworkCalls, StickCalls, UpdateCalls {
  /** What this machine can do of the list. */
  readonly duties: {
    readonly ask: Record<never, never>
    readonly answer: { readonly duties: readonly string[] }
  }
  /** Which ports the closed machine lets in, and lets inkpost dial, from now on (decision 34); sessions go on. */
  readonly 'firewall-set': {
    readonly ask: FirewallPorts
    /** `isClosed` false: this machine's firewall is its administrator's, and nothing was changed. */
    readonly answer: { readonly isClosed: boolean }
  }
  /**
   * Makes what was stored here unreadable below the file system: `keys` of an encrypted data partition, and the network that
   * the machine keeps; then, when the files are gone, `rest`: the card is told to drop what they lay on.
   */
  readonly 'data-erase': {
    readonly ask: { readonly step: 'keys' | 'rest' }
    /** In words, what was done; empty: the data lies on no partition of its own, or not on an encrypted one. */
    readonly answer: { readonly done: string }
  }
  /**
   * Writes `inkpost-claim.txt` on the boot partition, or removes it: an administrator without a screen reads it with the card
   * in a laptop. `code` null: the box is claimed.
   */
  readonly 'claim-file': {
    readonly ask: { readonly code: string | null; readonly port: number }
    /** False: this machine has no boot partition of the kind. */
    readonly answer: { readonly isThere: boolean }
  }
  /** What the lamp of the box shows from now on. */
  readonly lamp: { readonly ask: { readonly beats: LampBeats }; readonly answer: Record<never, never> }
  /** Sticks and cards that are plugged in and mounted by nobody. */
  readonly 'storage-list': {
    readonly ask: Record<never, never>
    readonly answer: { readonly storages: readonly StorageView[] }
  }
  /** Opens one for reading, until it is closed or the service was not asked for half a minute. */
  readonly 'storage-open': { readonly ask: { readonly storage: string }; readonly answer: OpenedStorage }
  /** Of a file from an octet on, in base64; empty: its end. */
  readonly 'storage-read': {
    readonly ask: { readonly storage: string; readonly file: OldBoxFile; readonly offset: number }
    readonly answer: { readonly octets: string }
  }
  readonly 'storage-close': {
    readonly ask: { readonly storage: string }
    readonly answer: Record<never, never>
  }
}

export type StorageFileSystem = 'ext4' | 'vfat' | 'exfat'

export interface StorageView {
  /** The kernel's name: `sda2`. */
  readonly storage: string
  readonly fileSystem: StorageFileSystem
  readonly octets: number
  /** As the reader or stick calls itself; may be empty. */
  readonly model: string
}

/** The data of an old box that lies there. */
export interface OpenedStorage extends OldBoxFacts {
  /** What a person should know of it. */
  readonly remarks: readonly string[]
}

/** 1 to 65535. */
export interface FirewallPorts {
  /** TCP, where devices and browsers come in. */
  readonly entrances: readonly number[]
  /** What inkpost may dial, at whatever address. */
  readonly tcp: readonly number[]
  readonly udp: readonly number[]
}

/** Milliseconds on, off, on, … over again; `on` and `off` stay. */
export type LampBeats = 'on' | 'off' | readonly number[]

export type MachineDuty = keyof MachineCalls

export type MachineAnswer<T> =
  | { readonly kind: 'done'; readonly answer: T }
  /** Nothing was changed; a sentence says why. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No such service here: a checkout, or a Debian machine whose own administrator does these things. */
  | { readonly kind: 'absent' }

/** The gateway's end of it. */
export interface Machine {
  call<D extends MachineDuty>(
    duty: D,
    ask: MachineCalls[D]['ask'],
  ): Promise<MachineAnswer<MachineCalls[D]['answer']>>
}
