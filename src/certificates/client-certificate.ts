import { day, type WallMs, wallMs } from '../core/time.ts'
import { issue, readCertificate } from './issuing.ts'
import type { KeyPair } from './pem.ts'

/** Two years: long enough to be renewed at leisure, and app policies of tenants often refuse more. */
const lifetimeMs = 730 * day
/** Time for a person to upload one by hand where the box cannot renew it; before the calendar tells of it, 60 days before. */
const longestLeadMs = 62 * day

/** A self-signed certificate by which services know this box, named so that an administrator knows it again in Entra. */
export const issueClient = (upstream: string, hostname: string, now: WallMs): Promise<KeyPair> =>
  issue({
    commonName: `inkpost ${hostname} ${upstream}`,
    use: 'client',
    // The other side's clock may be behind ours.
    notBefore: new Date(now - day),
    notAfter: new Date(now + lifetimeMs),
  })

/** When a certificate is to be followed by another: 62 days before its end, or after two thirds of a short life. */
export function renewalDueAt(certificatePem: string): WallMs | undefined {
  const certificate = readCertificate(certificatePem)
  if (!certificate) return undefined
  const [from, until] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
  return wallMs(until - Math.min(longestLeadMs, (until - from) / 3))
}

/** When a certificate ends; undefined if it is none. */
export function endOf(certificatePem: string): WallMs | undefined {
  const certificate = readCertificate(certificatePem)
  return certificate && wallMs(certificate.validToDate.getTime())
}
