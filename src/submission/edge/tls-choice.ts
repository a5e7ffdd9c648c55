import type { TlsFloor } from '../../core/setup.ts'
import type { ClientHello } from './client-hello.ts'

/** TLS alert descriptions (RFC 5246 section 7.2.2). */
export type AlertName = 'handshake_failure' | 'protocol_version'

export type TlsChoice =
  /** TLS 1.2 or more at OpenSSL's ordinary security level. */
  | { readonly kind: 'modern' }
  /** TLS 1.0 and 1.1, static RSA and SHA-1 signatures: security level 0. */
  | { readonly kind: 'legacy' }
  | { readonly kind: 'refuse'; readonly alert: AlertName; readonly why: string }

const tls10 = 0x0301
const tls12 = 0x0303
const tls13 = 0x0304

/** RSA with SHA-256 or better, PKCS #1 or PSS, and ECDSA likewise: what the ordinary security level can sign with. */
const strongSignatures: ReadonlySet<number> = new Set([
  0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
])

/** AES suites with static RSA or ECDHE-RSA that the legacy context serves. */
const legacySuites: ReadonlySet<number> = new Set([
  0x002f, 0x0035, 0x003c, 0x003d, 0x009c, 0x009d, 0xc013, 0xc014, 0xc027, 0xc028, 0xc02f, 0xc030,
])

/**
 * Which TLS a client gets. Whoever can do TLS 1.2 gets the modern context, so that security level 0 never applies to
 * it; the one exception are TLS 1.2 stacks that know no signature but SHA-1, where the floor allows them.
 */
export function chooseTls(hello: ClientHello, floor: TlsFloor): TlsChoice {
  const mayBeOld = floor !== 'modern'
  if (hello.format === 'record' && hello.version >= tls12) {
    return mayBeOld && signsOnlyWithSha1(hello) ? { kind: 'legacy' } : { kind: 'modern' }
  }
  if (hello.version < tls10) {
    return { kind: 'refuse', alert: 'handshake_failure', why: 'it knows SSL 3.0 or less only' }
  }
  if (!mayBeOld)
    return { kind: 'refuse', alert: 'protocol_version', why: 'this listener takes TLS 1.2 and up' }
  if (!hello.suites.some((suite) => legacySuites.has(suite))) {
    return { kind: 'refuse', alert: 'handshake_failure', why: 'it offers no AES suite' }
  }
  return { kind: 'legacy' }
}

function signsOnlyWithSha1(hello: ClientHello): boolean {
  if (hello.version >= tls13) return false
  return !(hello.signatureAlgorithms ?? []).some((algorithm) => strongSignatures.has(algorithm))
}

const descriptions: Readonly<Record<AlertName, number>> = { handshake_failure: 40, protocol_version: 70 }

/** A fatal alert as one record, in the client's own version so that it understands it. */
export function alertRecord(alert: AlertName, clientVersion: number): Uint8Array {
  const minor = Math.min(Math.max(clientVersion, 0x0300), tls12) & 0xff
  return Uint8Array.of(0x15, 0x03, minor, 0x00, 0x02, 0x02, descriptions[alert])
}
