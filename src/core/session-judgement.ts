import { cutData, refusedReply } from './mail-judgement.ts'
import type { SessionEvent, SessionStory } from './session-event.ts'
import { otherHardware } from './sign-in-judgement.ts'
import { failedHandshake, lateTls, noTls, refusedTls, silentInTls } from './tls-judgement.ts'
import { isFault, type Verdict, type VerdictCode, verdictCodes } from './verdict.ts'

/**
 * What came of a session: its weightiest trouble since the last accepted mail, the later of two. What a later mail made
 * good stays as evidence. Undefined while nothing can be said of an open session.
 */
export function judgeSession(story: SessionStory): Verdict | undefined {
  const trouble = weightiest(story.troubles, story)
  if (story.accepted === 0) return trouble ?? (story.isOver ? withoutMail(story) : undefined)
  // A device that goes silent or probes after its mail is done with it.
  if (trouble && verdictCodes[trouble.code].weight > 1) {
    return { ...trouble, evidence: [...trouble.evidence, `${count(story.accepted)} accepted before`] }
  }
  return accepted(story)
}

const count = (mails: number): string => (mails === 1 ? '1 mail was' : `${mails} mails were`)

function weightiest(events: readonly SessionEvent[], story: SessionStory): Verdict | undefined {
  return events
    .map((event) => judgeEvent(event, story))
    .reduce<Verdict | undefined>(
      (best, next) => (best && weight(best) > weight(next) ? best : next),
      undefined,
    )
}

const weight = ({ code }: Verdict): number => verdictCodes[code].weight

function judgeEvent(event: SessionEvent, story: SessionStory): Verdict {
  switch (event.kind) {
    case 'tls-late':
      return lateTls()
    case 'no-tls':
      return noTls(event)
    case 'tls-refused':
      return refusedTls(event, story)
    case 'handshake-failed':
      return failedHandshake(event)
    case 'not-understood':
      return notUnderstood(event)
    case 'timed-out':
      return { ...plain('N4'), cure: story.hasSpoken ? undefined : listens }
    case 'data-cut':
      return cutData(event, story)
    case 'wrong-hardware':
      return otherHardware(event.hardware)
    case 'refused':
      return refusedReply(event, story)
  }
}

const plain = (code: VerdictCode): Verdict => ({
  code,
  sentence: verdictCodes[code].sentence,
  evidence: [],
  cure: undefined,
})

const listens = { kind: 'advice', words: 'Compare server, port and encryption at its panel.' } as const

function notUnderstood({ what, protocol }: Extract<SessionEvent, { kind: 'not-understood' }>): Verdict {
  const cure = { kind: 'advice', words: 'Compare server, port and kind of server at its panel.' } as const
  if (protocol !== undefined) return { ...plain('N3'), sentence: `It speaks ${protocol}.`, cure }
  if (what === 'command') return { ...plain('N3'), cure }
  const words = 'Set its way of signing in to LOGIN or PLAIN.'
  return { ...plain('N3'), sentence: 'Its sign-in is not understood.', cure: { kind: 'advice', words } }
}

function withoutMail(story: SessionStory): Verdict {
  if (story.isSignedIn && story.protocol === 'pop3') return plain('F5')
  if (story.hasSpoken) return plain('F4')
  if (story.isSecure) return silentInTls()
  return { ...plain('N2'), cure: listens }
}

function accepted(story: SessionStory): Verdict {
  const code = story.held > 0 ? 'F6' : story.isWeak ? 'F3' : story.tests === story.accepted ? 'F2' : 'F1'
  const before = weightiest(story.overcome, story)
  const overcome = before && isFault(before) ? [`before that ${before.code}: ${before.sentence}`] : []
  const evidence = [`${count(story.accepted)} accepted`, ...overcome]
  if (code !== 'F6') return { ...plain(code), evidence }
  const { address } = story
  return {
    ...plain(code),
    evidence,
    cure: { kind: 'adopt', address, words: `Adopt ${address} if it belongs here.` },
  }
}
