import type { WallMs } from './time.ts'
import type { ProbeOutcome } from './upstream.ts'

/** Where on a mail's way: a trouble further in explains those further out. */
export type FindingArea = 'box' | 'network' | 'service' | 'domain'

export type FindingState =
  | 'ok'
  /** Mail goes, or would; something still needs doing. */
  | 'attention'
  /** Some mail does not go because of it. */
  | 'trouble'
  /** It could not be asked; nothing needs doing for it. */
  | 'not-checked'

/** What one check of `doctor` came to, in the words of a technician. */
export interface Finding {
  /** Stable: `clock`, `egress/smtp.office365.com:587`, `spf/contoso.com`. */
  readonly id: string
  readonly area: FindingArea
  readonly state: FindingState
  readonly sentence: string
  /** Empty where nothing needs doing. */
  readonly remedy: string
  /** What the finding stands on, each a few words. */
  readonly evidence: readonly string[]
}

export interface Diagnosis {
  readonly at: WallMs
  /** What is wrong first, then in the order of a mail's way. */
  readonly findings: readonly Finding[]
  readonly needsDoing: boolean
}

export const needsDoing = ({ state }: Finding): boolean => state === 'trouble' || state === 'attention'

const stateOrder: Readonly<Record<FindingState, number>> = {
  trouble: 0,
  attention: 1,
  'not-checked': 2,
  ok: 3,
}
const areaOrder: Readonly<Record<FindingArea, number>> = { box: 0, network: 1, service: 2, domain: 3 }

/** Findings as a diagnosis: what is wrong first, among equals in the order of a mail's way. */
export const diagnosisOf = (findings: readonly Finding[], at: WallMs): Diagnosis => ({
  at,
  findings: findings.toSorted(
    (a, b) => stateOrder[a.state] - stateOrder[b.state] || areaOrder[a.area] - areaOrder[b.area],
  ),
  needsDoing: findings.some(needsDoing),
})

/** What a question to the DNS came to. */
export type NameAnswer<T> =
  | { readonly kind: 'found'; readonly values: readonly T[] }
  /** NXDOMAIN. */
  | { readonly kind: 'no-name' }
  /** The name is there and has no record of this kind. */
  | { readonly kind: 'no-record' }
  /** The resolver answered that it can't tell: `SERVFAIL`, `REFUSED` … */
  | { readonly kind: 'failed'; readonly code: string }
  /** No resolver answered in time, or none could be reached. */
  | { readonly kind: 'silent'; readonly code: string }

export interface MailHost {
  readonly host: string
  readonly preference: number
}

/** The DNS as an argument. Never rejects; ends at the latest when the signal aborts. */
export interface NameService {
  /** Addresses of the resolvers that are asked. */
  servers(): readonly string[]
  /** Of a host, as a connection to it would find them; a literal address is its own. */
  addresses(host: string, signal: AbortSignal): Promise<NameAnswer<string>>
  /** TXT records, the pieces of each joined. */
  texts(name: string, signal: AbortSignal): Promise<NameAnswer<string>>
  /** CNAME. */
  aliases(name: string, signal: AbortSignal): Promise<NameAnswer<string>>
  /** MX. */
  mailHosts(domain: string, signal: AbortSignal): Promise<NameAnswer<MailHost>>
}

/** What a token says of itself, decoded and not verified: it is ours, not somebody's word about us. */
export interface TokenClaims {
  readonly audience: string
  readonly roles: readonly string[]
  /** Undefined where the token does not say. */
  readonly expiresAt: WallMs | undefined
}

/** What came of signing in to a service without mail. */
export interface SignInSight {
  /** Undefined: it signs in without Entra, or the token can't be read. */
  readonly claims: TokenClaims | undefined
  readonly outcome: ProbeOutcome
  /** A question that needs the right to send was answered. */
  readonly isRightProved: boolean
}
