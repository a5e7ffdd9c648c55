import type { Finding, SignInSight, TokenClaims } from '../../core/diagnosis.ts'
import type { Setup, UpstreamKind, UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import { about, attention, notChecked, ok, trouble } from './finding.ts'

/** App permissions that sending needs, as they stand in a token. ACS has none: its role is on the resource. */
const neededRole: Partial<Readonly<Record<UpstreamKind, string>>> = {
  'exchange-smtp': 'SMTP.SendAsApp',
  'exchange-hve': 'Mail.Send',
  graph: 'Mail.Send',
}

/** Whether a way out lets us in, with the right to send. */
export function signInFinding(upstream: UpstreamSetup, sight: SignInSight): Finding {
  const { name } = upstream
  const subject = about('service', `sign-in/${name}`)
  const { outcome, claims } = sight
  const evidence = claimWords(claims)
  switch (outcome.kind) {
    case 'paused': {
      const missing = missingRole(upstream, claims)
      const role = missing === undefined ? '' : ` Its token does not carry ${missing}.`
      return trouble(subject, `${name}: ${outcome.pause.reason}${role}`, outcome.pause.remedy, evidence)
    }
    case 'transient':
      return outcome.code === 'denied'
        ? trouble(
            subject,
            `${name} lets us in but not send: ${outcome.detail}`,
            deniedRemedy(upstream),
            evidence,
          )
        : attention(
            subject,
            `${name} did not answer as it should (${outcome.code}): ${outcome.detail}`,
            'Try again; if it stays, look at the state of the service.',
            evidence,
          )
    case 'throttled':
      return ok(subject, `${name} answers, and is busy or its quota is used up: ${outcome.detail}`, evidence)
    case 'usable':
      return usable(upstream, sight.isRightProved, claims, evidence)
  }
}

function usable(
  upstream: UpstreamSetup,
  isRightProved: boolean,
  claims: TokenClaims | undefined,
  evidence: readonly string[],
): Finding {
  const { name } = upstream
  const subject = about('service', `sign-in/${name}`)
  const missing = missingRole(upstream, claims)
  if (missing !== undefined && !isRightProved) {
    return notChecked(
      subject,
      `${name} lets us in; its token carries no ${missing}. That is right where the right comes from RBAC for Applications in Exchange, else it is missing.`,
      `\`inkpost doctor --send ADDRESS --upstream ${name}\` proves it.`,
    )
  }
  return ok(subject, `${name} lets us in${isRightProved ? ', with the right to send' : ''}.`, evidence)
}

function missingRole({ kind }: UpstreamSetup, claims: TokenClaims | undefined): string | undefined {
  const role = neededRole[kind]
  return role === undefined || !claims || claims.roles.includes(role) ? undefined : role
}

const deniedRemedy = ({ credential }: UpstreamSetup): string =>
  credential.kind === 'access-key'
    ? 'Copy the current key from the Communication Services resource.'
    : 'Give the app the role "Communication and Email Service Owner" on the Communication Services resource; it takes some minutes.'

function claimWords(claims: TokenClaims | undefined): readonly string[] {
  if (!claims) return []
  const { audience, roles, expiresAt } = claims
  return [
    `token for ${audience}`,
    `roles: ${roles.length === 0 ? 'none' : roles.join(', ')}`,
    ...(expiresAt === undefined ? [] : [`until ${new Date(expiresAt).toISOString().slice(0, 16)}Z`]),
  ]
}

/** Whether the service takes mail from our senders: no service can be asked that without a mail. */
export function senderFinding({ name }: UpstreamSetup, pauses: readonly Pause[]): Finding {
  const subject = about('service', `sender/${name}`)
  const refused = pauses.find(({ upstream, sender }) => upstream === name && sender !== undefined)
  if (refused) return trouble(subject, `${name} refuses ${refused.sender}: ${refused.reason}`, refused.remedy)
  return notChecked(
    subject,
    `Whether ${name} takes mail from its senders can't be asked without a mail.`,
    '`inkpost doctor --send ADDRESS` sends one by each way out, `--upstream NAME` by one of them.',
  )
}

/** Enabled ways out that a service stands behind. */
export const servicesOf = ({ upstreams }: Setup): readonly UpstreamSetup[] =>
  upstreams.filter(({ enabled, kind }) => enabled && kind !== 'outbox')
