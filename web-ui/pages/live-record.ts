import type { SessionRecord, TranscriptLine } from '../../src/core/spool.ts'
import { wallMs } from '../../src/core/time.ts'
import type { Journey, Seen } from './live-journey.ts'

/** What the box remembers of a session, as a journey: for who opened the page a moment too late. */
export function journeyOf(record: SessionRecord): Journey {
  const { id, device, address, messages, verdict, startedAt, endedAt } = record
  const message = messages.at(-1)
  return {
    session: id,
    device,
    address,
    seen: stepsSeen(record),
    recipients: undefined,
    mail:
      message === undefined
        ? undefined
        : { message, octets: undefined, files: undefined, delivery: undefined },
    mails: messages.length,
    verdict,
    isOver: endedAt > startedAt || verdict !== undefined,
    lastAt: endedAt,
  }
}

/** By the replies and notes of its transcript, which are the box's own words. */
function stepsSeen(record: SessionRecord): Journey['seen'] {
  const { startedAt, endedAt, listener, tls, messages, lines } = record
  const when = (line: TranscriptLine | undefined): Seen['at'] =>
    line === undefined ? endedAt : wallMs(startedAt + line.at)
  const secured = lines.find(({ from, text }) => from === 'note' && text.startsWith('TLS on'))
  const signedIn = said(lines, /^235 /)
  const addressed = said(lines, /^354 /)
  return {
    connected: { at: startedAt, detail: listener },
    ...(tls !== '' && { secured: { at: when(secured), detail: tls } }),
    ...(signedIn && { 'signed-in': { at: when(signedIn), detail: '' } }),
    ...(addressed && { addressed: { at: when(addressed), detail: '' } }),
    ...(messages.length > 0 && { received: { at: when(said(lines, /^250 2\.0\.0 Ok \S+$/)), detail: '' } }),
  }
}

const said = (lines: readonly TranscriptLine[], reply: RegExp): TranscriptLine | undefined =>
  lines.findLast(({ from, text }) => from === 'box' && reply.test(text))
