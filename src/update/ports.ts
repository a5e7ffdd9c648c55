import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { UpdateSetup } from '../core/setup.ts'
import type { BundlePlace } from './bundle-place.ts'
import type { RecordFile } from './record-file.ts'

/** What updates need of the house. */
export interface UpdatePorts {
  readonly machine: Machine
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly place: BundlePlace
  readonly file: RecordFile
  readonly signal: AbortSignal
  readonly setup: () => UpdateSetup & { readonly timezone: string }
  /** The version of this program. */
  readonly running: string
  /** Schemas that this program makes: a bundle has to leave what it can read. */
  readonly schemas: { readonly spool: number; readonly settings: number }
  readonly open: OpenUrl
  /** What keeps the box from being called healthy. */
  readonly troubles: () => Promise<readonly HealthTrouble[]>
  /** For the audit. */
  readonly record: (who: string, what: string) => void
}

/** `key`: the same for the same trouble in every release; the sentence has words of the release and of the system. */
export interface HealthTrouble {
  readonly key: string
  readonly sentence: string
}

export interface UrlWish {
  readonly url: string
  /** From this octet on, if it is the same file still. */
  readonly offset: number
  readonly etag: string
  readonly signal: AbortSignal
}

/** By HTTPS, with the proxy and the trust of the settings. Redirects are not followed. */
export type OpenUrl = (wish: UrlWish) => Promise<OpenedUrl>

export type OpenedUrl =
  | {
      readonly kind: 'open'
      /** Where the body begins: what was asked for, or 0. */
      readonly offset: number
      /** Of the whole; undefined: it is not said. */
      readonly octets: number | undefined
      readonly etag: string
      readonly body: AsyncIterable<Uint8Array>
    }
  /** `mayPass`: another try may do better. */
  | { readonly kind: 'failed'; readonly detail: string; readonly mayPass: boolean }
