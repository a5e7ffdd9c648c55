export type BackupTrouble =
  | 'not-a-backup'
  /** Made by a release that this one can't read. */
  | 'newer'
  | 'wrong-secret'
  /** The recovery code itself is not one: a letter too many, or another one. */
  | 'mistyped'
  | 'damaged'

/** Why a file can't be restored, as a sentence for the person who has it. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
  readonly trouble: BackupTrouble

  constructor(trouble: BackupTrouble, sentence: string) {
    super(sentence)
    this.trouble = trouble
  }
}
