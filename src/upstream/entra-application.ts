import type { SecretName, Secrets } from '../core/secret.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { ClientIdentity } from '../core/upstream.ts'
import { openSecret } from './open-secret.ts'
import { type Paused, paused } from './pause-reasons.ts'

/** An app registration as one way out signs in with it. */
export interface EntraApplication {
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly caFile: string
  readonly credential: /** `upstream`: whose certificate may take the place of the secrets while it is being replaced. */
    | { readonly kind: 'secrets'; readonly names: readonly SecretName[]; readonly upstream?: string }
    /** The box's identity for this way out; one of its certificates where a slot is named. */
    | { readonly kind: 'certificate'; readonly upstream: string; readonly slot?: CertificateSlot }
}

export type CertificateSlot = 'present' | 'next'

/** What proves that we are the app, opened. */
export type Proof =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificate'; readonly keyPem: string; readonly certificatePem: string }
  | { readonly kind: 'unavailable'; readonly trouble: Paused }

export interface ProofParts {
  readonly secrets: Secrets
  readonly identity: ClientIdentity
}

/** The application that a way out's credential names; undefined if it is none of Entra's, or not known yet (`azure-script`). */
export function entraApplicationOf({
  credential,
  authority,
  caFile,
  name,
}: UpstreamSetup): EntraApplication | undefined {
  if (credential.kind !== 'client-secret' && credential.kind !== 'client-certificate') return undefined
  const { tenantId, clientId } = credential
  if (tenantId === '' || clientId === '') return undefined
  const proof =
    credential.kind === 'client-secret'
      ? ({ kind: 'secrets', names: credential.secrets, upstream: name } as const)
      : ({ kind: 'certificate', upstream: name } as const)
  return { authority, tenantId, clientId, caFile, credential: proof }
}

/**
 * The same application by one of the box's certificates alone, also where a secret serves now; undefined for a credential
 * that is none of Entra's, and for a certificate that was made elsewhere.
 */
export function certificateApplication(
  { credential, authority, caFile, name }: UpstreamSetup,
  slot: CertificateSlot,
): EntraApplication | undefined {
  const isOwn =
    credential.kind === 'client-secret' ||
    (credential.kind === 'client-certificate' && credential.certificateFile === '')
  // A connector knows its certificate by name; no app stands behind it.
  if (!isOwn || credential.clientId === '') return undefined
  const { tenantId, clientId } = credential
  return { authority, tenantId, clientId, caFile, credential: { kind: 'certificate', upstream: name, slot } }
}

/** Opens the proofs, to be tried in this order. An empty second slot is no proof; the last one missing is told. */
export function proofsOf(application: EntraApplication, parts: ProofParts): readonly Proof[] {
  const { credential } = application
  if (credential.kind === 'certificate') return certificateProofs(credential, parts.identity)
  const proofs = credential.names.map((name) => secretProof(name, parts.secrets))
  const successors =
    credential.upstream === undefined ? [] : successorsOf(credential.upstream, parts.identity)
  const usable = [...proofs, ...successors].filter((proof) => proof.kind !== 'unavailable')
  return usable.length > 0 ? usable : proofs.slice(0, 1)
}

/**
 * What replaces a secret. The setup changes while mail is on its way: what was begun with the secret ends with the
 * certificate, as the same app.
 */
const successorsOf = (upstream: string, identity: ClientIdentity): readonly Proof[] => [
  certificateProof(upstream, identity),
  ...identity.others(upstream).map((other): Proof => ({ ...other, kind: 'certificate' })),
]

function certificateProofs(
  { upstream, slot }: Extract<EntraApplication['credential'], { kind: 'certificate' }>,
  identity: ClientIdentity,
): readonly Proof[] {
  const others = identity
    .others(upstream)
    .filter(({ role }) => slot === undefined || role === slot)
    .map((other): Proof => ({ ...other, kind: 'certificate' }))
  return slot === 'next' ? others : [certificateProof(upstream, identity), ...others]
}

function certificateProof(upstream: string, identity: ClientIdentity): Proof {
  const opened = identity.open(upstream)
  if (opened.kind === 'open') return { ...opened, kind: 'certificate' }
  return { kind: 'unavailable', trouble: paused('upstream', 'certificate-missing', opened.detail) }
}

function secretProof(name: SecretName, secrets: Secrets): Proof {
  const opened = openSecret(secrets, name)
  return opened.kind === 'secret' ? opened : { kind: 'unavailable', trouble: opened }
}
