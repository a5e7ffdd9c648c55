import type { RowChange } from './setup-operations.ts'

/**
 * What the keyboard at the box's screen asks by `screen.sock`: a line of JSON there, one back, as long as the connection is
 * open. What was proved on it ends with it (decision 39).
 */
export type MenuAsk =
  | { readonly kind: 'prove'; readonly proof: MenuProof }
  | { readonly kind: 'show' }
  /** `[network]` as the setup document writes it; in force for 120 s unless it is kept. */
  | { readonly kind: 'try'; readonly network: RowChange }
  | { readonly kind: 'keep' }
  | { readonly kind: 'undo' }

/** Of a box that nobody has, what its screen shows; else who an administrator is. */
export type MenuProof =
  | { readonly kind: 'claim-code'; readonly code: string }
  | { readonly kind: 'administrator'; readonly name: string; readonly password: string }

export type MenuAnswer =
  | { readonly kind: 'done'; readonly network: MenuNetwork }
  | { readonly kind: 'refused'; readonly reason: string; readonly fields: readonly MenuTrouble[] }
  /** Nothing is proved, or not any more: the next question has to prove it. */
  | { readonly kind: 'closed'; readonly reason: string }

/** What is wrong, by its key in `[network]`: `wifi.ssid`; empty: of none alone. */
export interface MenuTrouble {
  readonly field: string
  readonly sentence: string
}

/** By what this machine can be connected. */
export type MenuWay = 'cable' | 'Wi-Fi'

export interface MenuNetwork {
  readonly ways: readonly MenuWay[]
  /** `[network]`, defaults left out, secrets as `(kept)`; null: the machine's own configuration. */
  readonly settings: RowChange | null
  readonly trial: {
    readonly leftMs: number
    /** Where the console will be; empty where the router decides. */
    readonly urls: readonly string[]
  } | null
}
