/** Where syslog goes: `udp://host:514`, `tcp://`, `tls://`; a host alone is told by datagram, as everywhere. */
export interface SyslogTarget {
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/** RFC 5426 and what servers listen on for TCP; RFC 5425 for TLS. */
const defaultPorts: Readonly<Record<SyslogTarget['transport'], number>> = { udp: 514, tcp: 514, tls: 6514 }

const pattern = /^(?:(udp|tcp|tls):\/\/)?(?:\[([0-9a-f:.]+)\]|([^\s/:@?#[\]]+))(?::(\d{1,5}))?\/?$/i

/** Undefined if the text is none. */
export function parseSyslogTarget(text: string): SyslogTarget | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, scheme = 'udp', bracketed, name, port] = match
  const transport = scheme.toLowerCase()
  if (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') return undefined
  const number = port === undefined ? defaultPorts[transport] : Number(port)
  if (number < 1 || number > 65_535) return undefined
  return { transport, host: (bracketed ?? name ?? '').toLowerCase(), port: number }
}
