import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { textAnswer } from './answers.ts'
import { httpServer, openServer } from './http-server.ts'
import { route, type Site } from './router.ts'

const unreadMs = 150
const large = 'x'.repeat(1_000_000)

const site: Site = {
  routes: [
    route('GET', '/large', 'everybody', () => textAnswer(large)),
    route('GET', '/small', 'everybody', () => textAnswer('first')),
    route('GET', '/late', 'everybody', async () => {
      await wait(4 * unreadMs)
      return textAnswer('second')
    }),
  ],
  admit: () => ({ kind: 'admitted', caller: { access: 'everybody', who: 'a test' } }),
  notFound: () => textAnswer('', 404),
  notAllowed: () => textAnswer('', 405),
  failed: (error) => textAnswer(String(error), 500),
}

interface Open extends AsyncDisposable {
  readonly server: Server
  readonly port: number
}

async function open(): Promise<Open> {
  const server = httpServer(site, { unreadMs })
  const opening = await openServer(server, { host: '127.0.0.1', port: 0 })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  return { server, port: opening.port, [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose]() }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('a connection on which nobody reads the answers', { timeout: 60_000 }, () => {
  it('is closed, however many were asked for', async () => {
    for (const count of [40, 20]) {
      await using box = await open()
      const served = once(box.server, 'connection')
      const visitor = connect(box.port, '127.0.0.1').pause()
      visitor.on('error', () => undefined)
      visitor.write(get('/large').repeat(count))
      const [socket]: Socket[] = await served
      assert.ok(socket)
      await once(socket, 'close')
      visitor.destroy()
    }
  })

  it('is no connection whose next answer takes its time', async () => {
    await using box = await open()
    const visitor = connect(box.port, '127.0.0.1')
    visitor.write(get('/small') + get('/late'))
    let told = ''
    for await (const piece of visitor) {
      told += String(piece)
      if (told.endsWith('second')) break
    }
    assert.match(told, /first[\s\S]*second$/)
  })
})

/** As node:http lets connections be handed to it: with the address that a test has no network for. */
class Visit extends Duplex {
  readonly remoteAddress: string

  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }

  override _read(): void {}

  override _write(_piece: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

describe('connections', () => {
  it('of one IPv6 host are counted together, whatever addresses it takes', async () => {
    await using box = await open()
    const visit = (address: string): Visit => {
      const socket = new Visit(address)
      box.server.emit('connection', socket)
      return socket
    }
    const visits = Array.from({ length: 61 }, (_, index) =>
      visit(`2001:db8:0:7::${(index + 1).toString(16)}`),
    )
    visits.push(visit('2001:db8:0:8::1'), visit('192.168.7.9'), visit('::ffff:192.168.7.9'))
    const closed = visits.filter(({ destroyed }) => destroyed).map(({ remoteAddress }) => remoteAddress)
    assert.deepEqual(closed, ['2001:db8:0:7::3d'])
    for (const socket of visits) socket.destroy()
  })
})
