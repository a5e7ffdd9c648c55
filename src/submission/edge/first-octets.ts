/** What a client's first octets are the beginning of. `unsure`: too few octets yet. */
export type FirstOctets = 'tls' | 'sslv2-hello' | 'smtp' | 'unsure'

const handshakeRecord = 0x16

/**
 * TLS or SMTP, told by the first octets alone (postal#2005: printers send a ClientHello to port 25). A TLS record of a
 * handshake begins with 0x16; an SSLv2-format hello with the high bit set and message type 1 in the third octet. All
 * else is taken as SMTP: garbage is answered in SMTP's words.
 */
export function recogniseFirstOctets(octets: Uint8Array): FirstOctets {
  const first = octets[0]
  if (first === undefined) return 'unsure'
  if (first === handshakeRecord) return 'tls'
  if (first < 0x80) return 'smtp'
  const type = octets[2]
  if (type === undefined) return 'unsure'
  return type === 1 ? 'sslv2-hello' : 'smtp'
}
