// A DNS server for the doctor's own tests: one zone in a table, over UDP on loopback.
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

/** `A contoso.com` and the like to its values; MX as `10 host`. */
export type Zone = Readonly<Record<string, readonly string[]>>

export type DnsMood = 'honest' | 'silent' | 'servfail' | 'captive'

export interface DnsServer extends AsyncDisposable {
  /** For `DnsNames`. */
  readonly server: string
  /** `A contoso.com`, in order. */
  readonly asked: readonly string[]
}

const types: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 15: 'MX', 16: 'TXT', 28: 'AAAA' }
const numberOf = (type: string): number =>
  Number(Object.entries(types).find(([, name]) => name === type)?.[0] ?? 0)

/** `captive` answers every question for an address with 10.0.0.1. */
export async function startDns(zone: Zone, mood: DnsMood = 'honest'): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, from: RemoteInfo) => {
    const { name, type } = questionOf(query)
    asked.push(`${type} ${name}`)
    if (mood === 'silent') return
    socket.send(reply(query, name, type, zone, mood), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise((closed) => socket.close(() => closed())),
  }
}

function questionOf(query: Buffer): { readonly name: string; readonly type: string } {
  const labels: string[] = []
  let at = 12
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size))
    at += 1 + size
  }
  return { name: labels.join('.').toLowerCase(), type: types[query.readUInt16BE(at + 1)] ?? 'other' }
}

function reply(query: Buffer, name: string, type: string, zone: Zone, mood: DnsMood): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5)
  const values = mood === 'captive' && type === 'A' ? ['10.0.0.1'] : (zone[`${type} ${name}`] ?? [])
  const isKnown = Object.keys(zone).some((key) => key.endsWith(` ${name}`))
  const code = mood === 'servfail' ? 2 : values.length > 0 || isKnown || mood === 'captive' ? 0 : 3
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 | code, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(mood === 'servfail' ? 0 : values.length, 6)
  const answers = mood === 'servfail' ? [] : values.map((value) => record(type, value))
  return Buffer.concat([head, question, ...answers])
}

function record(type: string, value: string): Buffer {
  const data = dataOf(type, value)
  const head = Buffer.alloc(12)
  // The name of the question (RFC 1035 section 4.1.4).
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(numberOf(type), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function dataOf(type: string, value: string): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number))
    case 'TXT':
      // In pieces of 200 octets, as long records come.
      return Buffer.concat(
        (value.match(/.{1,200}/g) ?? []).flatMap((piece) => [
          Buffer.from([piece.length]),
          Buffer.from(piece),
        ]),
      )
    case 'MX': {
      const [preference = '', host = ''] = value.split(' ')
      return Buffer.concat([Buffer.from([0, Number(preference)]), nameOf(host)])
    }
    default:
      return nameOf(value)
  }
}

const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ])
