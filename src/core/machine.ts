import type { NetworkCalls } from './machine-network.ts'

/**
 * What the machine service does for the gateway: the gateway faces the LAN and has no rights, so the few things of a box
 * that need root are asked of a service of its own (decision 29). The list is closed, and the service checks every value
 * anew, as it would a stranger's.
 */
export interface MachineCalls extends NetworkCalls {
  /** What this machine can do of the list. */
  readonly duties: {
    readonly ask: Record<never, never>
    readonly answer: { readonly duties: readonly string[] }
  }
  /** What the lamp of the box shows from now on. */
  readonly lamp: { readonly ask: { readonly beats: LampBeats }; readonly answer: Record<never, never> }
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
