/** Versions as on the wire; SSL 3.0 is RFC 6101, TLS 1.0 RFC 2246, 1.1 RFC 4346, 1.2 RFC 5246. */
export const ssl30 = 0x0300
export const tls10 = 0x0301
export const tls11 = 0x0302
export const tls12 = 0x0303

export type Version = typeof ssl30 | typeof tls10 | typeof tls11 | typeof tls12

/** The version that both sides know, by what the client offers at most; undefined: SSL 2.0 or nonsense. */
export function versionFor(clientVersion: number): Version | undefined {
  if (clientVersion >= tls12) return tls12
  return ([tls11, tls10, ssl30] as const).find((version) => version === clientVersion)
}

/** As OpenSSL spells them, like Node's `getProtocol()`. */
export function protocolName(version: Version): string {
  switch (version) {
    case ssl30:
      return 'SSLv3'
    case tls10:
      return 'TLSv1'
    case tls11:
      return 'TLSv1.1'
    case tls12:
      return 'TLSv1.2'
  }
}
