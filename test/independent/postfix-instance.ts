// Debian's Postfix with a configuration, a queue and a log of its own in a temporary folder; needs root.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Postfix is started by root alone; a test that needs it is skipped for others. */
export const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

export interface PostfixConfiguration {
  /** Lines of main.cf that are particular to this one; `folder` is where it lives. */
  readonly main: (folder: string) => string
  /** Lines of master.cf for its listeners. */
  readonly listeners: (folder: string) => string
  /** What must be there before it starts. */
  readonly prepare?: (folder: string) => void
}

export interface PostfixInstance extends Disposable {
  readonly folder: string
  log(): string
  /**
   * Resolves once the log has a match from character `from` on: its daemons hand their lines to postlogd, which
   * writes them after the client has had its answer. Rejects after ten seconds with what the log had.
   */
  logged(pattern: RegExp, from?: number): Promise<void>
}

function main(folder: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
`
}

const services = `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

function postfix(config: string, command: string): void {
  const done = spawnSync('/usr/sbin/postfix', ['-c', config, command], { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`postfix ${command} ended with ${done.status}: ${done.stderr}${done.stdout}`)
}

/** The number of a user of this machine. */
function userId(name: string): number {
  const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`there is no user ${name}`)
  return Number(stdout)
}

async function logged(log: () => string, pattern: RegExp, from: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (pattern.test(log().slice(from))) return
    await delay(20)
  }
  throw new Error(`the log of Postfix never had ${pattern}:\n${log().slice(from)}`)
}

/** Listens when this returns; stopped and gone when disposed. */
export function startPostfixInstance(configuration: PostfixConfiguration): PostfixInstance {
  const folder = mkdtempSync(join(tmpdir(), 'inkpost-postfix-'))
  const config = join(folder, 'config')
  for (const name of ['config', 'queue', 'data']) mkdirSync(join(folder, name), { recursive: true })
  // Its unprivileged processes must reach the folder.
  chmodSync(folder, 0o755)
  chownSync(join(folder, 'data'), userId('postfix'), 0)
  configuration.prepare?.(folder)
  writeFileSync(join(config, 'main.cf'), `${main(folder)}${configuration.main(folder)}`)
  writeFileSync(join(config, 'master.cf'), `${configuration.listeners(folder)}${services}`)
  postfix(config, 'set-permissions')
  postfix(config, 'start')
  const log = () => readFileSync(join(folder, 'log'), 'utf8')
  return {
    folder,
    log,
    logged: (pattern, from = 0) => logged(log, pattern, from),
    [Symbol.dispose]: () => {
      postfix(config, 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
