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
import { createFaultQueue, type FaultEffect, type FaultQueue, faultAnswer } from './faults.ts'
import { type Answer, requestBodyTooLarge } from './http-answer.ts'
import type { StoredMail } from './mail-ledger.ts'
import { outageAnswer } from './outage-answer.ts'
import { createRecorder } from './recorder.ts'
import { headerText, type RequestRecord, recordOf } from './request-record.ts'
import { judgeToken, type TokenDemand, type TokenVerdict } from './token-verdict.ts'
import { receive, type Upload } from './upload.ts'

export interface AzureOptions extends Partial<AzureSettings> {
  /** Default: any free one. */
  readonly port?: number
  /** Default: a new one. */
  readonly certificateAuthority?: CertificateAuthority
  /** Default: `localhost` and 127.0.0.1. Others make a server of the wrong name. */
  readonly certificateNames?: readonly string[]
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
  /** Empties ledger, request log, fault queue, operations and quotas; settings and tokens stay. */
  forget(): void
  /** The claims of a token issued here, for other emulated services; expired ones are not filtered. */
  readToken(token: string): TokenClaims | undefined
  /** What a resource server makes of a token, by the emulator's clock. */
  judgeToken(token: string, demand: TokenDemand): TokenVerdict
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
  const freshAcs = () => createAcs({ settings, origin, readToken: entra.readToken, store: ledger.add })
  let acs = freshAcs()

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

  function consider(request: IncomingMessage, record: RequestRecord, body: Buffer): Answer {
    const contentType = headerText(request.headers, 'content-type') ?? ''
    const byEntra = entra.answer({ method: record.method, path: record.path, contentType, body })
    const pathAndQuery = request.url ?? ''
    return byEntra ?? acs.answer({ method: record.method, pathAndQuery, headers: request.headers, body })
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

  function receiveBody(
    request: IncomingMessage,
    record: RequestRecord,
    fault: FaultEffect | undefined,
  ): Promise<Upload> {
    const stopAt = stopAtBytes(fault)
    return receive(request, {
      maxBytes: isEntraPath(record.path) ? entraBodyBytes : settings.maxRequestBytes,
      ...(stopAt === undefined ? {} : { stopAtBytes: stopAt }),
      onBytes: (total) => {
        record.receivedBytes = total
      },
    })
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    record: RequestRecord,
  ): Promise<void> {
    const outage = outageAnswer(listener.outage, settings, record.path)
    if (outage === 'hang') return
    if (outage === 'reset') return listener.reset(request.socket.remotePort)
    const fault = outage === undefined ? faults.take(record) : undefined
    record.fault = fault?.kind
    if (fault?.kind === 'stall' && fault.after === 'headers') return
    const upload = await receiveBody(request, record, fault)
    if (upload.kind === 'broken') return
    // Whatever is answered early, the rest of the upload is still swallowed, so that the answer can be read.
    if (upload.kind !== 'complete') request.resume()
    if (outage !== undefined) return reply(response, outage, record)
    const isLookedAt = upload.kind === 'complete' && (fault === undefined || isProcessed(fault))
    const answer = isLookedAt ? consider(request, record, upload.body) : requestBodyTooLarge
    if (fault === undefined) return reply(response, answer, record)
    sufferFault(fault, request, response, record)
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const record = recordOf(request, settings.now())
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
  // Kept connections end when the test says so, not in the middle of a client's next request.
  server.keepAliveTimeout = 600_000
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
    forget: () => {
      acs = freshAcs()
      faults.clear()
      ledger.entries.length = 0
      requests.entries.length = 0
    },
    readToken: entra.readToken,
    judgeToken: (token, demand) => judgeToken(entra.readToken(token), demand, settings),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
