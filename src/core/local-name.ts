/** How a box is found as `NAME.local` without a name server: multicast DNS (RFC 6762). */

export const mdnsGroups = { udp4: '224.0.0.251', udp6: 'ff02::fb' } as const
export const mdnsPort = 5353

/** Who sent a datagram. `address` with its zone where it is link-local. */
export interface MdnsSender {
  readonly address: string
  readonly port: number
}

/** One network that the box is attached to. */
export interface MdnsLink {
  /** `eth0`. */
  readonly name: string
  /** The box's addresses there, of both families, without zones. */
  addresses(): readonly string[]
  /** To everybody in the link. Lost where the link went down meanwhile. */
  say(octets: Uint8Array): void
  reply(octets: Uint8Array, to: MdnsSender): void
}

export interface MdnsAir extends AsyncDisposable {
  /** Those that can be heard, as they are now: links come and go. Throws where the machine does not say. */
  links(): readonly MdnsLink[]
  /** Nothing is heard or said until they are asked for again. */
  leave(): void
  listen(hear: (link: string, octets: Uint8Array, from: MdnsSender) => void): void
}
