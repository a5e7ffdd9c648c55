// The library alone beside the box: the table `Before and after` of docs/devices.md, asked of both on real sockets.
import assert from 'node:assert/strict'
import { connect as connectSocket, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import { codes, Page } from '../reference-page.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { address, device, listener, setup } from '../submission/setup.ts'

interface Ports {
  readonly starttls: number
  readonly implicit: number
}

const rows = new Page(join(resolve(import.meta.dirname, '../..'), 'docs/devices.md')).rows('Before and after')

/** The code that answers `line` behind `prelude`; `closed` where nothing does. */
async function answer(port: number, prelude: readonly string[], line: string): Promise<string> {
  using peer = Peer.connect(port)
  await peer.line()
  for (const first of prelude) await peer.ask(first)
  return codeOf(await peer.ask(line))
}

const codeOf = (reply: string): string => (reply === '(closed)' ? 'closed' : reply.slice(0, 3))

/** Everything in one packet, before the banner can have been read. */
async function answerEarly(port: number, line: string): Promise<string> {
  using peer = Peer.connect(port)
  peer.says(`${line}\r\n`)
  const first = await peer.line()
  return codeOf(first.startsWith('220') ? await peer.line() : first)
}

function answerTls(port: number): Promise<string> {
  return new Promise((found) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    const say = (word: string): void => {
      socket.destroy()
      found(word)
    }
    socket.once('secureConnect', () => say('TLS')).once('error', () => say('no TLS'))
  })
}

function answerInClear(port: number, line: string): Promise<string> {
  return new Promise((found) => {
    let heard = ''
    const socket: Socket = connectSocket({ port, host: '127.0.0.1' }, () => void socket.write(`${line}\r\n`))
    const say = (word: string): void => {
      socket.destroy()
      found(word)
    }
    socket.on('data', (octets: Buffer) => {
      heard += octets.toString('latin1')
      const reply = /^(?!220)(\d{3})[ -]/m.exec(heard)?.[1]
      if (reply !== undefined) say(reply)
    })
    socket.on('error', () => say('closed')).on('close', () => say('closed'))
  })
}

function ask(ports: Ports, quirk: string, said: string, line: string): Promise<string> {
  switch (quirk) {
    case 'early-talker':
      return answerEarly(ports.starttls, line)
    case 'tls-on-plain-port':
      return answerTls(ports.starttls)
    case 'plain-on-implicit-port':
      return answerInClear(ports.implicit, line)
    default: {
      const greeting = said.includes('as the first command') || /^(HELO|EHLO)/.test(line) ? [] : ['EHLO a']
      const prelude = said.includes('a second time') ? [...greeting, line] : greeting
      return answer(ports.starttls, prelude, line)
    }
  }
}

describe('the library alone and the box', () => {
  const stock = [false, true].map(
    (secure) => new SMTPServer({ secure, authOptional: true, allowInsecureAuth: true, logger: false }),
  )
  let rig: Rig
  let library: Ports
  let box: Ports

  before(async () => {
    const listen = (server: SMTPServer | undefined): Promise<number> =>
      new Promise((done) => {
        // A client that speaks clear text to its TLS port is an error there.
        server?.on('error', () => undefined)
        const bound = server?.listen(0, '127.0.0.1', () => {
          const place = bound?.address()
          done(place !== null && typeof place === 'object' ? place.port : 0)
        })
      })
    library = { starttls: await listen(stock[0]), implicit: await listen(stock[1]) }
    const panel = device('Panel', { addresses: ['127.0.0.1'], sender: address('panel@contoso.com') })
    const listeners = [listener('submission'), listener('submissions', { security: 'implicit' })]
    rig = await Rig.open({ setup: setup({ devices: [panel], listeners }) })
    box = { starttls: rig.port(), implicit: rig.port('submissions') }
  })
  after(async () => {
    await rig[Symbol.asyncDispose]()
    for (const server of stock) await new Promise<void>((closed) => void server.close(closed))
  })

  for (const row of rows) {
    const [quirk = ''] = codes(row.cell('quirk'))
    const said = row.cell('the device says')
    it(`${quirk}: ${said}`, async () => {
      const line = codes(said)[0] ?? ''
      assert.equal(await ask(library, quirk, said, line), row.cell('the library alone'), 'the library')
      assert.equal(await ask(box, quirk, said, line), row.cell('the box'), 'the box')
    })
  }

  it('differ in at least seven quirks', () => {
    const refused = rows.filter((row) => row.cell('the library alone') !== row.cell('the box'))
    assert.ok(new Set(refused.map((row) => row.cell('quirk'))).size >= 7)
  })
})
