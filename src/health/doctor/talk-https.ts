import type { Duplex } from 'node:stream'
import type { Contact, ContactEnd } from './contact.ts'
import { brokenOff, type Conversation, datedAt, type Heard } from './conversation.ts'
import { Talk } from './talk.ts'
import { shakeHands } from './tls-look.ts'

/** TLS and one HEAD, for the clock of the place. */
export async function talkHttps(stream: Duplex, conversation: Conversation): Promise<Heard> {
  const { destination, context, signal } = conversation
  const shaken = await shakeHands(stream, { host: destination.host, context }, signal)
  if (shaken.kind === 'failed') return { end: await noTls(shaken, conversation) }
  const { socket: secure, sight: tls } = shaken
  try {
    return { end: { kind: 'reached' }, tls, date: await dateOf(new Talk(secure), conversation) }
  } catch (error) {
    // It is who it should be; that it tells no time is no trouble of ours.
    brokenOff(error, signal)
    return { end: { kind: 'reached' }, tls }
  } finally {
    secure.destroy()
  }
}

async function dateOf(
  talk: Talk,
  { destination: { host }, clock, signal }: Conversation,
): Promise<Contact['date']> {
  const name = host.includes(':') ? `[${host}]` : host
  talk.send(`HEAD / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
  const lines = await talk.head(signal)
  const date = lines.map((line) => /^date:\s*(.+)$/i.exec(line)?.[1]).find((found) => found !== undefined)
  return datedAt(date ?? '', clock)
}

/** OpenSSL's words for octets that are no TLS. */
const isNoTls = (code: string): boolean =>
  /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|RECORD_LAYER/.test(code)

/** What speaks there instead: a guest portal answers a plain request, most often with a redirect to itself. */
async function noTls(
  { code, message }: { readonly code: string; readonly message: string },
  { destination: { host }, signal, redial }: Conversation,
): Promise<ContactEnd> {
  const failed: ContactEnd = { kind: 'tls-failed', detail: code === '' ? message : `${code}: ${message}` }
  if (!isNoTls(code)) return failed
  const socket = await redial()
  if (!socket) return failed
  try {
    const talk = new Talk(socket)
    talk.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const [first = '', ...fields] = await talk.head(signal)
    const location = fields.map((line) => /^location:\s*(.+)$/i.exec(line)?.[1]).find((found) => found)
    return { kind: 'foreign', said: location === undefined ? first : `${first}, to ${location}` }
  } catch (error) {
    brokenOff(error, signal)
    return failed
  } finally {
    socket.destroy()
  }
}
