import { connect, type Socket } from 'node:net'

/**
 * A connected TCP socket, trying the addresses of the host in turn (RFC 8305) as the system resolves it. Rejects with
 * the runtime's error, or the signal's reason.
 */
export function connectSocket(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const socket = connect({ host, port, autoSelectFamily: true })
    const settle = (action: () => void): void => {
      signal.removeEventListener('abort', giveUp)
      socket.removeListener('error', fail)
      action()
    }
    const fail = (error: Error): void => settle(() => reject(error))
    const giveUp = (): void =>
      settle(() => {
        socket.on('error', () => {})
        socket.destroy()
        reject(signal.reason)
      })
    socket.once('error', fail)
    socket.once('connect', () => settle(() => resolve(socket)))
    signal.addEventListener('abort', giveUp, { once: true })
  })
}
