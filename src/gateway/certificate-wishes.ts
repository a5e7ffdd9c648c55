import type { Renewals } from '../certificates/renewals.ts'
import type { Done, Operations, Refused } from '../core/operations.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import { uploadSteps } from './certificate-troubles.ts'
import { noUpstream } from './no-upstream.ts'

export interface CertificateWishParts {
  readonly setup: () => Setup
  readonly renewals: Renewals
  /** Why the setup would not take a certificate in place of the secret; empty where it would. */
  readonly hindrance: (upstream: string) => string
  readonly record: (who: string, what: string) => void
  /** A running gateway looks at once. */
  readonly onChange: () => void
}

type Wishes = Pick<Operations, 'replaceSecret' | 'renewCertificate' | 'cancelCertificate'>

/** What a person may wish of the certificate by which a service knows this box. */
export function certificateWishes(parts: CertificateWishParts): Wishes {
  const { setup, renewals } = parts
  const find = (name: string): UpstreamSetup | undefined =>
    setup().upstreams.find((upstream) => upstream.name === name)
  return {
    replaceSecret: async (name, who) => {
      const upstream = find(name)
      if (!upstream) return noUpstream(name)
      if (upstream.credential.kind !== 'client-secret')
        return refused(`${name} has no client secret: there is nothing to replace`)
      const hindrance = parts.hindrance(name)
      if (hindrance !== '') return refused(`${name} cannot be known by a certificate: ${hindrance}`)
      const made = await make(upstream, true, parts)
      if (made.kind === 'refused') return made
      parts.record(who, `upstream ${JSON.stringify(name)}: its client secret is to be replaced`)
      parts.onChange()
      return { ...made, steps: uploadSteps(upstream) }
    },
    renewCertificate: async (name, who) => {
      const upstream = find(name)
      if (!upstream) return noUpstream(name)
      const trouble = notRenewable(upstream, parts)
      if (trouble !== undefined) return refused(trouble)
      const made = await make(upstream, false, parts)
      if (made.kind === 'refused') return made
      parts.record(who, `upstream ${JSON.stringify(name)}: its certificate is to be renewed`)
      parts.onChange()
      return made
    },
    cancelCertificate: async (name, who) => {
      if (!find(name)) return noUpstream(name)
      const { next } = renewals.record(name)
      if (!next) return refused(`nothing is under way with the certificate of ${name}`)
      if (next.registration !== 'none')
        return refused(`the next certificate of ${name} is registered already: it will follow`)
      renewals.dropNext(name)
      parts.record(who, `upstream ${JSON.stringify(name)}: the next certificate was given up`)
      parts.onChange()
      return { kind: 'done' }
    },
  }
}

async function make(
  { name }: UpstreamSetup,
  replacesSecret: boolean,
  { renewals, setup }: CertificateWishParts,
): Promise<Done<{ readonly pem: string }>> {
  const made = await renewals.make(
    { upstream: name, hostname: setup().gateway.hostname },
    { replacesSecret, isWished: true },
  )
  if (made.kind === 'unavailable') return refused(`no certificate can be made: ${made.detail}`)
  return { kind: 'done', pem: made.next.certificatePem }
}

/** Why this certificate is not the box's to renew; undefined where it is. */
function notRenewable(
  { name, credential }: UpstreamSetup,
  { renewals }: CertificateWishParts,
): string | undefined {
  if (credential.kind !== 'client-certificate') return `${name} is not known by a certificate`
  if (credential.certificateFile !== '')
    return `${name} is known by ${credential.certificateFile}: put the new key and certificate there`
  if (credential.clientId === '')
    return `${name} is no app of Entra: its certificate is signed by an authority`
  const { before } = renewals.record(name)
  if (!before || before.isLeft) return undefined
  const day = new Date(before.removeAt).toISOString().slice(0, 10)
  return `the certificate of ${name} has just been renewed: the former one is removed on ${day}`
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })
