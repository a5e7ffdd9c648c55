/** Alert descriptions (RFC 6101 section 5.4.2, RFC 5246 section 7.2, RFC 7507 section 3). */
const descriptions = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  no_certificate: 41,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
} as const

export type Alert = keyof typeof descriptions

export const warningLevel = 1
export const fatalLevel = 2

export const alertOctets = (level: number, alert: Alert): Buffer => Buffer.from([level, descriptions[alert]])

/** `46 (certificate_unknown)`: what a device complains about is what its technician has to look for. */
export function alertText(code: number): string {
  const found = Object.entries(descriptions).find(([, each]) => each === code)
  return found ? `${code} (${found[0]})` : `${code}`
}

/** The session is broken and ends with this alert, or without one. Caught in one place, `VintageSession.receive`. */
export class FatalAlert extends Error {
  readonly alert: Alert | undefined

  constructor(alert: Alert | undefined, why: string) {
    super(why)
    this.alert = alert
  }
}
