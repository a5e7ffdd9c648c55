import type { TargetState } from './backup-target.ts'
import type { StorageView } from './machine.ts'
import type { StickView } from './machine-stick.ts'
import type { Done } from './operations.ts'
import type { WallMs } from './time.ts'

/** Copies of a box, and putting one back. */
export interface BackupOperations {
  backups(): Promise<BackupsView>
  /** One encrypted file, made as it is read. */
  makeBackup(wish: BackupWish, who: string): Promise<Done<BackupOctets>>
  /** A nightly copy by its name. */
  backupFile(name: string, who: string): Promise<Done<{ readonly octets: AsyncIterable<Uint8Array> }>>
  /**
   * Verifies the whole file before anything changes. A running gateway takes it by starting anew. `isStillAllowed`: asked
   * before anything is taken, which may be long after the beginning.
   */
  restore(
    octets: AsyncIterable<Uint8Array>,
    wish: RestoreWish,
    who: string,
    isStillAllowed?: () => Promise<boolean>,
  ): Promise<Done<{ readonly restored: RestoreView }>>
  /** Where nightly copies go besides the data directory, in the setup's order. */
  backupTargets(): Promise<readonly TargetState[]>
  /** Puts a small file there and takes it away again. */
  testBackupTarget(name: string, who: string): Promise<Done>
  /** Sticks on which copies could go; refused where nobody can look for them. */
  sticks(): Promise<Done<{ readonly sticks: readonly StickView[] }>>
  /** Whether each new copy goes to a stick too: a `[[backup]]` of `kind = "usb"`, added or taken out. */
  useStick(isWanted: boolean, who: string): Promise<Done>
  /** Sticks and cards in readers; refused where nobody can look for them. */
  storages(): Promise<Done<{ readonly storages: readonly StorageView[] }>>
  /** `restore` from the card of an old box, read through the machine service. */
  takeOverStorage(
    storage: string,
    wish: RestoreWish,
    who: string,
    isStillAllowed?: () => Promise<boolean>,
  ): Promise<Done<{ readonly restored: RestoreView }>>
  /** Mints a recovery code; nobody can show it a second time. Older copies open with the older code. */
  recoveryCode(who: string): Promise<Done<{ readonly code: string }>>
  /** `part`: the last two groups, which show that the code was written down. */
  confirmRecovery(part: string, who: string): Promise<Done>
}

export interface BackupWish {
  readonly withSpool: boolean
  /** Undefined: sealed to the recovery code. */
  readonly passphrase: string | undefined
  /** The key of the vault stays here: secrets and private keys in the file open on this box alone. */
  readonly withoutKey?: boolean
}

export interface BackupOctets {
  /** For a file: `branch-07-2026-11-29.inkpost-backup`. */
  readonly name: string
  readonly octets: AsyncIterable<Uint8Array>
}

export interface RestoreWish {
  /** The passphrase, or the recovery code. */
  readonly secret: string
  /** Only says what is in it. */
  readonly isTrial: boolean
  /** A running gateway may be replaced. */
  readonly mayReplace: boolean
  /** Mail that waits on this box may be put aside, unsent, for the mail of the backup. */
  readonly mayPutAsideMail: boolean
  /** The mail of this box stays, whatever is in the file. */
  readonly isWithoutSpool: boolean
  /** The octets are the data of an old box, not a backup: `secret` is not asked for. */
  readonly oldBox?: OldBoxWish
}

export interface OldBoxWish {
  /** The old box may have gone on since, with a copy of this data: all of its unsent mail is held, as with a backup. */
  readonly mayHaveGoneOn: boolean
}

/** What is in a backup, and what becomes of it. */
export interface RestoreView {
  /** Of the inkpost that made it; empty: the data of an old box does not say. */
  readonly version: string
  readonly box: string
  /** ISO 8601, UTC; of an old box: when its data was last written. */
  readonly made: string
  readonly contents: readonly string[]
  readonly octets: number
  readonly sealedFor: readonly ('passphrase' | 'recovery-code')[]
  /** The setup document as it would hold here, secrets as `(kept)`. */
  readonly setup: string
  /** What needs a person's eye: files that are named and not here, addresses that this box does not have. */
  readonly remarks: readonly string[]
  /** Deliveries that are held because they may already have been sent. */
  readonly held: number
  /** Deliveries that nobody began to send: they go on here. */
  readonly goingOn: number
  /** Deliveries that wait on this box and lie in `replaced` afterwards, unsent. */
  readonly putAside: number
  /** False: only looked at. */
  readonly isTaken: boolean
}

export type RecoveryState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unconfirmed'; readonly since: WallMs }
  | { readonly kind: 'confirmed'; readonly since: WallMs }

export interface NightlyCopy {
  readonly name: string
  readonly at: WallMs
  readonly octets: number
}

export interface BackupsView {
  readonly recovery: RecoveryState
  /** The newest first. */
  readonly copies: readonly NightlyCopy[]
  /** The last try; `trouble` empty: it was made. */
  readonly lastCopy: { readonly at: WallMs; readonly trouble: string } | undefined
  /** Of the console: the box was reset, and hands out neither its secrets nor its mail. */
  readonly isAfterReset?: boolean
}
