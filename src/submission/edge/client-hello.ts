/** What a TLS client says of itself before anything is decided (RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2). */
export interface ClientHello {
  /** `sslv2`: the old record format (RFC 5246 appendix E.2), which clients of any version may send. */
  readonly format: 'record' | 'sslv2'
  /** Highest version asked for, as on the wire: 0x0300 is SSL 3.0, 0x0304 TLS 1.3; 0x0002 is SSL 2.0 alone. */
  readonly version: number
  /** Cipher suites in the client's order, without signalling values and GREASE (RFC 8701). */
  readonly suites: readonly number[]
  readonly serverName: string | undefined
  /** Undefined: the extension is absent, as in every stack before TLS 1.2. */
  readonly signatureAlgorithms: readonly number[] | undefined
  readonly extensions: readonly number[]
  readonly opening: HelloOpening
}

/** What a handshake goes on with, as far as the box does it itself. */
export interface HelloOpening {
  /** As the hello says it, without extensions; the premaster secret repeats it (RFC 5246 section 7.4.7.1). */
  readonly clientVersion: number
  /** 32 octets; the shorter challenge of an SSLv2-format hello has zeros in front. */
  readonly random: Uint8Array
  readonly compressions: readonly number[]
  /** TLS_FALLBACK_SCSV: the client tried something better before (RFC 7507). */
  readonly isFallback: boolean
  /** It knows secure renegotiation, by extension or signalling suite (RFC 5746). */
  readonly knowsRenegotiation: boolean
}

export type HelloReading =
  | {
      readonly kind: 'hello'
      readonly hello: ClientHello
      /** The octets that the handshake's hashes begin with. */
      readonly message: Uint8Array
      /** Octets of the stream that the hello takes. */
      readonly length: number
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'nonsense'; readonly why: string }

/** Longest ClientHello that is waited for, in octets. */
export const longestHello = 16384
const randomLength = 32

class Truncated extends Error {}

class Cursor {
  #at = 0
  readonly #octets: Uint8Array

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  get left(): number {
    return this.#octets.length - this.#at
  }

  number(width: 1 | 2 | 3): number {
    return this.take(width).reduce((sum, octet) => sum * 256 + octet, 0)
  }

  take(count: number): Uint8Array {
    if (this.left < count) throw new Truncated(`${count} octets wanted, ${this.left} left`)
    this.#at += count
    return this.#octets.subarray(this.#at - count, this.#at)
  }

  /** A vector with its length in front. */
  vector(width: 1 | 2): Cursor {
    return new Cursor(this.take(this.number(width)))
  }

  rest(): Uint8Array {
    return this.take(this.left)
  }

  numbers(): number[] {
    const found: number[] = []
    while (this.left > 0) found.push(this.number(2))
    return found
  }
}

/** Reads the ClientHello at the start of a stream, in either format, over several records if need be. */
export function readClientHello(octets: Uint8Array): HelloReading {
  try {
    return (octets[0] ?? 0) >= 0x80 ? readVersion2(octets) : readRecords(octets)
  } catch (error) {
    if (error instanceof Truncated) return { kind: 'nonsense', why: `hello cut short: ${error.message}` }
    throw error
  }
}

/** RFC 5246 appendix E.2: two octets of length with the high bit set, type 1, three-octet cipher specs. */
function readVersion2(octets: Uint8Array): HelloReading {
  if (octets.length < 2) return { kind: 'incomplete' }
  const length = (((octets[0] ?? 0) & 0x7f) << 8) | (octets[1] ?? 0)
  if (length > longestHello) return { kind: 'nonsense', why: `SSLv2 hello of ${length} octets` }
  if (octets.length < 2 + length) return { kind: 'incomplete' }
  const message = octets.subarray(2, 2 + length)
  const body = new Cursor(message)
  if (body.number(1) !== 1) return { kind: 'nonsense', why: 'no SSLv2 CLIENT-HELLO' }
  return { kind: 'hello', hello: version2Hello(body), message, length: 2 + length }
}

function version2Hello(body: Cursor): ClientHello {
  const version = body.number(2)
  const [specsLength, sessionLength, challengeLength] = [body.number(2), body.number(2), body.number(2)]
  const said = version3Suites(new Cursor(body.take(specsLength)))
  body.take(sessionLength)
  const random = new Uint8Array(randomLength)
  const challenge = body.take(challengeLength).subarray(-randomLength)
  random.set(challenge, randomLength - challenge.length)
  return {
    format: 'sslv2',
    version: Math.min(version, 0x0303),
    suites: said.filter(isSuite),
    serverName: undefined,
    signatureAlgorithms: undefined,
    extensions: [],
    opening: { clientVersion: version, random, compressions: [0], ...signalsIn(said, []) },
  }
}

/** Cipher specs that begin with zero are suites of SSL 3.0 and later; the others are SSL 2.0's own. */
function version3Suites(specs: Cursor): number[] {
  const suites: number[] = []
  while (specs.left >= 3) {
    const kind = specs.number(1)
    const suite = specs.number(2)
    if (kind === 0) suites.push(suite)
  }
  return suites
}

function readRecords(octets: Uint8Array): HelloReading {
  const joined = joinRecords(octets)
  if (joined.kind !== 'joined') return joined
  const body = new Cursor(joined.message.subarray(4))
  const clientVersion = body.number(2)
  const random = body.take(randomLength)
  body.vector(1) // session id
  const suites = body.vector(2).numbers()
  const compressions = [...body.vector(1).rest()]
  const hello = withExtensions({ clientVersion, random, compressions }, suites, body)
  return { kind: 'hello', hello, message: joined.message, length: joined.length }
}

type Joined =
  | { readonly kind: 'joined'; readonly message: Uint8Array; readonly length: number }
  | Exclude<HelloReading, { kind: 'hello' }>

/** A handshake message may be spread over records (RFC 5246 section 6.2.1). */
function joinRecords(octets: Uint8Array): Joined {
  const pieces: Uint8Array[] = []
  let collected = 0
  let at = 0
  // Known with the header. Joined only then and at the end: a record may hold a single octet.
  let wanted: number | undefined
  for (;;) {
    if (wanted === undefined && collected >= 4) {
      const head = Buffer.concat(pieces)
      if (head[0] !== 1) return { kind: 'nonsense', why: `handshake message ${head[0]} comes first` }
      const length = head.readUIntBE(1, 3)
      if (length > longestHello) return { kind: 'nonsense', why: `hello of ${length} octets` }
      wanted = 4 + length
    }
    if (wanted !== undefined && collected >= wanted) {
      return { kind: 'joined', message: Buffer.concat(pieces).subarray(0, wanted), length: at }
    }
    if (octets.length < at + 5) return { kind: 'incomplete' }
    const length = ((octets[at + 3] ?? 0) << 8) | (octets[at + 4] ?? 0)
    if (octets[at] !== 0x16 || length === 0 || length > longestHello) {
      return { kind: 'nonsense', why: 'no handshake record' }
    }
    if (octets.length < at + 5 + length) return { kind: 'incomplete' }
    pieces.push(octets.subarray(at + 5, at + 5 + length))
    collected += length
    at += 5 + length
  }
}

function withExtensions(
  said: Pick<HelloOpening, 'clientVersion' | 'random' | 'compressions'>,
  suites: readonly number[],
  rest: Cursor,
): ClientHello {
  const extensions: number[] = []
  let highest = Math.min(said.clientVersion, 0x0303)
  let serverName: string | undefined
  let signatureAlgorithms: number[] | undefined
  const list = rest.left >= 2 ? rest.vector(2) : new Cursor(new Uint8Array())
  while (list.left > 0) {
    const type = list.number(2)
    const data = list.vector(2)
    extensions.push(type)
    if (type === 0 && data.left > 0) serverName = readServerName(data)
    if (type === 13) signatureAlgorithms = data.vector(2).numbers()
    if (type === 43) highest = Math.max(highest, ...data.vector(1).numbers().filter(isVersion))
  }
  return {
    format: 'record',
    version: highest,
    suites: suites.filter(isSuite),
    serverName,
    signatureAlgorithms,
    extensions,
    opening: { ...said, ...signalsIn(suites, extensions) },
  }
}

/** RFC 6066 section 3: the first host name of the list. */
function readServerName(data: Cursor): string | undefined {
  const names = data.vector(2)
  if (names.number(1) !== 0) return undefined
  return Buffer.from(names.take(names.number(2))).toString('latin1')
}

const isVersion = (version: number): boolean => version >= 0x0300 && version <= 0x0304
const renegotiationSuite = 0x00ff
const renegotiationExtension = 0xff01
const fallbackSuite = 0x5600

const signalsIn = (suites: readonly number[], extensions: readonly number[]) => ({
  isFallback: suites.includes(fallbackSuite),
  knowsRenegotiation: suites.includes(renegotiationSuite) || extensions.includes(renegotiationExtension),
})

/** Neither a signalling value (RFC 5746, RFC 7507) nor GREASE (RFC 8701). */
const isSuite = (suite: number): boolean =>
  suite !== renegotiationSuite && suite !== fallbackSuite && (suite & 0x0f0f) !== 0x0a0a
