// Postfix with a queue and a configuration of its own on a port of loopback: it accepts and queues, and delivers nothing.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

function configuration(folder: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.invalid
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = contoso.example
alias_maps =
alias_database =
local_recipient_maps =
# Only queueing: mail goes to the hold queue, as in the gateway, whose upstream is paused. Deferring it instead would
# keep the queue manager busy long after, while the other side is measured.
smtpd_data_restrictions = check_client_access static:HOLD
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
`
}

function services(port: number): string {
  return `127.0.0.1:${port} inet n - n - 100 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}

function postfix(config: string, command: string): void {
  const done = spawnSync('/usr/sbin/postfix', ['-c', config, command], { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`postfix ${command} ended with ${done.status}: ${done.stderr}${done.stdout}`)
}

/** Starts Postfix in a folder of its own, which its unprivileged user can reach; needs root. Stopped and gone when disposed. */
export function startPostfix(port: number): Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'inkpost-postfix-'))
  const config = join(folder, 'config')
  for (const name of ['config', 'queue', 'data']) mkdirSync(join(folder, name), { recursive: true })
  chmodSync(folder, 0o755)
  const owner = Number(spawnSync('id', ['-u', 'postfix'], { encoding: 'utf8' }).stdout)
  chownSync(join(folder, 'data'), owner, 0)
  writeFileSync(join(config, 'main.cf'), configuration(folder))
  writeFileSync(join(config, 'master.cf'), services(port))
  postfix(config, 'set-permissions')
  postfix(config, 'start')
  return {
    [Symbol.dispose]: () => {
      postfix(config, 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
