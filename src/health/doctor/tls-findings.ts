import type { Finding } from '../../core/diagnosis.ts'
import { day, type WallMs } from '../../core/time.ts'
import type { Contact, TlsSight } from './contact.ts'
import { placeOf } from './destinations.ts'
import { about, attention, ok, trouble } from './finding.ts'

/** The services renew long before; who does not by then has forgotten it. */
const warnBeforeMs = 7 * day

/** How encryption with each place stands: stripped, failed, intercepted, wrong name, expired. */
export const tlsFindings = (contacts: readonly Contact[], now: WallMs): readonly Finding[] =>
  contacts.flatMap((contact) => tlsFinding(contact, now))

function tlsFinding({ destination, end, tls }: Contact, now: WallMs): readonly Finding[] {
  const place = placeOf(destination)
  const subject = about('network', `tls/${place}`)
  if (end.kind === 'no-starttls') {
    const sentence = end.isMasked
      ? `A firewall on the way to ${place} hides encryption: it overwrites STARTTLS with X.`
      : `${place} does not offer encryption (STARTTLS): it is stripped on the way, or the server has none.`
    return [trouble(subject, sentence, strippedRemedy(end.isMasked))]
  }
  if (end.kind === 'tls-failed') {
    return [trouble(subject, `Encryption with ${place} fails: ${end.detail}`, failedRemedy(end.detail))]
  }
  if (!tls) return []
  const evidence = [`${tls.protocol}, for ${tls.subject}, from ${tls.issuer}`]
  if (tls.error !== '') return [untrusted(destination.host, place, tls, now)]
  const { validTo } = tls
  if (validTo !== undefined && validTo - now < warnBeforeMs) {
    const sentence = `The certificate of ${place} ends on ${dateOf(validTo)}.`
    return [attention(subject, sentence, 'Tell whoever runs that server to renew it.', evidence)]
  }
  return [
    ok(subject, `Encryption with ${place} is in order (${tls.protocol}, from ${tls.issuer}).`, evidence),
  ]
}

const strippedRemedy = (isMasked: boolean): string =>
  isMasked
    ? 'Switch SMTP inspection off on that firewall (Cisco: no inspect esmtp, or no fixup protocol smtp).'
    : 'Check host and port; switch SMTP inspection off on the firewall; for port 465 set security to "implicit".'

const failedRemedy = (detail: string): string =>
  /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(detail)
    ? 'The server knows only TLS older than 1.2: it has to be brought up to date.'
    : 'Check host, port and security of this way out, and whether a firewall opens encrypted traffic.'

/** Trusted is what the runtime trusts and what ca_file adds: who signed it is named. */
function untrusted(host: string, place: string, tls: TlsSight, now: WallMs): Finding {
  const subject = about('network', `tls/${place}`)
  const shown = `${place} shows a certificate for ${tls.subject}, issued by ${tls.issuer}`
  const evidence = [tls.error, `names: ${tls.names.slice(0, 4).join(', ')}`]
  const bad = (sentence: string, remedy: string): Finding => trouble(subject, sentence, remedy, evidence)
  switch (tls.error) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return bad(
        `The certificate of ${place} is not valid today (${dateOf(now)}): ${tls.error === 'CERT_HAS_EXPIRED' ? `it ended on ${dateOf(tls.validTo)}` : 'it begins later'}.`,
        'Check the clock of this box; if it is right, whoever runs that server has to renew the certificate.',
      )
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return bad(
        `${shown}: not for ${host}.`,
        `Look for a slip in host or endpoint; else something on the way answers for ${host}: exempt it from inspection.`,
      )
    default:
      return bad(
        `${shown}, which this box does not trust.`,
        `If this is your own server or firewall, add its authority with ca_file; else exempt ${host} from inspection.`,
      )
  }
}

const dateOf = (at: WallMs | undefined): string =>
  at === undefined ? 'an unknown day' : new Date(at).toISOString().slice(0, 10)
