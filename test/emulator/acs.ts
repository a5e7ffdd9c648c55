// Azure Communication Services Email: `POST /emails:send` and `GET /emails/operations/{id}`
// (https://learn.microsoft.com/rest/api/communication/email).
import { createHash, randomUUID } from 'node:crypto'
import { type AuthenticationContext, authenticate, type SignedRequest } from './acs-authentication.ts'
import type { AzureSettings, OperationFailure } from './azure-settings.ts'
import {
  type ApiVersion,
  apiVersions,
  checkEmail,
  type EmailRequest,
  hasFlag,
  recipientsOf,
} from './email-request.ts'
import { type Answer, acsError, jsonAnswer, requestBodyTooLarge } from './http-answer.ts'
import { type Authentication, type StoredMail, storeMail } from './mail-ledger.ts'
import { createQuotaWindow, type QuotaLimits, type QuotaWindow } from './quota-window.ts'

const uuidSyntax = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const operationPath = /^\/emails\/operations\/([^/]+)$/
const jsonSyntax = /^application\/json(?:\s*;|$)/i
const messageIdSyntax = /^<[^<>@\s]+@[^<>@\s]+>$/

interface Operation {
  readonly id: string
  readonly acceptedAt: number
  readonly requestSha256: string
  readonly failure: OperationFailure | undefined
}

export interface Acs {
  answer(request: SignedRequest): Answer
}

export interface AcsContext extends AuthenticationContext {
  readonly origin: () => string
  readonly store: (mail: StoredMail) => void
}

function throttle(window: QuotaWindow, limits: QuotaLimits, now: number): Answer | undefined {
  const verdict = window.take(limits, now)
  if (verdict.kind === 'admitted') return undefined
  const seconds = String(verdict.retryAfterSeconds)
  const text = `The request has been throttled. Please try again after ${seconds} seconds.`
  return acsError(429, 'TooManyRequests', text, { 'retry-after': seconds })
}

function apiVersionOf(query: string | undefined): ApiVersion | Answer {
  const asked = new URLSearchParams(query).get('api-version')
  if (asked === null)
    return acsError(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.')
  const known = apiVersions.find((version) => version === asked)
  return known ?? acsError(400, 'UnsupportedApiVersionValue', `The api-version '${asked}' is not supported.`)
}

function messageIdOf(email: EmailRequest): string | undefined {
  return Object.entries(email.headers ?? {}).find(([name]) => name.toLowerCase() === 'message-id')?.[1]
}

function statusOf(
  operation: Operation,
  settings: AzureSettings,
): 'Running' | 'Succeeded' | 'Failed' | 'Canceled' {
  if (settings.now() < operation.acceptedAt + settings.runningForMs) return 'Running'
  return operation.failure?.status ?? 'Succeeded'
}

const everyoneSuppressed: OperationFailure = {
  status: 'Failed',
  code: 'EmailDroppedAllRecipientsSuppressed',
  message: 'Message dropped because all recipients were suppressed.',
}

export function createAcs(context: AcsContext): Acs {
  const { settings } = context
  const operations = new Map<string, Operation>()
  const messageIds = new Set<string>()
  const sends = createQuotaWindow()
  const statusQueries = createQuotaWindow()

  function accepted(operation: Operation, apiVersion: ApiVersion): Answer {
    const location = `${context.origin()}/emails/operations/${operation.id}?api-version=${apiVersion}`
    const headers = { 'operation-location': location, 'retry-after': String(settings.pollAfterSeconds) }
    return {
      ...jsonAnswer(202, { id: operation.id, status: 'Running', error: null }, headers),
      operationId: operation.id,
    }
  }

  function repeated(operation: Operation, requestSha256: string, apiVersion: ApiVersion): Answer | undefined {
    switch (settings.operationIdPolicy) {
      case 'naive-duplicate':
        return undefined
      case 'bad400':
        return acsError(400, 'BadRequest', 'The request is not valid.')
      case 'replay202':
        if (operation.requestSha256 === requestSha256) return accepted(operation, apiVersion)
        return acsError(409, 'Conflict', 'An operation with this id exists for another request.')
      case 'conflict409':
        return acsError(409, 'Conflict', 'An operation with this id exists.')
    }
  }

  /** The validate header turns silent replacement of a bad or repeated Message-ID into a refusal. */
  function refuseMessageId(email: EmailRequest): Answer | undefined {
    const messageId = messageIdOf(email)
    if (messageId === undefined || !hasFlag(email, 'x-ms-acsemail-validate-message-id')) return undefined
    const isGood = messageIdSyntax.test(messageId) && !messageIds.has(messageId)
    return isGood
      ? undefined
      : acsError(400, 'BadRequest', "Request body validation error. See property 'headers.Message-ID'")
  }

  function store(email: EmailRequest, id: string, body: Buffer, authentication: Authentication): Operation {
    const at = settings.now()
    const requestSha256 = createHash('sha256').update(body).digest('hex')
    const { suppressed } = settings
    const mail = storeMail(email, {
      operationId: id,
      at,
      requestBytes: body.length,
      requestSha256,
      authentication,
      suppressed,
    })
    const isEveryoneSuppressed = mail.suppressed.length === recipientsOf(email).length
    mail.failure = isEveryoneSuppressed ? everyoneSuppressed : settings.failOperation(mail)
    const operation: Operation = { id, acceptedAt: at, requestSha256, failure: mail.failure }
    operations.set(id, operation)
    const messageId = messageIdOf(email)
    if (messageId !== undefined) messageIds.add(messageId)
    context.store(mail)
    return operation
  }

  function send(request: SignedRequest, apiVersion: ApiVersion, authentication: Authentication): Answer {
    const throttled = throttle(sends, settings.sendQuota, settings.now())
    if (throttled !== undefined) return throttled
    if (request.body.length > settings.maxRequestBytes) return requestBodyTooLarge
    if (!jsonSyntax.test(request.headers['content-type'] ?? '')) {
      return acsError(415, 'UnsupportedMediaType', 'The request body must be application/json.')
    }
    const given = request.headers['operation-id']
    if (given !== undefined && (typeof given !== 'string' || !uuidSyntax.test(given))) {
      return acsError(400, 'BadRequest', 'The Operation-Id header must be a UUID.')
    }
    const id = (given ?? randomUUID()).toLowerCase()
    const earlier = operations.get(id)
    const sha256 = createHash('sha256').update(request.body).digest('hex')
    const repeat = earlier === undefined ? undefined : repeated(earlier, sha256, apiVersion)
    if (repeat !== undefined) return { ...repeat, operationId: id }
    const verdict = checkEmail(request.body, apiVersion, settings)
    if (verdict.kind === 'invalid') return { ...verdict.answer, operationId: id }
    const refusal = refuseMessageId(verdict.email)
    if (refusal !== undefined) return { ...refusal, operationId: id }
    return accepted(store(verdict.email, id, request.body, authentication), apiVersion)
  }

  function status(id: string): Answer {
    const throttled = throttle(statusQueries, settings.statusQuota, settings.now())
    if (throttled !== undefined) return throttled
    const operation = operations.get(id.toLowerCase())
    if (operation === undefined || settings.now() < operation.acceptedAt + settings.statusHiddenForMs) {
      return { ...acsError(404, 'NotFound', 'The operation does not exist.'), operationId: id }
    }
    const state = statusOf(operation, settings)
    const { failure } = operation
    const error =
      state === 'Running' || failure === undefined ? null : { code: failure.code, message: failure.message }
    const headers: Record<string, string> =
      state === 'Running' ? { 'retry-after': String(settings.pollAfterSeconds) } : {}
    return {
      ...jsonAnswer(200, { id: operation.id, status: state, error }, headers),
      operationId: operation.id,
    }
  }

  function answer(request: SignedRequest): Answer {
    const [path = '', query] = request.pathAndQuery.split('?')
    const operationId = operationPath.exec(path)?.[1]
    const isSend = request.method === 'POST' && path === '/emails:send'
    if (!isSend && !(request.method === 'GET' && operationId !== undefined)) {
      return acsError(404, 'NotFound', 'The resource does not exist.')
    }
    const caller = authenticate(request, context)
    if (caller.kind === 'refused') return caller.answer
    const apiVersion = apiVersionOf(query)
    if (typeof apiVersion !== 'string') return apiVersion
    return isSend ? send(request, apiVersion, caller.authentication) : status(operationId ?? '')
  }

  return { answer }
}
