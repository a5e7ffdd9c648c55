import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { second } from '../core/time.ts'

/** The gateway went away, or answered something that this program does not understand. */
export class ControlTrouble extends Error {}

export interface ControlAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly who?: string
}

/** How long a gateway may be silent: a command at a terminal must not hang for ever. */
const longestSilenceMs = 30 * second

/** One request over the control socket; resolves with the answer's head, its body still to be read. */
export function askControl(socketPath: string, ask: ControlAsk): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request({
      socketPath,
      method: ask.method,
      path: `/api/v1${ask.path}`,
      agent: false,
      headers: headersOf(ask),
    })
    outgoing.setTimeout(longestSilenceMs, () => {
      outgoing.destroy(new Error(`silent for ${longestSilenceMs / second} s`))
    })
    outgoing.once('response', resolve)
    outgoing.once('error', (cause) => {
      reject(new ControlTrouble(`the gateway did not answer: ${cause.message}`, { cause }))
    })
    outgoing.end(ask.body && JSON.stringify(ask.body))
  })
}

function headersOf({ body, who }: ControlAsk): Record<string, string> {
  return {
    host: 'localhost',
    ...(body && { 'content-type': 'application/json' }),
    ...(who !== undefined && { 'inkpost-who': encodeURIComponent(who) }),
  }
}

/** The whole body as JSON. */
export async function readJson(answer: IncomingMessage): Promise<unknown> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of answer) pieces.push(piece)
    return JSON.parse(Buffer.concat(pieces).toString())
  } catch (cause) {
    throw new ControlTrouble(`the gateway's answer can't be read (status ${answer.statusCode})`, { cause })
  }
}
