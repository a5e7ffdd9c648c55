import type { BackupTargetKind } from './setup.ts'

/** A folder on a share of Windows or Samba. */
export interface Share {
  readonly host: string
  /** Undefined: SMB's own. */
  readonly port: number | undefined
  readonly share: string
  /** With `/` between its parts; empty: the share itself. */
  readonly folder: string
}

const word = '[A-Za-z0-9][A-Za-z0-9 ._$-]{0,79}'
const pattern = new RegExp(
  `^//([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9A-Fa-f:]{2,45}\\])(?::(\\d{1,5}))?/(${word})((?:/${word})*)/?$`,
)

/** `//nas/backups/inkpost`, as people write it, with `\\` too. Only letters that no command line reads another way. */
export function parseShare(text: string): Share | undefined {
  const [, host, port, share, folder = ''] = pattern.exec(text.replaceAll('\\', '/')) ?? []
  if (host === undefined || share === undefined || folder.split('/').some((part) => /^\.+$/.test(part)))
    return undefined
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
    share,
    folder: folder.replace(/^\//, ''),
  }
}

/** The alert of one begins with it. */
export const targetAlertPrefix = 'backup-target/'

/** What became of the copies at a target. */
export interface TargetState {
  readonly name: string
  readonly kind: BackupTargetKind
  readonly place: string
  /** Of the last copy that arrived; undefined: none did. */
  readonly arrivedAt: number | undefined
  /** Of the last try; empty: it arrived. */
  readonly trouble: string
}
