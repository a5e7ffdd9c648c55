// Microsoft Graph's sendMail on an HTTPS port of 127.0.0.1, written from Microsoft's documentation and from what others
// saw of it, with a ledger of what was taken and a script of what goes wrong. Tokens are those of the emulated Entra.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Azure } from './azure.ts'
import { type BreakableServer, listenBreakably } from './breakable-server.ts'
import { createFaultQueue, type FaultEffect, type FaultQueue, faultAnswer } from './faults.ts'
import { overConcurrency, tooLarge } from './graph-answers.ts'
import {
  admit,
  type Caller,
  type GraphMail,
  type GraphRulesContext,
  mailboxOf,
  submit,
} from './graph-rules.ts'
import { defaultGraphSettings, type GraphSettings } from './graph-settings.ts'
import { type Answer, jsonAnswer } from './http-answer.ts'
import { createRecorder } from './recorder.ts'
import { headerText } from './request-record.ts'
import { receive } from './upload.ts'

export interface GraphOptions extends Partial<GraphSettings> {
  /** Entra, whose tokens are read, and whose certificate authority is used. */
  readonly azure: Azure
  /** Default: any free one. */
  readonly port?: number
}

/** One request, entered as soon as its headers are read; the answer's fields are filled in later. */
export interface GraphRecord {
  readonly mailbox: string | undefined
  readonly clientRequestId: string | undefined
  readonly contentLength: string | undefined
  readonly authorization: string
  receivedBytes: number
  /** `undefined` while unanswered, and for ever when the connection was lost. */
  status: number | undefined
  code: string | undefined
}

export interface Graph extends AsyncDisposable {
  readonly port: number
  /** `https://localhost:PORT` */
  readonly endpoint: string
  /** Live: assign to a field and the next request sees it. */
  readonly settings: GraphSettings
  readonly faults: FaultQueue
  readonly ledger: GraphMail[]
  readonly requests: GraphRecord[]
  readonly setOutage: BreakableServer['setOutage']
  ledgerReaches(count: number, signal?: AbortSignal): Promise<void>
  /** Counts requests whose headers have come, answered or not. */
  requestsReach(count: number, signal?: AbortSignal): Promise<void>
  /** Empties ledger, request log and fault queue; settings stay. */
  forget(): void
}

/** Whether the message is taken although a fault strikes it. */
const isProcessed = (fault: FaultEffect): boolean =>
  fault.kind === 'reply-lost' ||
  (fault.kind === 'stall' && fault.after === 'storing') ||
  ('isStored' in fault && fault.isStored === true)

function stopAtBytes(fault: FaultEffect | undefined): number | undefined {
  if (fault?.kind === 'reset-at') return fault.bytes
  return fault?.kind === 'early-413' ? (fault.bytes ?? 0) : undefined
}

export async function startGraph({ azure, port = 0, ...given }: GraphOptions): Promise<Graph> {
  const settings: GraphSettings = { ...defaultGraphSettings(), ...given }
  const identity = await azure.certificateAuthority.issue({ names: ['localhost', '127.0.0.1'] })
  const ledger = createRecorder<GraphMail>()
  const requests = createRecorder<GraphRecord>()
  const faults = createFaultQueue()
  const inFlight = new Map<string, number>()
  const context: GraphRulesContext = { settings, readToken: azure.readToken, store: ledger.add }

  function reply(
    request: IncomingMessage,
    response: ServerResponse,
    answer: Answer,
    record: GraphRecord,
  ): void {
    record.status = answer.status
    record.code = answer.code
    const wantsId = headerText(request.headers, 'return-client-request-id') === 'true'
    response.writeHead(answer.status, {
      ...answer.headers,
      ...(wantsId && record.clientRequestId ? { 'client-request-id': record.clientRequestId } : {}),
      date: new Date(settings.now()).toUTCString(),
      'content-length': Buffer.byteLength(answer.body),
    })
    response.end(answer.body)
  }

  async function upload(
    request: IncomingMessage,
    record: GraphRecord,
    caller: Caller,
    fault: FaultEffect | undefined,
  ): Promise<Answer | 'broken'> {
    const stopAt = stopAtBytes(fault)
    const received = await receive(request, {
      maxBytes: settings.maxRequestBytes,
      ...(stopAt === undefined ? {} : { stopAtBytes: stopAt }),
      onBytes: (total) => {
        record.receivedBytes = total
      },
    })
    if (received.kind === 'broken') return 'broken'
    // What is too large is swallowed, so that the answer can be read; after an early 413 nothing is read any more.
    if (received.kind === 'too-large') request.resume()
    if (received.kind === 'too-large') return settings.oversizeStatus === 413 ? tooLarge : jsonAnswer(200, {})
    if (received.kind === 'stopped' || (fault && !isProcessed(fault))) return 'broken'
    return submit(caller, received.body, headerText(request.headers, 'content-type') ?? '', context)
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    record: GraphRecord,
  ): Promise<void> {
    const fault = faults.take({
      method: request.method ?? '',
      path: request.url ?? '',
      operationId: undefined,
    })
    if (fault?.kind === 'stall' && fault.after === 'headers') return
    const caller = admit(
      { method: request.method ?? '', path: request.url ?? '', headers: request.headers },
      context,
    )
    if ('status' in caller) {
      request.resume()
      return reply(request, response, caller, record)
    }
    using place = occupy(`${caller.claims.appid} ${record.mailbox}`)
    if (place.count > settings.mailboxConcurrency) {
      request.resume()
      return reply(request, response, overConcurrency(settings.retryAfterSeconds), record)
    }
    const answer = await upload(request, record, caller, fault)
    if (!fault) return answer === 'broken' ? undefined : reply(request, response, answer, record)
    const scripted = faultAnswer(fault)
    if (scripted) reply(request, response, scripted, record)
    else if (fault.kind !== 'stall') listener.reset(request.socket.remotePort)
  }

  function occupy(key: string): Disposable & { readonly count: number } {
    const count = (inFlight.get(key) ?? 0) + 1
    inFlight.set(key, count)
    return { count, [Symbol.dispose]: () => inFlight.set(key, (inFlight.get(key) ?? 1) - 1) }
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const record: GraphRecord = {
      mailbox: mailboxOf(request.url ?? ''),
      clientRequestId: headerText(request.headers, 'client-request-id'),
      contentLength: headerText(request.headers, 'content-length'),
      authorization: headerText(request.headers, 'authorization') ?? '',
      receivedBytes: 0,
      status: undefined,
      code: undefined,
    }
    requests.add(record)
    serve(request, response, record).catch((error: unknown) => {
      // A bug of the emulator must not look like a fault of the service under test.
      console.error('emulator:', error)
      listener.reset(request.socket.remotePort)
    })
  }

  const server = createServer({ key: identity.keyPem, cert: identity.certificatePem }, handle)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.keepAliveTimeout = 600_000
  const listener = await listenBreakably(server, '127.0.0.1', port)

  return {
    port: listener.port,
    endpoint: `https://localhost:${listener.port}`,
    settings,
    faults,
    ledger: ledger.entries,
    requests: requests.entries,
    setOutage: listener.setOutage,
    ledgerReaches: ledger.reaches,
    requestsReach: requests.reaches,
    forget: () => {
      faults.clear()
      ledger.entries.length = 0
      requests.entries.length = 0
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
