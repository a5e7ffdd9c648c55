import type { ClientIdentities, IdentityOrder } from '../certificates/client-identity.ts'
import type { Operations, Refused } from '../core/operations.ts'
import type { Setup } from '../core/setup.ts'

/** The certificates by which services know this box, and requests for them. */
export function certificateOperations(
  identities: ClientIdentities,
  setup: () => Setup,
): Pick<Operations, 'certificate' | 'certificateRequest'> {
  return {
    async certificate(upstream) {
      const order = orderOf(upstream, setup())
      if (!('reason' in order)) await identities.prepare(order)
      const shown = identities.forUpload(upstream)
      if (shown.kind === 'open') return { kind: 'done', pem: shown.certificatePem }
      return 'reason' in order ? order : { kind: 'refused', reason: shown.detail }
    },
    async certificateRequest(upstream) {
      const order = orderOf(upstream, setup())
      if ('reason' in order) return order
      const made = await identities.request(order)
      return made.kind === 'request'
        ? { kind: 'done', pem: made.pem }
        : { kind: 'refused', reason: made.detail }
    },
  }
}

function orderOf(upstream: string, { gateway, upstreams }: Setup): IdentityOrder | Refused {
  const { credential } = upstreams.find(({ name }) => name === upstream) ?? {}
  if (credential?.kind !== 'client-certificate')
    return { kind: 'refused', reason: `${upstream} is not known by a certificate` }
  return { upstream, hostname: gateway.hostname, certificateFile: credential.certificateFile }
}
