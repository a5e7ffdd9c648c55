import type { HandshakeFailure } from '../../core/session-event.ts'

/** What a client's alert calls our certificate (RFC 5246 section 7.2.2). */
const distrust: ReadonlySet<string> = new Set([
  'unknown ca',
  'bad certificate',
  'unsupported certificate',
  'certificate revoked',
  'certificate expired',
  'certificate unknown',
  'no certificate',
])

/**
 * OpenSSL's `tlsv1 alert unknown ca` and `sslv3 alert bad certificate` (`ssl/tls alert …` since 3.2), the vintage
 * engine's `the device sent alert 48 (unknown_ca)`.
 */
const alert = /(?:tlsv1\d?|tlsv13|sslv3|ssl\/tls) alert ([a-z ]+)|sent alert \d+ \(([a-z_]+)\)/
const nothingCommon =
  /no shared cipher|unsupported protocol|no suitable|no suite in common|wrong (?:signature|version)|no protocols available/

/** An error of a TLS engine in a handshake, classified: the one place that knows their words. */
export function handshakeFailure(message: string): HandshakeFailure {
  const said = alert.exec(message)
  const name = (said?.[1] ?? said?.[2])?.replaceAll('_', ' ').trim()
  if (name !== undefined) return { kind: distrust.has(name) ? 'distrust' : 'alert', alert: name }
  return { kind: nothingCommon.test(message) ? 'nothing-common' : 'broken' }
}
