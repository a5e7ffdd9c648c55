import { createConnection } from 'node:net'
import type { ScreenFacts } from '../../src/core/screen.ts'

/** In the runtime directory of inkpost.service. */
export const screenSocket = '/run/inkpost/screen.sock'
const patienceMs = 3000
const mostOctets = 64 * 1024

/** What the gateway says of itself; undefined where it does not. */
export function askGateway(path: string): Promise<ScreenFacts | undefined> {
  return new Promise((resolve) => {
    // Who ends without a word wants the facts.
    const socket = createConnection({ path, allowHalfOpen: true }).end()
    let text = ''
    const end = (facts: ScreenFacts | undefined): void => {
      socket.destroy()
      resolve(facts)
    }
    socket.setEncoding('utf8').setTimeout(patienceMs, () => end(undefined))
    socket.on('error', () => end(undefined))
    socket.on('data', (piece: string) => {
      text += piece
      if (text.length > mostOctets) end(undefined)
    })
    socket.on('end', () => end(understood(text)))
  })
}

function understood(text: string): ScreenFacts | undefined {
  try {
    // Of the same package and release.
    return JSON.parse(text) as ScreenFacts
  } catch {
    return undefined
  }
}
