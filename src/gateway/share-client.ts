import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { parseShare, type Share } from '../core/backup-target.ts'
import { errorCode } from '../platform/durable-file.ts'

/** What a share answered. `code`: Samba's own word for it, where there is one. */
export type ShareAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly detail: string; readonly code?: string }

export interface ShareAsk {
  /** `//host[:port]/share[/folder]`. */
  readonly share: string
  readonly username: string
  readonly secret: string
  /** Of this machine: where the commands read and write files. */
  readonly folder: string
  /** Commands of smbclient. */
  readonly script: string
  /** No file that it writes grows beyond it. */
  readonly mostOctets?: number
  readonly signal: AbortSignal
}

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
export async function askShare(ask: ShareAsk): Promise<ShareAnswer> {
  const share = parseShare(ask.share)
  return share ? run(argumentsOf(share, ask.username, ask.script), ask) : failed(`${ask.share} is no share`)
}

const failed = (detail: string, code?: string): ShareAnswer => ({
  kind: 'failed',
  detail,
  ...(code !== undefined && { code }),
})

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

/** The shell sets the bound that smbclient has none of its own for, in blocks of 512 octets, and becomes it. */
const bounded = (mostOctets: number, command: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  `ulimit -f ${Math.ceil(mostOctets / 512)} && exec "$0" "$@"`,
  program,
  ...command,
]

async function run(
  command: readonly string[],
  { secret, folder, mostOctets, signal }: ShareAsk,
): Promise<ShareAnswer> {
  const [file = program, ...rest] =
    mostOctets === undefined ? [program, ...command] : bounded(mostOctets, command)
  try {
    const child = spawn(file, rest, {
      cwd: folder,
      env: { PATH: process.env['PATH'], PASSWD: secret },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    const closed = once(child, 'close')
    const [said, told] = await Promise.all([text(child.stdout), text(child.stderr), closed])
    if (child.exitCode === 127) return failed(notThere)
    return judged(`${said}\n${told}`, child.exitCode)
  } catch (error) {
    signal.throwIfAborted()
    if (errorCode(error) === 'ENOENT') return failed(notThere)
    throw error
  }
}

const notThere = 'smbclient is not there: install the Debian package smbclient'

function judged(said: string, status: number | null): ShareAnswer {
  const [code] = /NT_STATUS_\w+/.exec(said) ?? []
  if (status === 0 && code === undefined) return { kind: 'done' }
  const hint = code === undefined ? undefined : hints[code]
  const words = code ?? (said.trim().split('\n').at(-1) || `smbclient ended with ${status}`)
  return failed(hint === undefined ? words : `${hint} (${words})`, code)
}
