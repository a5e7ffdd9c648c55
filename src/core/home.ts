import type { DeviceHealth } from './device-view.ts'
import type { WallMs } from './time.ts'

/** Pages of the console to which a cure leads. */
export type ConsolePage =
  | 'devices'
  | 'device'
  | 'sightings'
  | 'queue'
  | 'upstreams'
  | 'upstream'
  | 'certificates'
  | 'health'
  | 'settings'
  | 'diagnosis'

/** What helps: a page to go to, or something that one tap does. */
export type HomeCure =
  /** `name`: of the device or way out that the page is of. */
  | { readonly kind: 'page'; readonly page: ConsolePage; readonly name?: string }
  | { readonly kind: 'resume-upstream'; readonly upstream: string }
  | { readonly kind: 'enable-device'; readonly device: string }
  /** The clock is set from the phone's. */
  | { readonly kind: 'set-clock' }
  /** At the machine: nothing in the console does it. */
  | { readonly kind: 'at-the-box' }
  /** It goes on by itself. */
  | { readonly kind: 'nothing' }

/**
 * What keeps the box, a way out or a device from working, as data: a page has words of its own for each kind. Texts are in
 * English and may come from a service or a device: to be shown, not trusted.
 */
export type HomeProblem =
  | { readonly kind: 'not-running' }
  /** No listener is open. */
  | { readonly kind: 'nothing-accepted'; readonly detail: string }
  | { readonly kind: 'disk-full'; readonly freeBytes: number; readonly detail: string }
  | { readonly kind: 'vault-locked' }
  | { readonly kind: 'clock-wrong'; readonly wall: WallMs }
  | { readonly kind: 'setup-not-understood'; readonly detail: string }
  | { readonly kind: 'no-way-out' }
  | {
      readonly kind: 'upstream-paused'
      readonly upstream: string
      readonly reason: string
      readonly remedy: string
      readonly byOperator: boolean
      /** Deliveries that wait for it. */
      readonly waiting: number
      readonly nextTryInMs: number | undefined
    }
  | {
      readonly kind: 'listener-closed'
      readonly listener: string
      readonly port: number
      readonly detail: string
    }
  /** A certificate, a secret, weak encryption of a device, a service: of the calendar. */
  | { readonly kind: 'expiry'; readonly key: string; readonly sentence: string; readonly remedy: string }
  /** Any other alert that is active. */
  | { readonly kind: 'alert'; readonly key: string; readonly sentence: string; readonly remedy: string }
  | {
      readonly kind: 'device-trouble'
      readonly device: string
      readonly health: DeviceHealth & { readonly kind: 'trouble' }
    }
  /** Mail of unknown devices waits for an adoption. */
  | { readonly kind: 'unadopted-mail'; readonly mails: number; readonly devices: number }

export type HomeSeverity = 'alarm' | 'warning' | 'notice'

/** A problem with its words. */
export interface ToldProblem {
  readonly problem: HomeProblem
  readonly severity: HomeSeverity
  /** In English, from one place (`home-words.ts`). */
  readonly sentence: string
  /** In English: what to do. Empty: nothing. */
  readonly remedy: string
  readonly cure: HomeCure
}

/** One look at the box. */
export interface HomeView {
  readonly name: string
  readonly version: string
  readonly at: WallMs
  readonly isClockBelievable: boolean
  /** In English: `Everything works.`, or the worst problem. */
  readonly sentence: string
  /** The worst first; empty: everything works. */
  readonly problems: readonly ToldProblem[]
  readonly queue: HomeQueue
  /** Deliveries (one for each recipient) of mail that came since midnight of `gateway.timezone` and that a way out took. */
  readonly sentToday: number
  readonly devices: readonly HomeDevice[]
  readonly upstreams: readonly HomeUpstream[]
  readonly disk: HomeDisk
  /** Unknown devices that were refused or whose mail is held. */
  readonly unknownDevices: number
  /** Of the setup. */
  readonly revision: number
}

export interface HomeQueue {
  /** Deliveries that wait to be sent or are being sent, those that a person holds left out. */
  readonly waiting: number
  readonly held: number
  /** When the oldest mail that is not finished came. */
  readonly oldest: WallMs | undefined
  readonly octets: number
}

export interface HomeDevice {
  readonly name: string
  readonly health: DeviceHealth
  /** Undefined: none within the history. */
  readonly lastMail: WallMs | undefined
}

export interface HomeUpstream {
  readonly name: string
  readonly kind: string
  readonly state: string
  /** Deliveries that wait for it. */
  readonly waiting: number
  readonly quota: readonly QuotaBar[]
  readonly forecast: QuotaForecast
}

/** One window of a quota. */
export interface QuotaBar {
  readonly windowMs: number
  readonly of: 'messages' | 'recipients' | 'external'
  readonly limit: number
  readonly left: number
}

/** When what waits will have left, by the quota alone. */
export type QuotaForecast =
  | { readonly kind: 'nothing-waits' }
  /** The last of `waiting` leaves in about `lastInMs`; 0: at once. */
  | { readonly kind: 'leaves'; readonly waiting: number; readonly lastInMs: number }
  /** The way out is paused: no quota says when. */
  | { readonly kind: 'paused'; readonly waiting: number }

export interface HomeDisk {
  readonly writable: boolean
  readonly freeBytes: number
  /** So many more mails of the size that came lately fit above the reserve; undefined: none came yet. */
  readonly mails: number | undefined
}

/** What `home` can be asked. */
export interface HomeOperations {
  home(): Promise<HomeView>
}
