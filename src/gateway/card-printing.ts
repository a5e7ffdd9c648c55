import { connect } from 'node:net'

/** Raw printing (JetDirect, AppSocket): whatever comes to this port is put on paper. */
const rawPort = 9100
const patienceMs = 10_000

/** What became of it, as a sentence. */
export interface Printing {
  readonly isPrinted: boolean
  readonly sentence: string
}

/** Plain ASCII with CR LF and a form feed: what every printer that takes text at all puts on a page. */
export const asPage = (lines: readonly string[]): string => `${lines.map(asAscii).join('\r\n')}\r\n\f`

/** `Büro` as `Buro`: a printer has its own idea of every octet above. */
const asAscii = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?')

/** Hands a page to a printer. Never rejects; takes at most 10 s. */
export function printPage(address: string, page: string, port = rawPort): Promise<Printing> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: patienceMs })
    const deadline = setTimeout(() => socket.destroy(timedOut), patienceMs)
    const done = (printing: Printing): void => {
      clearTimeout(deadline)
      resolve(printing)
      socket.destroy()
    }
    let isConnected = false
    socket.once('connect', () => {
      isConnected = true
      socket.end(page)
    })
    // The printer closes its half when it has read ours; some keep theirs open, and have it all the same.
    socket.once('finish', () => done(printed(address)))
    socket.resume()
    socket.once('timeout', () => socket.destroy(timedOut))
    socket.once('error', (error: NodeJS.ErrnoException) => done(failed(address, error, isConnected)))
  })
}

const timedOut: NodeJS.ErrnoException = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

const printed = (address: string): Printing => ({
  isPrinted: true,
  sentence: `The printer at ${address} took the card: it comes out now. If not, it may take no plain text.`,
})

function failed(address: string, { code, message }: NodeJS.ErrnoException, isConnected: boolean): Printing {
  const no = (sentence: string): Printing => ({ isPrinted: false, sentence })
  if (isConnected) return no(`The printer at ${address} broke the connection off: ${code ?? message}.`)
  switch (code) {
    case 'ECONNREFUSED':
      return no(`What is at ${address} takes no pages at port ${rawPort}: raw printing is off there.`)
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
      return no(`Nothing answers at ${address}: it is switched off, asleep, or elsewhere.`)
    default:
      return no(`${address} can not be reached: ${code ?? message}.`)
  }
}
