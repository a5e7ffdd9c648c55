import type { Outcome } from '../core/outcome.ts'
import { oneLine, type PauseCode, paused } from './pause-reasons.ts'
import { replyLine, type SmtpReply, type SmtpStage } from './smtp-reply.ts'

/** One row: which replies it is about (all that is named must hold) and what they mean. The first match counts. */
export interface SmtpRow {
  readonly about: string
  readonly code?: readonly number[]
  /** On the enhanced status (RFC 3463). */
  readonly status?: RegExp
  readonly text?: RegExp
  readonly stage?: readonly SmtpStage[]
  readonly outcome: (reply: SmtpReply) => Outcome
}

export const pauses =
  (code: PauseCode) =>
  (reply: SmtpReply): Outcome =>
    paused('upstream', code, replyLine(reply))

export const pausesSender =
  (code: PauseCode) =>
  (reply: SmtpReply): Outcome =>
    paused('sender', code, replyLine(reply))

export const passes =
  (code: string, afterMs?: number) =>
  (reply: SmtpReply): Outcome => ({
    kind: 'transient',
    code,
    detail: oneLine(replyLine(reply)),
    ...(afterMs === undefined ? {} : { afterMs }),
  })

export const throttles =
  (afterMs: number) =>
  (reply: SmtpReply): Outcome => ({ kind: 'throttled', afterMs, detail: oneLine(replyLine(reply)) })

export const refuses =
  (scope: 'message' | 'recipient', code: string, elsewhere = false) =>
  (reply: SmtpReply): Outcome => ({
    kind: 'permanent',
    scope,
    code,
    status: reply.status.startsWith('5.') ? reply.status : '5.0.0',
    detail: oneLine(replyLine(reply)),
    elsewhere,
  })
