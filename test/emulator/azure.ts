// Microsoft Entra and Azure Communication Services Email on one HTTPS port of 127.0.0.1, written from
// Microsoft's documented contract, with a ledger of what was taken and a script of what goes wrong.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { TokenClaims } from './access-token.ts'
import { createAcs } from './acs.ts'
import { type AzureSettings, defaultSettings, type Outage } from './azure-settings.ts'
import { listenBreakably } from './breakable-server.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Identity,
} from './certificate-authority.ts'
import { createEntra, isEntraPath } from './entra.ts'
import { aadError, entraErrorAnswer } from './entra-errors.ts'
import { createFaultQueue, type FaultEffect, type FaultQueue, faultAnswer } from './faults.ts'
import { type Answer, acsError, requestBodyTooLarge } from './http-answer.ts'
import type { StoredMail } from './mail-ledger.ts'
import { createRecorder } from './recorder.ts'
import { receive } from './upload.ts'

export interface AzureOptions extends Partial<AzureSettings> {
  /** Default: any free one. */
  readonly port?: number
  /** Default: a new one. */
  readonly certificateAuthority?: CertificateAuthority
  /** Default: `localhost` and 127.0.0.1. Others make a server of the wrong name. */
  readonly certificateNames?: readonly string[]
}

/** One request, entered as soon as its headers are read; the answer's fields are filled in later. */
export interface RequestRecord {
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly apiVersion: string | undefined
  /** As sent, lower case; after the answer also the one that ACS made. */
  operationId: string | undefined
  readonly clientRequestId: string | undefined
  receivedBytes: number
  /** `undefined` while unanswered, and for ever when the connection was lost. */
  status: number | undefined
  /** `x-ms-error-code`, or the AADSTS number. */
  code: string | undefined
  /** Kind of the scripted fault that struck. */
  fault: string | undefined
}

export interface Azure extends AsyncDisposable {
  readonly port: number
  /** ACS resource, `https://localhost:PORT`. */
  readonly endpoint: string
  /** Entra, the same origin. */
  readonly authority: string
  /** `endpoint=…;accesskey=…` with the first key, as the portal shows it. */
  readonly connectionString: string
  readonly caPem: string
  readonly certificateAuthority: CertificateAuthority
  /** Live: assign to a field and the next request sees it. */
  readonly settings: AzureSettings
  readonly faults: FaultQueue
  readonly ledger: StoredMail[]
  readonly requests: RequestRecord[]
  readonly outage: Outage
  setOutage(outage: Outage): Promise<void>
  /** Serves another certificate to new connections. */
  setIdentity(identity: Identity): void
  ledgerReaches(count: number, signal?: AbortSignal): Promise<void>
  /** Counts requests whose headers have come, answered or not. */
  requestsReach(count: number, signal?: AbortSignal): Promise<void>
  writeCa(directory: string): Promise<string>
  /** The claims of a token issued here, for other emulated services; expired ones are not filtered. */
  readToken(token: string): TokenClaims | undefined
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

function recordOf(request: IncomingMessage, url: URL, now: number): RequestRecord {
  return {
    at: now,
    method: request.method ?? '',
    path: url.pathname,
    apiVersion: url.searchParams.get('api-version') ?? undefined,
    operationId: headerText(request, 'operation-id')?.toLowerCase(),
    clientRequestId: headerText(request, 'x-ms-client-request-id'),
    receivedBytes: 0,
    status: undefined,
    code: undefined,
    fault: undefined,
  }
}

function stopAtBytes(fault: FaultEffect | undefined): number | undefined {
  if (fault?.kind === 'reset-at') return fault.bytes
  return fault?.kind === 'early-413' ? (fault.bytes ?? 0) : undefined
}

/** Whether the request is processed although a fault strikes it. */
function isProcessed(fault: FaultEffect): boolean {
  if (fault.kind === 'stall') return fault.after === 'storing'
  return fault.kind === 'reply-lost' || ('isStored' in fault && fault.isStored === true)
}

/** A body of which nothing is looked at may be as long as it likes. */
const entraBodyBytes = 1_000_000

export async function startAzure(options: AzureOptions = {}): Promise<Azure> {
  const { port: wantedPort = 0, certificateAuthority, certificateNames, ...given } = options
  const settings: AzureSettings = { ...defaultSettings(), ...given }
  const ca = certificateAuthority ?? (await createCertificateAuthority())
  const identity = await ca.issue({ names: certificateNames ?? ['localhost', '127.0.0.1'] })
  const ledger = createRecorder<StoredMail>()
  const requests = createRecorder<RequestRecord>()
  const faults = createFaultQueue()
  const origin = (): string => `https://localhost:${listener.port}`
  const entra = createEntra(settings, origin)
  const acs = createAcs({ settings, origin, readToken: entra.readToken, store: ledger.add })

  function reply(response: ServerResponse, answer: Answer, record: RequestRecord): void {
    record.status = answer.status
    record.code = answer.code
    record.operationId = answer.operationId ?? record.operationId
    response.writeHead(answer.status, {
      ...answer.headers,
      date: new Date(settings.now()).toUTCString(),
      'content-length': Buffer.byteLength(answer.body),
    })
    response.end(answer.body)
  }

  function process(request: IncomingMessage, record: RequestRecord, body: Buffer): Answer {
    const contentType = headerText(request, 'content-type') ?? ''
    const byEntra = entra.answer({ method: record.method, path: record.path, contentType, body })
    const pathAndQuery = request.url ?? ''
    return byEntra ?? acs.answer({ method: record.method, pathAndQuery, headers: request.headers, body })
  }

  /** What answers, or fails to, before the request is looked at. */
  function entraOutage(record: RequestRecord): Answer | 'hang' | 'reset' | undefined {
    if (!isEntraPath(record.path)) return undefined
    switch (settings.entraOutage) {
      case 'none':
        return undefined
      case 'hang':
      case 'reset':
        return settings.entraOutage
      case '503':
        return entraErrorAnswer(
          aadError(90033, 'A transient error has occurred. Please try again.'),
          settings.now(),
        )
      case '429':
        return entraErrorAnswer(aadError(50196, 'The server terminated an operation.'), settings.now(), {
          'retry-after': '3',
        })
    }
  }

  function sufferFault(
    fault: FaultEffect,
    request: IncomingMessage,
    response: ServerResponse,
    record: RequestRecord,
  ): void {
    const answer = faultAnswer(fault)
    if (answer !== undefined) reply(response, answer, record)
    else if (fault.kind !== 'stall') listener.reset(request.socket.remotePort)
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    record: RequestRecord,
  ): Promise<void> {
    const outage =
      listener.outage === '503'
        ? acsError(503, 'ServiceUnavailable', 'The service is unavailable.')
        : entraOutage(record)
    if (outage === 'hang') return
    if (outage === 'reset') return listener.reset(request.socket.remotePort)
    const fault = faults.take(record)
    record.fault = fault?.kind
    if (fault?.kind === 'stall' && fault.after === 'headers') return
    const stopAt = stopAtBytes(fault)
    const upload = await receive(request, {
      maxBytes:
        outage !== undefined
          ? Number.POSITIVE_INFINITY
          : isEntraPath(record.path)
            ? entraBodyBytes
            : settings.maxRequestBytes,
      ...(stopAt === undefined ? {} : { stopAtBytes: stopAt }),
      onBytes: (total) => {
        record.receivedBytes = total
      },
    })
    if (upload.kind === 'broken') return
    if (outage !== undefined) return reply(response, outage, record)
    if (upload.kind === 'stopped' || upload.kind === 'too-large') request.resume()
    if (fault === undefined) {
      return reply(
        response,
        upload.kind === 'complete' ? process(request, record, upload.body) : requestBodyTooLarge,
        record,
      )
    }
    if (upload.kind === 'complete' && isProcessed(fault)) process(request, record, upload.body)
    sufferFault(fault, request, response, record)
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const record = recordOf(request, new URL(request.url ?? '/', origin()), settings.now())
    requests.add(record)
    serve(request, response, record).catch((error: unknown) => {
      // A bug of the emulator must not look like a fault of the service under test.
      console.error('emulator:', error)
      listener.reset(request.socket.remotePort)
    })
  }

  const server = createServer({ key: identity.keyPem, cert: identity.certificatePem }, handle)
  // A client that does not trust the certificate, or leaves during the handshake, is part of the game.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const listener = await listenBreakably(server, '127.0.0.1', wantedPort)

  return {
    port: listener.port,
    endpoint: origin(),
    authority: origin(),
    connectionString: `endpoint=${origin()};accesskey=${settings.accessKeys[0]}`,
    caPem: ca.caPem,
    certificateAuthority: ca,
    settings,
    faults,
    ledger: ledger.entries,
    requests: requests.entries,
    get outage() {
      return listener.outage
    },
    setOutage: listener.setOutage,
    setIdentity: (next) => server.setSecureContext({ key: next.keyPem, cert: next.certificatePem }),
    ledgerReaches: ledger.reaches,
    requestsReach: requests.reaches,
    writeCa: ca.writeCa,
    readToken: entra.readToken,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
