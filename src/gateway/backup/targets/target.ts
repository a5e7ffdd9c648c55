import type { Secrets } from '../../../core/secret.ts'
import type { BackupTargetSetup } from '../../../core/setup.ts'

/** A file that is to be there afterwards, under another name. */
export interface Parcel {
  readonly folder: string
  /** In the folder. */
  readonly file: string
  readonly octets: number
  /** At the target. */
  readonly name: string
}

export type TargetAnswer =
  | { readonly kind: 'done' }
  /** For an administrator: what the other side said, and what may cure it. */
  | { readonly kind: 'failed'; readonly detail: string }

/** A place for copies outside of this box. Never rejects for what the other side does. */
export interface Target {
  put(parcel: Parcel, signal: AbortSignal): Promise<TargetAnswer>
  /** What is not there is removed. */
  remove(name: string, signal: AbortSignal): Promise<TargetAnswer>
}

export interface TargetWorld {
  readonly secrets: Secrets
  /** Of `[gateway]`, for HTTPS. */
  readonly proxy: string
}

export const failed = (detail: string): TargetAnswer => ({ kind: 'failed', detail })

/** Its secret, empty where it needs none; or why it can't be had. */
export function secretOf({ secret }: BackupTargetSetup, { secrets }: TargetWorld): string | TargetAnswer {
  if (secret === undefined) return ''
  const opened = secrets.open(secret)
  switch (opened.kind) {
    case 'open':
      return opened.value
    case 'locked':
      return failed('the vault is locked: put the right vault.key back')
    case 'absent':
      return failed('its secret is not kept: enter it again')
    case 'unreadable':
      return failed(opened.detail)
  }
}

/** Where it is, for people; never with its secret. */
export function placeOf({ kind, url, share }: BackupTargetSetup): string {
  switch (kind) {
    case 'https':
      return url
    case 'smb':
      return share
    case 'usb':
      return 'a stick in the box'
  }
}
