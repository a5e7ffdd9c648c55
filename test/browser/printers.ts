// Printers, played by programs of other people.
import { spawn } from 'node:child_process'
import type { GatewayInProcess } from '../gateway-in-process.ts'

/** What was said, whether the mail was taken or not. */
export function program(file: string, ...commandLine: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, commandLine, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (octets: Buffer) => {
        said += octets.toString('latin1')
      })
    child.on('error', reject)
    child.on('close', () => resolve(said))
  })
}

export interface Scan {
  readonly user?: string
  readonly password?: string
  readonly to?: string
  readonly more?: readonly string[]
}

/** swaks as a scanner at the box's listener. */
export const scan = (box: GatewayInProcess, listener: string, wish: Scan = {}): Promise<string> =>
  program(
    'swaks',
    ...['--server', `127.0.0.1:${box.port(listener)}`, '--from', 'scanner@contoso.com'],
    ...['--to', wish.to ?? 'anna@contoso.com', '--body', 'a scan'],
    ...(wish.user === undefined
      ? []
      : ['--auth', 'LOGIN', '--auth-user', wish.user, '--auth-password', wish.password ?? '']),
    ...(wish.more ?? []),
  )

/** A printer that knows TLS 1.0 with static RSA and nothing better. */
export const scanOverTls10 = (box: GatewayInProcess, listener: string, mail: string): Promise<string> =>
  program(
    'curl',
    ...['-sS', '-v', '-k', '--max-time', '20', '--ssl-reqd', '--tlsv1.0', '--tls-max', '1.0'],
    ...['--ciphers', 'AES128-SHA:@SECLEVEL=0', '--mail-from', 'scanner@contoso.com'],
    ...['--mail-rcpt', 'anna@contoso.com', '-T', mail, `smtp://127.0.0.1:${box.port(listener)}`],
  )
