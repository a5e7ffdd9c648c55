import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import type { Contact, ContactEnd } from './contact.ts'
import { brokenOff, type Conversation, datedAt, type Heard } from './conversation.ts'
import { Talk } from './talk.ts'
import { shakeHands } from './tls-look.ts'

/** Greeting, EHLO, STARTTLS, EHLO, QUIT (RFC 5321, RFC 3207): no sign-in and no mail. */
export async function talkSmtp(socket: Socket, conversation: Conversation): Promise<Heard> {
  if (conversation.destination.security !== 'implicit') return greeted(socket, conversation)
  const shaken = await shakeHands(socket, lookOf(conversation), conversation.signal)
  if (shaken.kind === 'failed') return { end: tlsFailed(shaken) }
  return { ...(await greeted(shaken.socket, conversation)), tls: shaken.sight }
}

const lookOf = ({ destination: { host }, context }: Conversation) => ({ host, context })

const tlsFailed = ({ code, message }: { readonly code: string; readonly message: string }): ContactEnd => ({
  kind: 'tls-failed',
  detail: code === '' ? message : `${code}: ${message}`,
})

async function greeted(stream: Duplex, conversation: Conversation): Promise<Heard> {
  const { destination, clock, signal } = conversation
  const talk = new Talk(stream)
  const banner = (await talk.reply(signal)).join(' ')
  const seen = { banner, date: dateIn(banner, clock) }
  if (!/^\d{3}[ -]/.test(banner)) return { ...seen, end: { kind: 'foreign', said: banner } }
  if (!banner.startsWith('220')) return { ...seen, end: { kind: 'turned-away', said: banner } }
  const ehlo = await helloed(talk, conversation)
  if (!(ehlo[0] ?? '').startsWith('250')) {
    return { ...seen, ehlo, end: { kind: 'turned-away', said: ehlo.join(' ') } }
  }
  const isToSecure = destination.security === 'starttls'
  return { ...seen, ...(await (isToSecure ? secured : quit)(talk, ehlo, conversation)) }
}

function helloed(talk: Talk, { hostname, signal }: Conversation): Promise<readonly string[]> {
  talk.send(`EHLO ${hostname}\r\n`)
  return talk.reply(signal)
}

async function secured(talk: Talk, ehlo: readonly string[], conversation: Conversation): Promise<Heard> {
  const keywords = ehlo.map((line) => line.slice(4).trim().toUpperCase())
  // A PIX or ASA overwrites what it does not know: "XXXXXXXA" stands where STARTTLS stood.
  const isMasked = keywords.some((word) => /^X{4,}[A-Z]?$/.test(word))
  if (!keywords.includes('STARTTLS')) return { ehlo, end: { kind: 'no-starttls', isMasked } }
  talk.send('STARTTLS\r\n')
  const go = (await talk.reply(conversation.signal)).join(' ')
  if (!go.startsWith('220')) return { ehlo, end: { kind: 'tls-failed', detail: go } }
  const shaken = await shakeHands(talk.release(), lookOf(conversation), conversation.signal)
  if (shaken.kind === 'failed') return { ehlo, end: tlsFailed(shaken) }
  try {
    const inside = new Talk(shaken.socket)
    const again = await helloed(inside, conversation)
    return { ...(await quit(inside, again, conversation)), tls: shaken.sight }
  } catch (error) {
    return { ehlo, tls: shaken.sight, end: brokenOff(error, conversation.signal) }
  } finally {
    shaken.socket.end()
  }
}

async function quit(talk: Talk, ehlo: readonly string[], { signal }: Conversation): Promise<Heard> {
  const heard: Heard = { ehlo, end: { kind: 'reached' } }
  try {
    talk.send('QUIT\r\n')
    await talk.reply(signal)
  } catch (error) {
    // Everything was said before: who hangs up at QUIT saves us the 221.
    brokenOff(error, signal)
  }
  return heard
}

/** Exchange says the time in its greeting: `… ready at Sat, 21 Nov 2026 10:00:00 +0000`. */
function dateIn(banner: string, clock: Clock): Contact['date'] {
  const text = /\w{3}, \d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT)/.exec(banner)?.[0]
  return text === undefined ? undefined : datedAt(text, clock)
}
