import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { ServerIdentity } from '../core/server-identity.ts'
import { second } from '../core/time.ts'

/** For the first octet, and for the handshake that it begins. */
const patienceMs = 10 * second
/** The first octet of a ClientHello in its record (RFC 8446 section 5.1); no request of HTTP begins so. */
const handshakeRecord = 0x16

export interface SecureDoor {
  /** From the next handshake on. */
  show(identity: ServerIdentity): void
}

/**
 * Makes a server that does not listen yet let TLS (1.2 and up) and plain HTTP in at the same port: who types the address without `https://` finds out what to
 * do. No node:https: its import loads what a console never uses (decision 6).
 */
export function secure(server: Server, identity: ServerIdentity): SecureDoor {
  const [converse] = server.listeners('connection')
  if (converse === undefined) throw new Error('this HTTP server takes no connections')
  server.removeAllListeners('connection')
  const tls = createServer({
    ...optionsOf(identity),
    handshakeTimeout: patienceMs,
    ALPNProtocols: ['http/1.1'],
  })
  tls.on('secureConnection', (socket) => converse.call(server, socket))
  // A browser that does not trust us yet hangs up in the middle: nothing to say to it, and nothing to log.
  tls.on('tlsClientError', (_, socket) => socket.destroy())
  server.on('connection', (socket: Socket) => {
    if (socket.destroyed) return
    hearFirst(socket, (octet) => {
      if (octet === handshakeRecord) tls.emit('connection', socket)
      else converse.call(server, socket)
    })
  })
  return { show: (next) => tls.setSecureContext(optionsOf(next)) }
}

const optionsOf = ({ keyPem, certificatePem }: ServerIdentity) =>
  ({ key: keyPem, cert: certificatePem, minVersion: 'TLSv1.2' }) as const

/** What came is put back, so that whoever serves the socket begins at its first octet. */
function hearFirst(socket: Socket, then: (octet: number) => void): void {
  const giveUp = () => socket.destroy()
  const timer = setTimeout(giveUp, patienceMs)
  timer.unref()
  const end = () => {
    clearTimeout(timer)
    socket.off('readable', listen)
    socket.off('error', giveUp)
    socket.off('end', giveUp)
  }
  const listen = () => {
    const heard: Buffer | null = socket.read()
    const [octet] = heard ?? []
    if (heard === null || octet === undefined) return
    end()
    socket.unshift(heard)
    then(octet)
  }
  socket.on('readable', listen)
  socket.on('error', giveUp)
  socket.once('close', end)
  socket.on('end', giveUp)
}
