import { createConnection, type Socket } from 'node:net'
import type { Machine, MachineAnswer } from '../core/machine.ts'
import { minute } from '../core/time.ts'

/** Where systemd listens for the machine service, and starts it when somebody asks. */
export const machineSocket = '/run/inkpost-machine.sock'

/** Longer than the longest duty: it waits for a network, or for a stick. */
const answerMs = 2 * minute
/** Octets of an answer. */
const mostOctets = 1 << 20

/**
 * The machine service behind its socket: one line of JSON there, one back, on a connection of their own. What can not be
 * understood, or takes two minutes, is a refusal.
 */
export function machineService(path: string = machineSocket): Machine {
  return {
    call(duty, ask) {
      return new Promise((resolve) => {
        const socket = createConnection(path)
        const end = (answer: MachineAnswer<never>): void => {
          socket.destroy()
          resolve(answer)
        }
        socket.on('error', (error: NodeJS.ErrnoException) => end(withoutAnswer(error)))
        socket.setTimeout(answerMs, () =>
          end(refused('the machine service gave no answer within two minutes')),
        )
        socket.write(`${JSON.stringify({ duty, ask })}\n`)
        readAnswer(socket, end)
      })
    },
  }
}

function readAnswer(socket: Socket, end: (answer: MachineAnswer<never>) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => {
    text += piece
    if (text.length > mostOctets) end(refused('the answer of the machine service is too long'))
  })
  socket.on('end', () => end(understood(text)))
}

function understood(text: string): MachineAnswer<never> {
  try {
    // The service is ours, of the same package and release.
    return JSON.parse(text) as MachineAnswer<never>
  } catch {
    return refused('the machine service broke off before its answer')
  }
}

/** No socket, or one on which nobody listens: there is no such service. */
function withoutAnswer({ code, message }: NodeJS.ErrnoException): MachineAnswer<never> {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return { kind: 'absent' }
  return refused(`the machine service can't be asked: ${message}`)
}

const refused = (reason: string): MachineAnswer<never> => ({ kind: 'refused', reason })
