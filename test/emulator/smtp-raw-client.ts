// A bare SMTP client for dialogues in tests: it says exactly the octets it is told to.
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { createSmtpReader } from './smtp-reader.ts'

export interface RawSmtpClient extends AsyncDisposable {
  /** Octets as they are, no line end added. */
  write(octets: string | Buffer): void
  /** One whole reply, its lines joined by \n; `undefined` when the server hung up. */
  reply(): Promise<string | undefined>
  /** A command line and its reply. */
  say(line: string): Promise<string | undefined>
  startTls(options: ConnectionOptions): Promise<void>
}

export async function openRawSmtp(port: number, implicit?: ConnectionOptions): Promise<RawSmtpClient> {
  let socket: Socket =
    implicit === undefined
      ? connectTcp(port, '127.0.0.1')
      : connectTls({ port, host: '127.0.0.1', ...implicit })
  // A reset shows as the end of the replies.
  socket.on('error', () => undefined)
  await once(socket, implicit === undefined ? 'connect' : 'secureConnect')
  let reader = createSmtpReader(socket)

  async function reply(): Promise<string | undefined> {
    const lines: string[] = []
    for (;;) {
      const read = await reader.line()
      if (read.kind !== 'line') return undefined
      lines.push(read.text)
      if (read.text[3] !== '-') return lines.join('\n')
    }
  }

  return {
    write: (octets) => void socket.write(octets),
    reply,
    say: (line) => {
      socket.write(`${line}\r\n`)
      return reply()
    },
    startTls: async (options) => {
      reader.detach()
      socket = connectTls({ socket, ...options })
      socket.on('error', () => undefined)
      await once(socket, 'secureConnect')
      reader = createSmtpReader(socket)
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
    },
  }
}
