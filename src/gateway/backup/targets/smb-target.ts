import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { parseShare, type Share } from '../../../core/backup-target.ts'
import type { BackupTargetSetup } from '../../../core/setup.ts'
import { errorCode } from '../../../platform/durable-file.ts'
import { failed, secretOf, type Target, type TargetAnswer, type TargetWorld } from './target.ts'

const program = 'smbclient'

/** What smbclient says in its own words, and what an administrator does about it. */
const hints: Readonly<Record<string, string>> = {
  NT_STATUS_LOGON_FAILURE: 'the user name or the password is wrong',
  NT_STATUS_ACCESS_DENIED: 'this user may not write there',
  NT_STATUS_BAD_NETWORK_NAME: 'there is no such share',
  NT_STATUS_OBJECT_NAME_NOT_FOUND: 'there is no such folder: make it',
  NT_STATUS_OBJECT_PATH_NOT_FOUND: 'there is no such folder: make it',
  NT_STATUS_DISK_FULL: 'there is no room',
  NT_STATUS_HOST_UNREACHABLE: 'nobody is at that address',
  NT_STATUS_CONNECTION_REFUSED: 'nobody listens there',
  NT_STATUS_IO_TIMEOUT: 'it does not answer',
  NT_STATUS_NOT_FOUND: 'its name is not known to DNS',
}

/**
 * A share by Samba's own client, as the gateway's user: a mount would need root, and would be open to whoever has taken the
 * gateway over. SMB 2 and up. The password goes by the environment, which nobody else may read (proc(5)).
 */
export function smbTarget(setup: BackupTargetSetup, world: TargetWorld): Target {
  const ask = async (script: string, folder: string, signal: AbortSignal): Promise<TargetAnswer> => {
    const share = parseShare(setup.share)
    if (!share) return failed(`${setup.share} is no share`)
    const secret = secretOf(setup, world)
    if (typeof secret !== 'string') return secret
    return run(argumentsOf(share, setup.username, script), { secret, folder, signal })
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

const argumentsOf = (
  { host, port, share, folder }: Share,
  username: string,
  script: string,
): readonly string[] => [
  `//${host}/${share}`,
  ...[
    '--configfile',
    '/dev/null',
    '--user',
    username,
    '--max-protocol',
    'SMB3',
    '--option',
    'client min protocol = SMB2',
    '--timeout',
    '30',
  ],
  ...(port === undefined ? [] : ['--port', String(port)]),
  ...(folder === '' ? [] : ['--directory', folder]),
  ...['--command', script],
]

interface Run {
  readonly secret: string
  readonly folder: string
  readonly signal: AbortSignal
}

async function run(command: readonly string[], { secret, folder, signal }: Run): Promise<TargetAnswer> {
  try {
    const child = spawn(program, command, {
      cwd: folder,
      env: { PATH: process.env['PATH'], PASSWD: secret },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    const closed = once(child, 'close')
    const [said, told] = await Promise.all([text(child.stdout), text(child.stderr), closed])
    return judged(`${said}\n${told}`, child.exitCode)
  } catch (error) {
    signal.throwIfAborted()
    if (errorCode(error) === 'ENOENT')
      return failed('smbclient is not there: install the Debian package smbclient')
    throw error
  }
}

function judged(said: string, status: number | null): TargetAnswer {
  const [code] = /NT_STATUS_\w+/.exec(said) ?? []
  if (status === 0 && code === undefined) return { kind: 'done' }
  const hint = code === undefined ? undefined : hints[code]
  const words = code ?? (said.trim().split('\n').at(-1) || `smbclient ended with ${status}`)
  return failed(hint === undefined ? words : `${hint} (${words})`)
}
