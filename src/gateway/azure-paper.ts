import type { PublicIdentity } from '../certificates/client-identity.ts'
import type { AzureScriptOptions, Done } from '../core/operations.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { BoxCertificate } from '../papers/azure-script/plan.ts'
import { noUpstream } from './no-upstream.ts'

export interface AzurePaperParts {
  readonly setup: Setup
  readonly consoleUrl: string
  /** What the box is known by; a sentence where there is nothing to show yet. */
  identity(upstream: UpstreamSetup): Promise<PublicIdentity | string>
}

/** The script for Microsoft out of the present setup. Loaded when somebody asks for it: few boxes do more than once. */
export async function azurePaper(
  { setup, consoleUrl, identity }: AzurePaperParts,
  { upstream: name, isLost }: AzureScriptOptions,
): Promise<Done<{ readonly text: string }>> {
  const upstreams = setup.upstreams.filter((upstream) => name === undefined || upstream.name === name)
  if (name !== undefined && upstreams.length === 0) return noUpstream(name)
  const certificates = new Map<string, BoxCertificate>()
  for (const upstream of isLost ? [] : upstreams) {
    if (upstream.credential.kind !== 'client-certificate') continue
    const known = await identity(upstream)
    if (typeof known === 'string')
      return { kind: 'refused', reason: `upstream ${JSON.stringify(upstream.name)}: ${known}` }
    certificates.set(upstream.name, { pem: known.certificatePem, thumbprint: known.thumbprintSha1 })
  }
  const { azureScript, lostBoxScript } = await import('../papers/azure-script/script.ts')
  const script = (isLost ? lostBoxScript : azureScript)({ setup, upstreams, certificates, consoleUrl })
  return script.kind === 'script'
    ? { kind: 'done', text: script.text }
    : { kind: 'refused', reason: script.reasons.join('\n') }
}
