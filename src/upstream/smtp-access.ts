import type { UpstreamSetup } from '../core/setup.ts'
import { entraApplicationOf } from './entra-application.ts'
import { openSecret } from './open-secret.ts'
import { type Paused, paused } from './pause-reasons.ts'
import type { SmtpKind } from './smtp-kinds.ts'
import type { SmtpServer } from './smtp-session.ts'
import type { SmtpSignIn } from './smtp-sign-in.ts'
import type { TokenWish } from './token-source.ts'
import { loadTrust, loadTrustWithIdentity, type Trust } from './trust.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** How a way out is signed in to; a token is fetched when a connection is opened. */
export type PlannedSignIn =
  | { readonly kind: 'none' }
  | Extract<SmtpSignIn, { kind: 'password' }>
  | { readonly kind: 'token'; readonly username: string; readonly wish: TokenWish }

export type SmtpAccess =
  | { readonly kind: 'access'; readonly server: Omit<SmtpServer, 'signIn'>; readonly signIn: PlannedSignIn }
  | Paused

type AccessParts = Pick<UpstreamParts, 'gateway' | 'secrets' | 'identity'>

/** Where to connect to, whom to trust and how to sign in, as the settings stand; asked anew for each mail. */
export function smtpAccess(setup: UpstreamSetup, kind: SmtpKind, parts: AccessParts): SmtpAccess {
  const trust = trustOf(setup, kind, parts)
  if (trust.kind === 'paused') return trust
  if (trust.kind === 'unreadable') return paused('upstream', 'ca-file-unreadable', trust.detail)
  const signIn = signInOf(setup, kind, parts)
  if (signIn.kind === 'paused') return signIn
  const { host, port, security } = setup
  const server = { host, port, security, hostname: parts.gateway.hostname, context: trust.context }
  return { kind: 'access', server, signIn }
}

function trustOf(setup: UpstreamSetup, kind: SmtpKind, { identity }: AccessParts): Trust | Paused {
  const { name, caFile, credential } = setup
  if (!kind.showsCertificate || credential.kind !== 'client-certificate') return loadTrust(caFile)
  // What the box signed itself is no proof to Exchange: it would answer 5.7.64 for ever.
  if (credential.certificateFile === '') return paused('upstream', 'certificate-not-signed')
  const opened = identity.open(name)
  if (opened.kind === 'unavailable') return paused('upstream', 'certificate-missing', opened.detail)
  return loadTrustWithIdentity(name, caFile, opened)
}

function signInOf(setup: UpstreamSetup, kind: SmtpKind, { secrets }: AccessParts): PlannedSignIn | Paused {
  const { credential, username } = setup
  switch (credential.kind) {
    case 'none':
      return { kind: 'none' }
    case 'password': {
      if (kind.passwordMechanisms.length === 0) return unsupported(credential.kind)
      const opened = openSecret(secrets, credential.password)
      if (opened.kind === 'paused') return opened
      const { username: account } = credential
      return {
        kind: 'password',
        username: account,
        password: opened.secret,
        mechanisms: kind.passwordMechanisms,
      }
    }
    case 'client-secret':
    case 'client-certificate': {
      if (kind.showsCertificate && credential.kind === 'client-certificate') return { kind: 'none' }
      const application = entraApplicationOf(setup)
      if (kind.scope === '' || !application) return unsupported(credential.kind)
      return { kind: 'token', username, wish: { application, scope: kind.scope } }
    }
    case 'access-key':
      return unsupported(credential.kind)
  }
}

const unsupported = (credential: string): Paused => paused('upstream', 'sign-in-unsupported', credential)
