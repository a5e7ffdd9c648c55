import { type Call, onBox, show } from './call.ts'
import { certificate } from './export.ts'
import { done, refusedBy, type Verdict, wrong } from './verdict.ts'

export interface CertificateChange {
  readonly renew: boolean
  readonly replaceSecret: boolean
  readonly cancel: boolean
  readonly csr: boolean
}

/** `certificate UPSTREAM`: shows the certificate by which a service knows this box, or begins to change it. */
export async function certificateOf(
  call: Call,
  upstream: string,
  { renew, replaceSecret, cancel, csr }: CertificateChange,
): Promise<Verdict> {
  if ([renew, replaceSecret, cancel, csr].filter(Boolean).length > 1)
    return wrong('--csr, --renew, --replace-secret and --cancel exclude each other')
  if (replaceSecret) return replace(call, upstream)
  if (renew) return renewed(call, upstream)
  return cancel ? cancelled(call, upstream) : certificate(call, upstream, { csr })
}

function replace(call: Call, upstream: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.replaceSecret(upstream, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const steps = result.steps.map((step, index) => `${index + 1}. ${step}`)
    await show(call, result, () => [result.pem.trimEnd(), '', ...steps])
    return done
  })
}

function renewed(call: Call, upstream: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.renewCertificate(upstream, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [
      result.pem.trimEnd(),
      'The box registers it by itself, and uses it when Entra takes it.',
    ])
    return done
  })
}

function cancelled(call: Call, upstream: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.cancelCertificate(upstream, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [`the next certificate of ${upstream} is given up`])
    return done
  })
}
