import type { BackupTargetSetup } from '../../../core/setup.ts'
import { askShare } from '../../share-client.ts'
import { secretOf, type Target, type TargetAnswer, type TargetWorld } from './target.ts'

/** A folder on a share. */
export function smbTarget({ share, username, ...setup }: BackupTargetSetup, world: TargetWorld): Target {
  const ask = async (script: string, folder: string, signal: AbortSignal): Promise<TargetAnswer> => {
    const secret = secretOf({ ...setup, share, username }, world)
    if (typeof secret !== 'string') return secret
    return askShare({ share, username, secret, folder, script, signal })
  }
  return {
    // Whole or not at all: who looks there sees no half of a copy.
    put: ({ folder, file, name }, signal) =>
      ask(`put "${file}" "${name}.part"; rename "${name}.part" "${name}" -f`, folder, signal),
    remove: async (name, signal) => {
      const answer = await ask(`del "${name}"`, '/', signal)
      return answer.kind === 'failed' && /NT_STATUS_NO_SUCH_FILE/.test(answer.detail)
        ? { kind: 'done' }
        : answer
    },
  }
}
