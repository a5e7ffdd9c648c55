// A name server on loopback, UDP and TCP on one port, with scripted records and troubles.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import {
  type DnsAnswer,
  type DnsQuery,
  type DnsRecord,
  type DnsResponse,
  type DnsType,
  encodeAnswer,
  parseQuery,
} from './dns-message.ts'
import { createRecorder } from './recorder.ts'

export interface DnsTrouble {
  /** Default: every name. */
  readonly name?: RegExp
  readonly type?: DnsType
  readonly kind:
    | Exclude<DnsResponse, 'answered'>
    | 'silence'
    /** An answer to another question, which a client must not take. */
    | 'wrong-id'
    /** UDP answers are empty and send the client to TCP. */
    | 'truncated'
}

export interface DnsSettings {
  /** By name, lower case, without the dot at its end. A name with an empty list exists and has nothing. */
  records: Readonly<Record<string, readonly DnsRecord[]>>
  /** First match counts. */
  troubles: readonly DnsTrouble[]
  /** Captive portal: this address for every name, whatever the records say. */
  portal: string | undefined
}

export interface DnsQuestion {
  readonly name: string
  readonly type: DnsType | number
  readonly transport: 'udp' | 'tcp'
}

export interface Dns extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:PORT`, as Node's resolvers take it. */
  readonly address: string
  /** Live. */
  readonly settings: DnsSettings
  readonly questions: readonly DnsQuestion[]
  questionsReach(count: number, signal?: AbortSignal): Promise<void>
}

interface Reply {
  readonly response: DnsResponse
  readonly answers: readonly DnsAnswer[]
}

/** Records of the type, behind CNAMEs that lead to them; the chain ends where it leaves the records or turns back. */
function look(settings: DnsSettings, name: string, type: DnsType | number, met: readonly string[]): Reply {
  const records = settings.records[name]
  if (records === undefined) return { response: met.length > 0 ? 'answered' : 'nxdomain', answers: [] }
  const alias = records.find((one) => one.type === 'CNAME')
  if (alias?.type !== 'CNAME' || type === 'CNAME') {
    const found = records.filter((one) => one.type === type)
    return { response: 'answered', answers: found.map((one) => [name, one]) }
  }
  const target = alias.target.toLowerCase()
  const further = met.includes(target) ? [] : look(settings, target, type, [...met, name]).answers
  return { response: 'answered', answers: [[name, alias], ...further] }
}

function answerPortal(address: string, query: DnsQuery): Reply {
  const isAsked = query.type === 'A'
  return { response: 'answered', answers: isAsked ? [[query.name, { type: 'A', address }]] : [] }
}

function troubleOf(settings: DnsSettings, query: DnsQuery): DnsTrouble['kind'] | undefined {
  return settings.troubles.find(
    (one) => (one.name?.test(query.name) ?? true) && (one.type === undefined || one.type === query.type),
  )?.kind
}

/** The message to send back; `undefined` for silence. */
function respond(settings: DnsSettings, query: DnsQuery, maxOctets: number): Buffer | undefined {
  const trouble = troubleOf(settings, query)
  const reply =
    settings.portal === undefined
      ? look(settings, query.name, query.type, [])
      : answerPortal(settings.portal, query)
  switch (trouble) {
    case undefined:
      return encodeAnswer(query, reply.response, reply.answers, maxOctets)
    case 'silence':
      return undefined
    case 'wrong-id':
      return encodeAnswer({ ...query, id: query.id ^ 0xffff }, reply.response, reply.answers, maxOctets)
    case 'truncated':
      return encodeAnswer(query, reply.response, reply.answers, Number.isFinite(maxOctets) ? 0 : maxOctets)
    default:
      return encodeAnswer(query, trouble, [])
  }
}

/** RFC 1035 section 4.2.2: two octets of length go before each message. */
function serveTcp(socket: Socket, answer: (message: Buffer) => Buffer | undefined): void {
  let rest = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      const reply = answer(rest.subarray(2, end))
      rest = rest.subarray(end)
      if (reply === undefined) continue
      const length = Buffer.alloc(2)
      length.writeUInt16BE(reply.length)
      socket.write(Buffer.concat([length, reply]))
    }
  })
}

async function bind(udp: UdpSocket, tcp: Server): Promise<number> {
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const address = tcp.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  udp.bind(address.port, '127.0.0.1')
  await once(udp, 'listening')
  return address.port
}

export async function startDns(given: Partial<DnsSettings> = {}): Promise<Dns> {
  const settings: DnsSettings = { records: {}, troubles: [], portal: undefined, ...given }
  const questions = createRecorder<DnsQuestion>()
  const sockets = new Set<Socket>()

  function answer(message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined {
    const query = parseQuery(message)
    if (query === undefined) return undefined
    questions.add({ name: query.name, type: query.type, transport })
    return respond(settings, query, transport === 'udp' ? query.udpOctets : Number.POSITIVE_INFINITY)
  }

  const udp = createSocket('udp4', (message, peer) => {
    const reply = answer(message, 'udp')
    if (reply !== undefined) udp.send(reply, peer.port, peer.address)
  })
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveTcp(socket, (message) => answer(message, 'tcp'))
  })
  const port = await bind(udp, tcp)

  return {
    port,
    address: `127.0.0.1:${port}`,
    settings,
    questions: questions.entries,
    questionsReach: questions.reaches,
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      tcp.close(() => resolve())
      for (const socket of sockets) socket.destroy()
      udp.close()
      await promise
    },
  }
}
