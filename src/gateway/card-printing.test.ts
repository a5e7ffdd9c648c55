import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { asPage, printPage } from './card-printing.ts'

/** A printer on loopback; what came to it. */
async function printer(onSocket: (socket: Socket) => void = () => {}) {
  const received: Buffer[] = []
  const ended = Promise.withResolvers<void>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (octets: Buffer) => received.push(octets))
    socket.once('end', () => ended.resolve())
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    ended: ended.promise,
    page: () => Buffer.concat(received).toString('latin1'),
    [Symbol.dispose]: () => void server.close(),
  }
}

describe('a card on the printer’s own paper', () => {
  it('is plain ASCII with CR LF and a form feed', () => {
    assert.equal(asPage(['Büro Nº 1', '  Password  1234 5678']), 'Buro No 1\r\n  Password  1234 5678\r\n\f')
    assert.equal(asPage(['日本\u0007', '\u001b%-12345X']), '???\r\n?%-12345X\r\n\f')
  })

  it('comes whole to whoever takes pages', async () => {
    using raw = await printer()
    const page = asPage(['Scanner', 'x'.repeat(2000)])
    const printing = await printPage('127.0.0.1', page, raw.port)
    assert.equal(printing.isPrinted, true)
    await raw.ended
    assert.equal(raw.page(), page)
  })

  it('tells in words why it does not', async () => {
    const { port } = await printer().then((raw) => {
      raw[Symbol.dispose]()
      return raw
    })
    const refused = await printPage('127.0.0.1', 'x', port)
    assert.equal(refused.isPrinted, false)
    assert.match(refused.sentence, /takes no pages at port 9100: raw printing is off there/)
    const nowhere = await printPage('printer.invalid', 'x', port)
    assert.match(nowhere.sentence, /^printer\.invalid can not be reached: /)
  })
})
