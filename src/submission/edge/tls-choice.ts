import type { TlsRefusal } from '../../core/session-event.ts'
import type { DeviceSetup, TlsFloor } from '../../core/setup.ts'
import type { ClientHello } from './client-hello.ts'
import type { LegacyCertificate } from './tls-contexts.ts'
import { suiteFor } from './vintage/suites.ts'

/** TLS alert descriptions (RFC 5246 section 7.2.2). */
export type AlertName = 'handshake_failure' | 'protocol_version'

export type TlsChoice =
  /** TLS 1.2 or more at OpenSSL's ordinary security level. */
  | { readonly kind: 'modern' }
  /** TLS 1.0 and 1.1, static RSA and SHA-1 signatures: security level 0. */
  | { readonly kind: 'legacy'; readonly certificate: LegacyCertificate }
  /** SSL 3.0, RC4, 3DES: what Node's OpenSSL has no more, by our own engine. */
  | { readonly kind: 'vintage'; readonly certificate: VintageCertificate }
  /** `reason` undefined: the client is not there any more. */
  | {
      readonly kind: 'refuse'
      readonly alert: AlertName
      readonly reason: TlsRefusal | undefined
      readonly why: string
    }

export type VintageCertificate = Exclude<LegacyCertificate, 'sha256'>

type DeviceCertificate = DeviceSetup['certificate']

const ssl30 = 0x0300
const tls10 = 0x0301
const tls12 = 0x0303
const tls13 = 0x0304

/** RSA with SHA-256 or better, PKCS #1 or PSS, and ECDSA likewise: what the ordinary security level can sign with. */
const strongSignatures: ReadonlySet<number> = new Set([
  0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
])

/** Suites that Node's OpenSSL serves with an RSA certificate: AES with static RSA or ECDHE-RSA, ChaCha20, TLS 1.3's. */
const nativeSuites: ReadonlySet<number> = new Set([
  0x002f, 0x0035, 0x003c, 0x003d, 0x009c, 0x009d, 0xc013, 0xc014, 0xc027, 0xc028, 0xc02f, 0xc030, 0xcca8,
  0x1301, 0x1302, 0x1303,
])

/**
 * Which TLS a client gets. Whoever can do TLS 1.2 gets the modern context, so that security level 0 never applies to it;
 * the exceptions are TLS 1.2 stacks that know no signature but SHA-1, and devices whose setup asks for an old
 * certificate, where the floor allows them. Vintage is for what OpenSSL can't serve at all, where the floor is that low.
 */
export function chooseTls(hello: ClientHello, floor: TlsFloor, wanted: DeviceCertificate): TlsChoice {
  if (hello.version < ssl30) return refusal('handshake_failure', 'ssl2-only', 'it knows SSL 2.0 only')
  const isNative = hello.version >= tls10 && hello.suites.some((suite) => nativeSuites.has(suite))
  const isVintage = !isNative && suiteFor(hello.suites) !== undefined
  if (isVintage && floor === 'vintage') {
    return { kind: 'vintage', certificate: wanted === 'sha1-1024' ? wanted : 'sha1' }
  }
  // OpenSSL would find nothing in common, and the session would say that nothing serves it.
  if (isVintage && hello.version >= tls12) {
    return refusal('handshake_failure', 'needs-vintage', `it offers no AES suite${cure(floor)}`)
  }
  const certificate = legacyCertificate(hello, wanted)
  if (hello.format === 'record' && hello.version >= tls12) {
    const isOld = floor !== 'modern' && hello.version < tls13 && certificate !== 'sha256'
    return isOld ? { kind: 'legacy', certificate } : { kind: 'modern' }
  }
  // What the vintage engine has, it was given above where the floor is that low.
  const reason = suiteFor(hello.suites) ? 'needs-vintage' : 'no-common-suite'
  if (hello.version < tls10)
    return refusal('handshake_failure', reason, `it knows SSL 3.0 only${cure(floor)}`)
  if (floor === 'modern') {
    const needed = isNative ? (hello.version >= tls12 ? 'old-format' : 'needs-legacy') : reason
    return refusal('protocol_version', needed, 'this listener takes TLS 1.2 and up')
  }
  return isNative
    ? { kind: 'legacy', certificate }
    : refusal('handshake_failure', reason, `it offers no AES suite${cure(floor)}`)
}

const refusal = (alert: AlertName, reason: TlsRefusal, why: string): TlsChoice => ({
  kind: 'refuse',
  alert,
  reason,
  why,
})

/** Vintage may be refused for other reasons: a suite nobody serves. */
const cure = (floor: TlsFloor): string =>
  floor === 'vintage' ? ' and none that is served here' : ': tls = "vintage" would take it'

/** SHA-256 where the client says that it can check it: stacks before TLS 1.2 say nothing, and most of them can't. */
function legacyCertificate(hello: ClientHello, wanted: DeviceCertificate): LegacyCertificate {
  if (wanted !== 'auto') return wanted
  const announced = hello.signatureAlgorithms ?? []
  return announced.some((algorithm) => strongSignatures.has(algorithm)) ? 'sha256' : 'sha1'
}

const descriptions: Readonly<Record<AlertName, number>> = { handshake_failure: 40, protocol_version: 70 }

/** A fatal alert as one record, in the client's own version so that it understands it. */
export function alertRecord(alert: AlertName, clientVersion: number): Uint8Array {
  const minor = Math.min(Math.max(clientVersion, 0x0300), tls12) & 0xff
  return Uint8Array.of(0x15, 0x03, minor, 0x00, 0x02, 0x02, descriptions[alert])
}
