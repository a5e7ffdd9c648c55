import type { QueueTrouble } from '../core/delivery-report.ts'
import { SignInRefused } from './acs-credential.ts'
import type { ConnectionOutcome } from './network-trouble.ts'
import { abortTrouble, connectionOutcome, networkTroubleOf } from './network-trouble.ts'
import { oneLine } from './pause-reasons.ts'

/** What the storage service answered, copied from the SDK's error, which holds the whole request. */
export interface QueueAnswer {
  readonly status: number
  /** `x-ms-error-code`, or empty. */
  readonly code: string
}

/** Undefined: no answer came, the connection or the sign-in failed. */
export function queueAnswerOf(error: unknown): QueueAnswer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { status: error.statusCode, code }
}

/** Somebody else was faster, or it came back to the queue meanwhile: then it is handed out again. */
export const isGone = ({ status, code }: QueueAnswer): boolean =>
  (status === 404 && code === 'MessageNotFound') || (status === 400 && code === 'PopReceiptMismatch')

/**
 * Classifies what keeps reports from being collected (learn.microsoft.com, "Queue Storage error codes" and "Common REST API
 * error codes"). It never pauses the way out: mail goes on.
 */
export function queueTrouble(error: unknown, signal: AbortSignal): QueueTrouble {
  if (error instanceof SignInRefused) return ofConnection(error.trouble, 'sign-in')
  const answer = queueAnswerOf(error)
  if (answer) return ofAnswer(answer)
  return ofConnection(connectionOutcome(abortTrouble(signal) ?? networkTroubleOf(error)), 'connection')
}

const role =
  'Give the app of this way out the role "Storage Queue Data Message Processor" on the queue; a new role takes some minutes.'

function ofAnswer({ status, code }: QueueAnswer): QueueTrouble {
  if (status === 404 && code !== 'MessageNotFound')
    return trouble('queue-missing', 'The queue of the delivery reports does not exist.', queueRemedy)
  if (status === 403 && code === 'AuthorizationFailure')
    return trouble(
      'network-refused',
      'The storage account does not let this network in.',
      'Allow the public address of this site under "Networking" of the storage account.',
    )
  if (status === 401 || status === 403)
    return trouble(
      'role-missing',
      `The storage account refuses the app (${oneLine(code || String(status))}).`,
      role,
    )
  return trouble(
    'unavailable',
    `The storage account answers ${status}${code === '' ? '' : ` ${oneLine(code)}`}.`,
    'Nothing to do: it is tried again.',
  )
}

const queueRemedy =
  'Make the queue, or correct reports.queue: the address of the queue stands on its page in the storage account.'

function ofConnection(outcome: ConnectionOutcome, where: string): QueueTrouble {
  if (outcome.kind === 'paused')
    return trouble(outcome.pause.code, outcome.pause.reason, outcome.pause.remedy)
  return trouble(
    `${where}-failed`,
    outcome.detail,
    'Nothing to do if it passes; else see whether the box reaches the storage account on port 443.',
  )
}

const trouble = (code: string, reason: string, remedy: string): QueueTrouble => ({
  kind: 'trouble',
  code,
  reason,
  remedy,
})
