import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { second } from '../core/time.ts'

/** The gateway went away, or answered something that this program does not understand. */
export class ControlTrouble extends Error {}

export interface ControlAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly who?: string
  /** A line, then octets: never in memory as a whole. */
  readonly upload?: { readonly wish: string; readonly octets: AsyncIterable<Uint8Array> }
  /** How long the gateway may be silent; 30 s. */
  readonly silenceMs?: number
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
    const silenceMs = ask.silenceMs ?? longestSilenceMs
    outgoing.setTimeout(silenceMs, () => {
      outgoing.destroy(new Error(`silent for ${silenceMs / second} s`))
    })
    outgoing.once('response', (answer) => {
      resolve(answer)
      // Refused early, most of it may be unsent: nobody reads that any more.
      if (ask.upload) answer.once('end', () => outgoing.destroy())
    })
    // What is to be sent can't be read: no fault of the gateway's.
    let unreadable: string | undefined
    outgoing.on('error', (cause) => {
      if (unreadable !== undefined) reject(new ControlTrouble(unreadable, { cause }))
      else reject(new ControlTrouble(`the gateway did not answer: ${cause.message}`, { cause }))
    })
    if (ask.upload) upload(ask.upload, outgoing, (detail) => (unreadable = detail))
    else outgoing.end(ask.body && JSON.stringify(ask.body))
  })
}

/** An answer may come before the end: it is heard, and what is left is not sent then. */
function upload(
  { wish, octets }: NonNullable<ControlAsk['upload']>,
  outgoing: ClientRequest,
  onUnreadable: (detail: string) => void,
): void {
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    yield wish
    try {
      yield* octets
    } catch (error) {
      onUnreadable(error instanceof Error ? error.message : String(error))
      throw error
    }
  }
  // Trouble of the connection is told by the request itself; trouble in reading the file ends it.
  pipeline(pieces(), outgoing).catch((error: unknown) => {
    if (!outgoing.destroyed) outgoing.destroy(error instanceof Error ? error : new Error(String(error)))
  })
}

function headersOf({ body, who, upload: isUpload }: ControlAsk): Record<string, string> {
  return {
    host: 'localhost',
    // Else the gateway closes with its answer, and the next write fails before that is read.
    ...(isUpload && { connection: 'keep-alive' }),
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
