import type { TlsOffer } from '../../core/session-event.ts'
import type { ClientHello } from './client-hello.ts'

const versions: Readonly<Record<number, string>> = {
  2: 'SSL 2.0',
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
}

/** Names as OpenSSL writes them, of the suites that old and current devices offer. */
const suites: Readonly<Record<number, string>> = {
  3: 'EXP-RC4-MD5',
  4: 'RC4-MD5',
  5: 'RC4-SHA',
  6: 'EXP-RC2-CBC-MD5',
  9: 'DES-CBC-SHA',
  10: 'DES-CBC3-SHA',
  22: 'DHE-RSA-DES-CBC3-SHA',
  47: 'AES128-SHA',
  51: 'DHE-RSA-AES128-SHA',
  53: 'AES256-SHA',
  57: 'DHE-RSA-AES256-SHA',
  60: 'AES128-SHA256',
  61: 'AES256-SHA256',
  103: 'DHE-RSA-AES128-SHA256',
  107: 'DHE-RSA-AES256-SHA256',
  156: 'AES128-GCM-SHA256',
  157: 'AES256-GCM-SHA384',
  49171: 'ECDHE-RSA-AES128-SHA',
  49172: 'ECDHE-RSA-AES256-SHA',
  49191: 'ECDHE-RSA-AES128-SHA256',
  49192: 'ECDHE-RSA-AES256-SHA384',
  49199: 'ECDHE-RSA-AES128-GCM-SHA256',
  49200: 'ECDHE-RSA-AES256-GCM-SHA384',
  4865: 'TLS_AES_128_GCM_SHA256',
  4866: 'TLS_AES_256_GCM_SHA384',
  4867: 'TLS_CHACHA20_POLY1305_SHA256',
}

const hexadecimal = (n: number): string => `0x${n.toString(16).padStart(4, '0')}`

export const versionName = (version: number): string => versions[version] ?? hexadecimal(version)
export const suiteName = (suite: number): string => suites[suite] ?? hexadecimal(suite)

/** By what stands in a suite's name; the export ciphers first, which are RC4 or DES too. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^EXP/, 'export ciphers'],
  [/RC4/, 'RC4'],
  [/DES-CBC3/, '3DES'],
  [/DES-CBC-/, 'DES'],
  [/AES|CHACHA20/, 'AES'],
]

const familyOf = (suite: number): string | undefined =>
  families.find(([pattern]) => pattern.test(suiteName(suite)))?.[1]

/** What it offers in the words of a verdict: `SSL 3.0`, `RC4 and 3DES`. */
export function offerOf({ version, suites: offered }: ClientHello): TlsOffer {
  const found = [...new Set(offered.map(familyOf).filter((family) => family !== undefined))]
  const last = found.pop() ?? 'ciphers unknown here'
  return {
    version: versionName(version),
    ciphers: found.length === 0 ? last : `${found.join(', ')} and ${last}`,
  }
}

const shownSuites = 12

/** One line for a technician: `offers up to TLS 1.0; AES128-SHA DES-CBC3-SHA; no server name`. */
export function describeHello(hello: ClientHello): string {
  const names = hello.suites.slice(0, shownSuites).map(suiteName).join(' ')
  const more = hello.suites.length > shownSuites ? ` and ${hello.suites.length - shownSuites} more` : ''
  const format = hello.format === 'sslv2' ? ' in an SSLv2-format hello' : ''
  const name = hello.serverName === undefined ? 'no server name' : `server name ${hello.serverName}`
  return `offers up to ${versionName(hello.version)}${format}; ${names}${more}; ${name}`
}
