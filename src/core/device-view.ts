import type { WallMs } from './time.ts'
import type { VerdictCode } from './verdict.ts'

/** How a device does, from the verdict on its last session. `word`: a word or three in English for a list. */
export type DeviceHealth =
  | { readonly kind: 'never-seen'; readonly word: string }
  /** Switched off in the setup. */
  | { readonly kind: 'paused'; readonly word: string }
  | ({ readonly kind: 'fine' } & LastSession)
  | ({ readonly kind: 'trouble' } & LastSession)

interface LastSession {
  readonly word: string
  readonly code: VerdictCode
  readonly at: WallMs
  readonly session: string
}

/** The settings of a device as the setup document names them, defaults filled in; undefined or empty: not set. */
export interface DeviceSettings {
  readonly name: string
  readonly username: string | undefined
  readonly also_known_as: readonly string[]
  readonly addresses: readonly string[]
  readonly mac: string
  readonly sender: string | undefined
  readonly sender_name: string
  readonly keep_sender: 'reply-to' | 'never' | 'when-allowed'
  readonly subject_prefix: string
  readonly allowed_recipients: readonly string[]
  readonly max_per_hour: number
  /** Above `max_per_hour` until `raised_until`; 0: not raised. */
  readonly raised_per_hour: number
  /** The last day of it as `2026-11-29`; empty: not raised. */
  readonly raised_until: string
  readonly priority: 'alarm' | 'normal' | 'bulk'
  readonly owner: string | undefined
  readonly route: readonly string[] | undefined
  readonly tls: '' | 'modern' | 'legacy' | 'vintage' | 'plain'
  readonly require_tls: boolean
  readonly weak_until: string
  readonly certificate: 'auto' | 'sha1' | 'sha1-1024'
  readonly auth: readonly ('LOGIN' | 'PLAIN' | 'CRAM-MD5')[]
  readonly charset: string
  readonly data_end: 'crlf' | 'lf'
  readonly enabled: boolean
}

/**
 * Keys of the setup document and what they become: only those that are named change, null goes back to the default. The
 * history of a device follows its new name. A password goes in and never out; `rotateDevice` mints one.
 */
export type DeviceChange = {
  readonly [Key in keyof DeviceSettings]?: Exclude<DeviceSettings[Key], undefined> | null
} & { readonly password?: string | null }

/** What the empty keys come to. */
export interface EffectiveSettings {
  /** Ways out by which its mail goes, in order. */
  readonly route: readonly string[]
  /** Who reads its bounces; undefined: nobody. */
  readonly owner: string | undefined
  /** Which encryption is taken from it, at least. */
  readonly tls: 'modern' | 'legacy' | 'vintage' | 'plain'
  /** `max_per_hour`, or what it is raised to today. */
  readonly maxPerHour: number
  /** What it signs in with first; undefined: known by its address alone. */
  readonly login: string | undefined
}

/** One day of a device, of the gateway's time zone. */
export interface DeviceDay {
  /** `2026-11-29`. */
  readonly date: string
  /** Mails that were taken. */
  readonly mails: number
  /** Deliveries of these, one for each recipient, by what became of them. */
  readonly sent: number
  readonly waiting: number
  readonly bounced: number
  readonly dropped: number
  /** Sessions that went wrong, by the code of their verdict. */
  readonly refused: Readonly<Partial<Record<VerdictCode, number>>>
}

export interface DeviceHistory {
  /** 14 days, the oldest first, today last. */
  readonly days: readonly DeviceDay[]
  /** There was more than is looked at: the counts of the oldest days are too low. */
  readonly isCut: boolean
}

/** What to type where on this maker's panel, and what it is known for. */
export interface DeviceHints {
  readonly maker: string
  /** Where its panel or page has the settings of mail. */
  readonly menus: readonly string[]
  /** What fits into which field. */
  readonly limits: readonly string[]
  readonly traps: readonly string[]
}

/** Everything that the page of a device shows beside its list entry; asks nothing of the network. */
export interface DeviceSheet {
  readonly settings: DeviceSettings
  readonly effective: EffectiveSettings
  readonly hasPassword: boolean
  readonly health: DeviceHealth
  readonly lastMail: WallMs | undefined
  /** Where it was seen last or has its only address; undefined: not known. */
  readonly address: string | undefined
  /** `http://192.168.7.20/`: the printer's own page. */
  readonly page: string | undefined
  /** To whom its hardware address is registered; empty: not known. */
  readonly maker: string
  readonly hints: DeviceHints | undefined
  /** What the card says is not to change: undefined where the box's address is fixed, reserved, or no matter. */
  readonly addressWarning: AddressWarning | undefined
  /** A window is open in which the new printer of this account is recognised by its login. */
  readonly replacement: { readonly leftMs: number } | undefined
  /** Of the setup. */
  readonly revision: number
}

/** An address of the box that a printer is told to send to. */
export interface BoxAddress {
  readonly address: string
  readonly interface: string
  readonly origin: 'static' | 'dhcp' | 'unknown'
  /** Somebody said that the router always gives it this one. */
  readonly isReserved: boolean
}

/** The box may get another address one day, and no printer would find it. */
export interface AddressWarning {
  readonly addresses: readonly BoxAddress[]
  /** In English. */
  readonly sentence: string
}
