import type { FormerCertificate, NextCertificate } from '../certificates/renewal-record.ts'
import type { Alert } from '../core/alerts.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { thumbprintOf } from '../upstream/entra-keys.ts'

/** What a person has to know of a certificate, without the key of its alert. */
export type CertificateTrouble = Omit<Alert, 'key'>

const portal = 'under "Certificates & secrets" of the app registration in Entra'

const appOf = ({ credential }: UpstreamSetup): string =>
  'clientId' in credential ? credential.clientId : 'the app'

/** Which clicks bring a certificate into the portal. */
export const uploadSteps = (upstream: UpstreamSetup): readonly string[] => [
  'Save the lines from BEGIN to END as inkpost.pem.',
  `Open https://entra.microsoft.com > App registrations > All applications > ${appOf(upstream)}.`,
  'Certificates & secrets > Certificates > Upload certificate: choose inkpost.pem, Add.',
  `The box tries it every 5 minutes; \`inkpost status\` and the log tell when Entra takes it.`,
]

export function uploadWanted(
  upstream: UpstreamSetup,
  next: NextCertificate,
  why: string,
): CertificateTrouble {
  const { name } = upstream
  const remedy = `Upload ${portal} what \`inkpost certificate ${name}\` prints; the box notices by itself.`
  const thumbprint = thumbprintOf(next.certificatePem)
  if (why === 'secret')
    return {
      severity: 'notice',
      sentence: `The certificate that is to replace the client secret of ${name} waits for its upload (${thumbprint}).`,
      remedy,
    }
  return {
    severity: 'alarm',
    sentence: `${name} cannot renew its certificate by itself: Entra takes the present one no more (${why}). The next one waits for its upload (${thumbprint}).`,
    remedy,
  }
}

export const notReplaced = ({ name }: UpstreamSetup, hindrance: string): CertificateTrouble => ({
  severity: 'warning',
  sentence: `Entra takes the certificate of ${name}, but the setup does not (${hindrance}): the client secret serves on.`,
  remedy: 'Correct the setup document; the box tries again by itself.',
})

export const objectIdMissing = ({ name }: UpstreamSetup): CertificateTrouble => ({
  severity: 'warning',
  sentence: `${name} cannot renew its certificate by itself: the object id of its app registration is not known.`,
  remedy: `Write it into the setup document as object_id of the credential: "Object ID" on the overview page of the app registration, not that of the Enterprise application. Or upload ${portal} what \`inkpost certificate ${name}\` prints.`,
})

export const addRefused = (
  { name }: UpstreamSetup,
  { code, detail }: { readonly code: string; readonly detail: string },
): CertificateTrouble => ({
  severity: 'warning',
  sentence: `Microsoft Graph does not register the next certificate of ${name} (${detail}).`,
  remedy: `${hintOf(code)} Or upload ${portal} what \`inkpost certificate ${name}\` prints.`,
})

/** Graph tells a bad proof and a bad token in the same words. */
function hintOf(code: string): string {
  switch (code) {
    case 'Authentication_MissingOrMalformed':
    case 'Authorization_RequestDenied':
      return 'Compare object_id with "Object ID" on the overview page of the app registration; that of the Enterprise application is another one.'
    case 'Request_ResourceNotFound':
      return 'Compare client_id and tenant_id with the overview page of the app registration.'
    default:
      return 'See whether a policy of the tenant limits certificates of apps (how long they live, who signs them).'
  }
}

export const registrationFailed = ({ name }: UpstreamSetup, detail: string): CertificateTrouble => ({
  severity: 'notice',
  sentence: `The next certificate of ${name} is not registered yet: Microsoft Graph did not answer as it should (${detail}).`,
  remedy: 'The box tries again by itself. It has to reach graph.microsoft.com, port 443.',
})

export const notSpread = ({ name }: UpstreamSetup, next: NextCertificate): CertificateTrouble => ({
  severity: 'warning',
  sentence: `Entra has registered the next certificate of ${name} more than a day ago and does not take it (${thumbprintOf(next.certificatePem)}).`,
  remedy: `See whether it stands ${portal}; if not, upload what \`inkpost certificate ${name}\` prints.`,
})

export const notRemoved = ({ name }: UpstreamSetup, before: FormerCertificate): CertificateTrouble => ({
  severity: 'notice',
  sentence: `The former certificate of ${name} is still registered, and the box cannot remove it (${thumbprintOf(before.certificatePem)}).`,
  remedy: `Delete the one with this thumbprint ${portal}. The box has erased its key; this notice ends with the certificate.`,
})

/** Of a file that was made elsewhere. */
export const fileUnusable = ({ name }: UpstreamSetup, detail: string): CertificateTrouble => ({
  severity: 'warning',
  sentence: `${name} goes on with the certificate it has read before: ${detail}.`,
  remedy: 'Put key and certificate into one PEM file that the box may read; it is looked at every 5 minutes.',
})
