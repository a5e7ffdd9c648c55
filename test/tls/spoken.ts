import { spawn } from 'node:child_process'

/** A TLS client that takes what it is to say on stdin and prints what it hears. */
export interface Program {
  readonly command: string
  readonly arguments: readonly string[]
}

const longestMs = 30_000

/**
 * Submits the mail through a TLS client: the whole dialogue at once (PIPELINING), its end when the 221 was heard. What
 * the client printed.
 */
export function speak({ command, arguments: rest }: Program, mail: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: 'pipe' })
    let text = ''
    const late = setTimeout(() => child.kill(), longestMs)
    const hear = (octets: Buffer): void => {
      text += octets.toString('latin1')
      if (/^221 /m.test(text)) child.stdin.end()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', reject).on('close', () => {
      clearTimeout(late)
      resolve(text)
    })
    child.stdin.on('error', () => undefined)
    const envelope = 'EHLO client\r\nMAIL FROM:<scan@device.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n'
    child.stdin.write(Buffer.concat([Buffer.from(envelope), mail, Buffer.from('.\r\nQUIT\r\n')]))
  })
}

/** GnuTLS with one protocol, cipher and MAC, RSA key exchange, and whatever else its priority string is to say. */
export function gnutls(
  port: number,
  mode: 'implicit' | 'starttls',
  protocol: string,
  cipher: string,
  more = '',
): Program {
  const priority = `NONE:+VERS-${protocol}:+${cipher}:+RSA:+COMP-NULL:+SIGN-ALL:%VERIFY_ALLOW_BROKEN:%COMPAT${more}`
  const starttls = mode === 'starttls' ? ['--starttls-proto=smtp'] : []
  return {
    command: 'gnutls-cli',
    arguments: [...starttls, '--insecure', '--priority', priority, '-p', `${port}`, '127.0.0.1'],
  }
}

/** NSS, as Firefox and old servers of Sun and Red Hat have it: `protocol` is ssl3, tls1.0 and so on. */
export const nss = (port: number, protocol: string, suite: string): Program => ({
  command: 'tstclnt',
  arguments: [
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-D',
    '-o',
    '-V',
    `${protocol}:${protocol}`,
    '-c',
    `:${suite}`,
  ],
})

/** OpenSSL 3 with one protocol; `cipher` as it spells them. */
export function openssl(
  port: number,
  mode: 'implicit' | 'starttls',
  protocol: string,
  cipher: string,
): Program {
  const starttls = mode === 'starttls' ? ['-starttls', 'smtp'] : []
  const weak = ['-cipher', `${cipher}:@SECLEVEL=0`]
  return {
    command: 'openssl',
    arguments: [
      's_client',
      '-quiet',
      '-ign_eof',
      `-${protocol}`,
      ...weak,
      ...starttls,
      '-connect',
      `127.0.0.1:${port}`,
    ],
  }
}
