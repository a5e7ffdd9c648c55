// Debian's Dovecot as a SASL server: PLAIN and LOGIN from a password file, XOAUTH2 and OAUTHBEARER by asking an
// introspection endpoint (RFC 7662) of the test about the token. It serves no mail.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export interface RealDovecotOptions {
  readonly accounts?: readonly { readonly username: string; readonly password: string }[]
  /** The user whose token it is; `undefined` for a token that is not valid. */
  readonly userOf?: (token: string) => string | undefined
  readonly mechanisms?: readonly ('PLAIN' | 'LOGIN' | 'XOAUTH2' | 'OAUTHBEARER')[]
}

export interface RealDovecot extends AsyncDisposable {
  /** Dovecot's own authentication protocol, as Postfix's `smtpd_sasl_path` takes it. */
  readonly socket: string
  log(): string
}

function configuration(folder: string, mechanisms: readonly string[]): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols =
ssl = no
auth_mechanisms = ${mechanisms.join(' ').toLowerCase()}
# Each failure is answered at once; the default makes guessing slow.
auth_failure_delay = 0
auth_verbose = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}
# Nor is a client slowed down that failed before.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener ${folder}/auth {
    mode = 0666
  }
}
`
}

/** RFC 7662: the token comes by POST, the answer says whether it is active and whose it is. */
async function serveIntrospection(
  port: number,
  userOf: (token: string) => string | undefined,
): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('token') ?? ''
      const username = userOf(token)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(username === undefined ? { active: false } : { active: true, username }))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function writeConfiguration(folder: string, introspectionPort: number, options: RealDovecotOptions): void {
  const { accounts = [], mechanisms = ['PLAIN', 'LOGIN', 'XOAUTH2'] } = options
  writeFileSync(join(folder, 'dovecot.conf'), configuration(folder, mechanisms))
  writeFileSync(
    join(folder, 'oauth2'),
    `introspection_mode = post
introspection_url = http://127.0.0.1:${introspectionPort}/introspect
username_attribute = username
active_attribute = active
active_value = true
`,
  )
  writeFileSync(
    join(folder, 'users'),
    accounts.map((one) => `${one.username}:{PLAIN}${one.password}\n`).join(''),
  )
  for (const name of ['oauth2', 'users']) chmodSync(join(folder, name), 0o644)
}

async function untilThere(file: string, folder: string, child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const watcher = watch(folder, () => (existsSync(file) ? resolve() : undefined))
  child.once('exit', (status) => reject(new Error(`dovecot ended with ${status}`)))
  child.once('error', reject)
  if (existsSync(file)) resolve()
  await promise.finally(() => watcher.close())
}

/** Needs root. Answers when this resolves; stopped and gone when disposed. */
export async function startRealDovecot(options: RealDovecotOptions = {}): Promise<RealDovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'inkpost-dovecot-'))
  chmodSync(folder, 0o755)
  const port = await freePort()
  const introspection = await serveIntrospection(port, options.userOf ?? (() => undefined))
  writeConfiguration(folder, port, options)
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'inherit' })
  const socket = join(folder, 'auth')

  async function stop(): Promise<void> {
    introspection.closeAllConnections()
    introspection.close()
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await untilThere(socket, folder, child)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    socket,
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    [Symbol.asyncDispose]: stop,
  }
}
