import type { Outcome } from '../core/outcome.ts'
import {
  connectionOutcome,
  isBeforeRequest,
  type NetworkTrouble,
  networkTroubleOf,
} from './network-trouble.ts'
import { smtpOutcome } from './smtp-outcome.ts'
import { SmtpRefusal } from './smtp-refusal.ts'
import { parseReply, type SmtpStage } from './smtp-reply.ts'
import { SignInNotOffered } from './smtp-sign-in.ts'

/** What nodemailer adds to its errors. */
interface LibraryError {
  readonly code?: string | undefined
  readonly originalCode?: string | undefined
  readonly command?: string | undefined
  readonly response?: string | undefined
  readonly message: string
}

/** How far a transaction was when it failed. */
export interface Progress {
  /** All octets and the final dot were handed over. */
  readonly isContentSent: boolean
  readonly reference: string
}

/** Classifies an error of the SMTP library: by the server's reply where there is one, else as a lost connection. */
export function smtpTroubleOutcome(error: unknown, progress: Progress): Outcome {
  if (!(error instanceof Error)) return lostOutcome(networkTroubleOf(error), progress)
  if (error instanceof SignInNotOffered) return error.outcome
  if (error instanceof SmtpRefusal) return smtpOutcome(error.reply)
  const said: LibraryError = error
  const reply = said.response === undefined ? undefined : parseReply(stageOf(said), said.response)
  if (reply) return smtpOutcome(reply)
  const code = said.originalCode ?? said.code ?? ''
  return lostOutcome({ ...networkTroubleOf(error), ...(code === '' ? {} : { code }) }, progress)
}

/** The outcome of a connection that ended without a reply. */
export function lostOutcome(trouble: NetworkTrouble, progress: Progress): Outcome {
  if (!progress.isContentSent || isBeforeRequest(trouble)) return connectionOutcome(trouble)
  return {
    kind: 'indeterminate',
    reference: progress.reference,
    detail: `connection lost after the final dot: ${trouble.message}`,
  }
}

/** EENVELOPE at DATA is the refused command, EMESSAGE the refused content. */
function stageOf({ command = '', code }: LibraryError): SmtpStage {
  switch (command) {
    case 'EHLO':
    case 'HELO':
      return 'ehlo'
    case 'STARTTLS':
      return 'starttls'
    case 'MAIL FROM':
      return 'mail'
    case 'RCPT TO':
      return 'rcpt'
    case 'DATA':
      return code === 'EMESSAGE' ? 'content' : 'data'
    default:
      return code === 'ECONNECTION' ? 'mail' : 'greeting'
  }
}
