import type { Command } from 'commander'
import type { BackupChoice } from './backup.ts'
import type { Run } from './program.ts'
import type { RestoreChoice } from './restore.ts'
import type { TakeOverChoice } from './take-over.ts'

/** Copies of the box, putting one back, and the recovery code. */
export function addBackupCommands(program: Command, run: Run): void {
  program
    .command('backup <FILE>')
    .description('one encrypted file (- is stdout); passphrase: stdin, INKPOST_PASSPHRASE or asked')
    .option('--with-spool', 'the mail too', false)
    .option('--recovery-code', 'sealed to the recovery code, without a passphrase', false)
    .action((file: string, choice: BackupChoice) =>
      run(async (call) => (await import('./backup.ts')).backup(call, file, choice)),
    )
  program
    .command('restore <FILE>')
    .description('puts a backup in place; passphrase or recovery code: stdin, INKPOST_PASSPHRASE or asked')
    .option('--dry-run', 'only says what is in it', false)
    .option('--without-spool', 'the mail of this box stays', false)
    .option('--yes', 'a running gateway starts anew with it', false)
    .option(
      '--put-aside-mail',
      'mail that waits here is put aside, unsent, for the mail of the backup',
      false,
    )
    .action((file: string, choice: RestoreChoice) =>
      run(async (call) => (await import('./restore.ts')).restore(call, file, choice)),
    )
  program
    .command('take-over <FOLDER>')
    .description(
      'this box becomes the one whose data lies there: a folder, or a card in a reader (/dev/sda2)',
    )
    .option('--dry-run', 'only says what is in it', false)
    .option('--without-spool', 'the mail of this box stays', false)
    .option('--yes', 'a running gateway starts anew with it', false)
    .option(
      '--put-aside-mail',
      'mail that waits here is put aside, unsent, for the mail of the old box',
      false,
    )
    .option('--hold-all', 'the old box may have gone on since it was copied: its unsent mail is held', false)
    .action((folder: string, choice: TakeOverChoice) =>
      run(async (call) => (await import('./take-over.ts')).takeOver(call, folder, choice)),
    )
  const target = program
    .command('backup-target')
    .description('where nightly copies go besides the box ([[backup]] of the setup document)')
  target
    .command('list')
    .description('which there are, and whether the last copy arrived')
    .action(() => run(async (call) => (await import('./backup-target.ts')).listTargets(call)))
  target
    .command('test <NAME>')
    .description('puts a small file there and takes it away again')
    .action((name: string) =>
      run(async (call) => (await import('./backup-target.ts')).testTarget(call, name)),
    )
  target
    .command('stick')
    .description('sends each new copy to a USB stick in the box too, and lists the sticks that are there')
    .option('--remove', 'not any more')
    .action((choice: { remove?: boolean }) =>
      run(async (call) => (await import('./backup-target.ts')).useStick(call, choice.remove !== true)),
    )
  const identity = program.command('identity').description('which of two boxes with one identity sends')
  identity
    .command('status')
    .description('whether this one does')
    .action(() => run(async (call) => (await import('./identity.ts')).showIdentity(call)))
  identity
    .command('keep')
    .description('this box is the one to stay: it sends, and a newer one stops')
    .action(() => run(async (call) => (await import('./identity.ts')).keepIdentity(call)))
  const recovery = program
    .command('recovery')
    .description('the recovery code, to which nightly copies are sealed')
  recovery
    .command('status')
    .description('whether there is one, and the nightly copies')
    .action(() => run(async (call) => (await import('./recovery.ts')).recoveryStatus(call)))
  recovery
    .command('new')
    .description('makes a new one and shows it, once')
    .action(() => run(async (call) => (await import('./recovery.ts')).newRecoveryCode(call)))
  recovery
    .command('confirm <PART>')
    .description('its last two groups: it was written down')
    .action((part: string) =>
      run(async (call) => (await import('./recovery.ts')).confirmRecovery(call, part)),
    )
}
