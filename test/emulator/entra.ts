// Microsoft Entra as far as a daemon app meets it: discovery and the client credentials grant
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
import { createTokenSigner, type TokenClaims } from './access-token.ts'
import type { AzureSettings, EntraApp } from './azure-settings.ts'
import { refuseAssertion } from './client-assertion.ts'
import { aadError, type EntraError, entraErrorAnswer } from './entra-errors.ts'
import { type Answer, jsonAnswer } from './http-answer.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const discoveryPath = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/
const tokenPath = /^\/([^/]+)\/oauth2\/v2\.0\/token$/
const keysPath = /^\/[^/]+\/discovery\/v2\.0\/keys$/

export interface EntraRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly contentType: string
  readonly body: Buffer
}

export interface Entra {
  /** `undefined` when the path is none of Entra's. */
  answer(request: EntraRequest): Answer | undefined
  readToken(token: string): TokenClaims | undefined
}

export type CredentialVerdict =
  | { readonly kind: 'proven'; readonly appidacr: '1' | '2' }
  | { readonly kind: 'refused'; readonly error: EntraError }

export function isEntraPath(path: string): boolean {
  return discoveryPath.test(path) || tokenPath.test(path) || keysPath.test(path)
}

function discoveryDocument(origin: string, tenant: string, graphHost: string | undefined): object {
  return {
    ...(graphHost === undefined ? {} : { msgraph_host: graphHost }),
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
  }
}

/** `now` in milliseconds since the epoch. */
export function checkSecret(app: EntraApp, secret: string, now: number): CredentialVerdict {
  const registered = app.secrets.find((one) => one.value === secret && (one.startsAt ?? 0) <= now)
  if (registered === undefined) {
    const text =
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
      `not the client secret ID, for a secret added to app '${app.clientId}'.`
    return { kind: 'refused', error: aadError(7000215, text) }
  }
  if (registered.expiresAt !== undefined && registered.expiresAt <= now) {
    return {
      kind: 'refused',
      error: aadError(7000222, `The provided client secret keys for app '${app.clientId}' are expired.`),
    }
  }
  return { kind: 'proven', appidacr: '1' }
}

/** The resource of `RESOURCE/.default`; the SDK for ACS writes two slashes. */
function resourceOf(scope: string): string | undefined {
  return scope.endsWith('/.default') ? scope.slice(0, -'/.default'.length) : undefined
}

function checkScope(scope: string, settings: AzureSettings): EntraError | undefined {
  if (scope.trim().split(/\s+/).length > 1)
    return aadError(70011, 'The provided value for scope is not valid.')
  const resource = resourceOf(scope)
  if (resource === undefined)
    return aadError(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    )
  if (settings.resources.includes(resource.replace(/\/$/, ''))) return undefined
  return aadError(500011, `The resource principal named ${resource} was not found in the tenant.`)
}

export function createEntra(settings: AzureSettings, origin: () => string): Entra {
  const signer = createTokenSigner()
  const usedAssertionIds = new Set<string>()

  function checkCredential(app: EntraApp, form: URLSearchParams): CredentialVerdict {
    const secret = form.get('client_secret')
    if (secret !== null) return checkSecret(app, secret, settings.now())
    const assertion = form.get('client_assertion')
    if (assertion === null || form.get('client_assertion_type') !== assertionType) {
      const text =
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
      return { kind: 'refused', error: aadError(7000218, text) }
    }
    const error = refuseAssertion(assertion, {
      clientId: app.clientId,
      tokenEndpoint: `${origin()}/${app.tenant}/oauth2/v2.0/token`,
      certificates: app.certificates,
      now: settings.now(),
      assertionNow: (settings.assertionNow ?? settings.now)(),
      usedIds: usedAssertionIds,
    })
    return error === undefined ? { kind: 'proven', appidacr: '2' } : { kind: 'refused', error }
  }

  function issueToken(app: EntraApp, resource: string, appidacr: '1' | '2'): Answer {
    const iat = Math.floor(settings.now() / 1000)
    const lifetime = settings.tokenLifetimeSeconds
    const token = signer.issue({
      aud: resource,
      // As Entra writes it into tokens of version 1.0, whatever host gave them out; storage services look at it.
      iss: `https://sts.windows.net/${app.tenant}/`,
      iat,
      exp: iat + lifetime,
      tid: app.tenant,
      appid: app.clientId,
      appidacr,
      oid: app.objectId ?? app.clientId,
      roles: [...(app.permissions?.[resource.replace(/\/$/, '')] ?? [])],
    })
    const refresh = settings.refreshInSeconds === undefined ? {} : { refresh_in: settings.refreshInSeconds }
    return jsonAnswer(
      200,
      {
        token_type: 'Bearer',
        expires_in: lifetime,
        ext_expires_in: lifetime,
        ...refresh,
        access_token: token,
      },
      { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
    )
  }

  function grant(tenant: string, form: URLSearchParams): Answer | EntraError {
    const missing = ['client_id', 'grant_type', 'scope'].find((name) => (form.get(name) ?? '') === '')
    if (missing !== undefined) {
      return aadError(900144, `The request body must contain the following parameter: '${missing}'.`)
    }
    if (form.get('grant_type') !== 'client_credentials')
      return aadError(70003, 'The app requested an unsupported grant type.')
    const clientId = form.get('client_id') ?? ''
    const app = settings.apps.find((one) => one.tenant === tenant && one.clientId === clientId)
    if (app === undefined) {
      return aadError(
        700016,
        `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`,
      )
    }
    const scope = form.get('scope') ?? ''
    const scopeError = checkScope(scope, settings)
    if (scopeError !== undefined) return scopeError
    const credential = checkCredential(app, form)
    if (credential.kind === 'refused') return credential.error
    return issueToken(app, resourceOf(scope) ?? scope, credential.appidacr)
  }

  function answerFor(tenant: string, make: () => Answer | EntraError): Answer {
    const isKnown = settings.apps.some((app) => app.tenant === tenant)
    const outcome = isKnown ? make() : aadError(90002, `Tenant '${tenant}' not found.`)
    return 'body' in outcome ? outcome : entraErrorAnswer(outcome, settings.now())
  }

  function answer(request: EntraRequest): Answer | undefined {
    const discovered = discoveryPath.exec(request.path)?.[1]
    if (discovered !== undefined)
      return answerFor(discovered, () =>
        jsonAnswer(200, discoveryDocument(origin(), discovered, settings.graphHost)),
      )
    if (keysPath.test(request.path)) return jsonAnswer(200, signer.keySet)
    const tenant = tokenPath.exec(request.path)?.[1]
    if (tenant === undefined) return undefined
    return answerFor(tenant, () => {
      if (request.method !== 'POST' || !request.contentType.startsWith('application/x-www-form-urlencoded')) {
        return aadError(900144, "The request body must contain the following parameter: 'grant_type'.")
      }
      return grant(tenant, new URLSearchParams(request.body.toString()))
    })
  }

  return { answer, readToken: signer.read }
}
