// Microsoft Graph as far as an app meets it that rolls its own certificates, on an HTTPS port of 127.0.0.1:
// learn.microsoft.com/graph/api/application-addkey, application-removekey and graph/application-rollkey-prooftoken.
import { createHash, randomUUID, verify, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import * as v from 'valibot'
import { decodeSection } from './access-token.ts'
import type { Azure } from './azure.ts'
import type { EntraApp } from './azure-settings.ts'
import { listenBreakably } from './breakable-server.ts'
import { createFaultQueue, type FaultQueue, faultAnswer } from './faults.ts'
import { type Answer, jsonAnswer } from './http-answer.ts'
import { createRecorder } from './recorder.ts'
import { receive } from './upload.ts'

/** Object id of the app registration, which is neither its client id nor that of the Enterprise application. */
export const exampleApplicationId = '33333333-3333-4333-8333-333333333333'

export interface GraphKeysSettings {
  /** Object ids of app registrations by client id. */
  applications: Readonly<Record<string, string>>
  /** The app may read its own registration (Application.Read.All, or it owns itself with Application.ReadWrite.OwnedBy). */
  mayRead: boolean
  /** Entra takes a new certificate at once; else when `spread` is called, as it takes minutes to reach every server. */
  isSpreadAtOnce: boolean
  /** Answers with the key id; one that is lost leaves the caller without. */
  isKeyIdTold: boolean
}

export interface KeyRequest {
  readonly action: 'addKey' | 'removeKey' | 'read' | 'other'
  status: number | undefined
  code: string | undefined
}

export interface GraphKeys extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly endpoint: string
  /** Live: assign to a field and the next request sees it. */
  readonly settings: GraphKeysSettings
  readonly faults: FaultQueue
  readonly requests: KeyRequest[]
  /** SHA-1 thumbprints in capitals, of every certificate that addKey took, in order. */
  readonly added: string[]
  /** Likewise of removeKey. */
  readonly removed: string[]
  requestsReach(count: number, signal?: AbortSignal): Promise<void>
  /** What was added is known to the token endpoint from now on. */
  spread(): void
}

const path = /^\/v1\.0\/applications\(appId='([^']+)'\)(?:\/(addKey|removeKey))?$/

const proofHeader = v.object({
  alg: v.literal('RS256'),
  x5t: v.optional(v.string()),
  kid: v.optional(v.string()),
})
const proofClaims = v.object({ aud: v.string(), iss: v.string(), nbf: v.number(), exp: v.number() })
const addBody = v.object({
  keyCredential: v.object({
    type: v.literal('AsymmetricX509Cert'),
    usage: v.literal('Verify'),
    key: v.pipe(v.string(), v.base64()),
  }),
  passwordCredential: v.optional(v.null()),
  proof: v.string(),
})
const removeBody = v.object({ keyId: v.pipe(v.string(), v.uuid()), proof: v.string() })

/** Azure AD Graph: what the proof is for (graph/application-rollkey-prooftoken). */
const proofAudience = '00000002-0000-0000-c000-000000000000'
const longestProofSeconds = 600
/** How far the service lets clocks differ. */
const toleranceSeconds = 300

/** learn.microsoft.com/graph/errors */
function graphError(status: number, code: string, message: string): Answer {
  const requestId = randomUUID()
  const innerError = { date: '2026-11-28T23:00:00', 'request-id': requestId, 'client-request-id': requestId }
  return { ...jsonAnswer(status, { error: { code, message, innerError } }), code }
}

const tokenRefused = (message: string): Answer => graphError(401, 'InvalidAuthenticationToken', message)
/** What a bad proof is answered (microsoft-graph-docs-contrib#1076, #2862). */
const proofRefused = graphError(
  401,
  'Authentication_MissingOrMalformed',
  'Access Token missing or malformed.',
)
const notAllowed = graphError(
  403,
  'Authorization_RequestDenied',
  'Insufficient privileges to complete the operation.',
)
const badRequest = (message: string): Answer => graphError(400, 'Request_BadRequest', message)

const thumbprintOf = (certificate: X509Certificate): string => certificate.fingerprint.replaceAll(':', '')

export async function startGraphKeys({
  azure,
  ...given
}: { readonly azure: Azure } & Partial<GraphKeysSettings>): Promise<GraphKeys> {
  const settings: GraphKeysSettings = {
    applications: Object.fromEntries(
      azure.settings.apps.map(({ clientId }) => [clientId, exampleApplicationId]),
    ),
    mayRead: false,
    isSpreadAtOnce: true,
    isKeyIdTold: true,
    ...given,
  }
  const requests = createRecorder<KeyRequest>()
  const faults = createFaultQueue()
  const keyIds = new Map<string, string>()
  const waiting: { readonly app: EntraApp; readonly pem: string }[] = []
  const [added, removed]: [string[], string[]] = [[], []]

  const registered = (app: EntraApp): readonly X509Certificate[] =>
    [...app.certificates, ...waiting.filter((one) => one.app === app).map(({ pem }) => pem)].map(
      (pem) => new X509Certificate(pem),
    )

  function keyIdOf(certificate: X509Certificate): string {
    const known = keyIds.get(certificate.fingerprint256) ?? randomUUID()
    keyIds.set(certificate.fingerprint256, known)
    return known
  }

  function spread(): void {
    for (const { app, pem } of waiting.splice(0)) app.certificates.push(pem)
  }

  /** Whether a registered, valid certificate of the app signed the proof, for us, in its name and now. */
  function isProven(app: EntraApp, proof: string): boolean {
    const [headerPart = '', claimsPart = '', signature = '', ...rest] = proof.split('.')
    const header = v.safeParse(proofHeader, decodeSection(headerPart))
    const claims = v.safeParse(proofClaims, decodeSection(claimsPart))
    if (!header.success || !claims.success || rest.length > 0 || proof.includes('=')) return false
    const { aud, iss, nbf, exp } = claims.output
    const nowSeconds = azure.settings.now() / 1000
    if (aud !== proofAudience || iss !== settings.applications[app.clientId]) return false
    if (exp - nbf > longestProofSeconds) return false
    if (nbf > nowSeconds + toleranceSeconds || exp < nowSeconds - toleranceSeconds) return false
    return registered(app).some(
      (one) =>
        one.validFromDate.getTime() <= azure.settings.now() &&
        one.validToDate.getTime() > azure.settings.now() &&
        verify(
          'sha256',
          Buffer.from(`${headerPart}.${claimsPart}`),
          one.publicKey,
          Buffer.from(signature, 'base64url'),
        ),
    )
  }

  function add(app: EntraApp, body: unknown): Answer {
    const wish = v.safeParse(addBody, body)
    if (!wish.success) return badRequest('Invalid value specified for property of resource keyCredential.')
    if (!isProven(app, wish.output.proof)) return proofRefused
    const certificate = certificateOf(wish.output.keyCredential.key)
    if (!certificate) return badRequest('Key credential is not a valid certificate.')
    added.push(thumbprintOf(certificate))
    waiting.push({ app, pem: certificate.toString() })
    if (settings.isSpreadAtOnce) spread()
    return jsonAnswer(200, {
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.keyCredential',
      ...(settings.isKeyIdTold ? credentialOf(certificate) : {}),
    })
  }

  const credentialOf = (certificate: X509Certificate): object => ({
    customKeyIdentifier: createHash('sha1').update(certificate.raw).digest('base64'),
    displayName: certificate.subject,
    endDateTime: certificate.validToDate.toISOString(),
    key: null,
    keyId: keyIdOf(certificate),
    startDateTime: certificate.validFromDate.toISOString(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  })

  function remove(app: EntraApp, body: unknown): Answer {
    const wish = v.safeParse(removeBody, body)
    if (!wish.success) return badRequest('Invalid value specified for property keyId.')
    if (!isProven(app, wish.output.proof)) return proofRefused
    const certificate = registered(app).find((one) => keyIdOf(one) === wish.output.keyId)
    if (!certificate) return badRequest('No credentials found to be removed.')
    removed.push(thumbprintOf(certificate))
    app.certificates = app.certificates.filter(
      (pem) => new X509Certificate(pem).fingerprint256 !== certificate.fingerprint256,
    )
    return { status: 204, headers: {}, body: '' }
  }

  function read(app: EntraApp): Answer {
    if (!settings.mayRead) return notAllowed
    return jsonAnswer(200, {
      id: settings.applications[app.clientId],
      keyCredentials: registered(app).map(credentialOf),
    })
  }

  function authenticate(request: IncomingMessage): Answer | { readonly clientId: string } {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const claims = token === undefined ? undefined : azure.readToken(token)
    if (!claims) return tokenRefused('CompactToken parsing failed with error code: 80049217')
    if (claims.exp * 1000 <= azure.settings.now())
      return tokenRefused('Lifetime validation failed, the token is expired.')
    if (claims.aud !== 'https://graph.microsoft.com')
      return tokenRefused('Access token validation failure. Invalid audience.')
    return { clientId: claims.appid }
  }

  function consider(request: IncomingMessage, octets: Buffer): Answer {
    const { pathname } = new URL(request.url ?? '', 'https://localhost')
    const [, clientId, action] = path.exec(decodeURIComponent(pathname)) ?? []
    const isKnownCall = action === undefined ? request.method === 'GET' : request.method === 'POST'
    if (clientId === undefined || !isKnownCall)
      return graphError(400, 'BadRequest', 'Resource not found for the segment.')
    const caller = authenticate(request)
    if ('status' in caller) return caller
    const app = azure.settings.apps.find((one) => one.clientId === clientId)
    if (!app) return graphError(404, 'Request_ResourceNotFound', `Resource '${clientId}' does not exist.`)
    // Without permissions an app may roll its own keys only.
    if (caller.clientId !== clientId) return notAllowed
    if (action === undefined) return read(app)
    const body = parsed(octets)
    return action === 'addKey' ? add(app, body) : remove(app, body)
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    record: KeyRequest,
  ): Promise<void> {
    const fault = faults.take({
      method: request.method ?? '',
      path: request.url ?? '',
      operationId: undefined,
    })
    const upload = await receive(request, { maxBytes: 100_000 })
    if (upload.kind !== 'complete') return
    const scripted = fault && faultAnswer(fault)
    const isDone = !fault || fault.kind === 'reply-lost'
    const answer = scripted ?? (isDone ? consider(request, upload.body) : undefined)
    if (!answer || fault?.kind === 'reply-lost') {
      record.status = 0
      return listener.reset(request.socket.remotePort)
    }
    record.status = answer.status
    record.code = answer.code
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const [, , action] = path.exec(decodeURIComponent((request.url ?? '').split('?')[0] ?? '')) ?? []
    const isRead = request.method === 'GET'
    const record: KeyRequest = {
      action: action === 'addKey' || action === 'removeKey' ? action : isRead ? 'read' : 'other',
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

  const identity = await azure.certificateAuthority.issue({ names: ['localhost', '127.0.0.1'] })
  const server = createServer({ key: identity.keyPem, cert: identity.certificatePem }, handle)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const listener = await listenBreakably(server, '127.0.0.1', 0)
  // Where the tenant's discovery document sends its apps.
  azure.settings.graphHost = `localhost:${listener.port}`
  return {
    endpoint: `https://localhost:${listener.port}`,
    settings,
    faults,
    requests: requests.entries,
    added,
    removed,
    requestsReach: requests.reaches,
    spread,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}

function certificateOf(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

function parsed(octets: Buffer): unknown {
  try {
    return JSON.parse(octets.toString())
  } catch {
    return undefined
  }
}
