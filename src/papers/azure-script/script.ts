import type { UpstreamSetup } from '../../core/setup.ts'
import { answerWords } from './answer-words.ts'
import { exchangeScript, lostExchangeScript, needsApp } from './exchange-powershell.ts'
import { byHand } from './lost-by-hand.ts'
import {
  type AcsPlan,
  obstacles,
  planScript,
  type ScriptFacts,
  type ScriptPlan,
  type SenderFilter,
} from './plan.ts'
import { hereDocument, shellQuoted as quoted } from './quoting.ts'
import { acsWords, dnsWords, reportWords } from './shell-acs.ts'
import { entraWords } from './shell-entra.ts'
import { shellWords, signIn } from './shell-words.ts'
import { usedWords } from './used-words.ts'

export type AzureScript =
  | { readonly kind: 'script'; readonly text: string }
  /** Each a sentence that names its upstream. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

const nothingToDo =
  'no upstream is of a kind that Microsoft serves: see `inkpost choose`, then put one into the setup document'

/** One paste that makes, at Microsoft, what the setup's ways out need. Holds no secret; public certificates only. */
export function azureScript(facts: ScriptFacts): AzureScript {
  const plan = planScript(facts)
  const reasons = [...(isEmpty(plan) ? [nothingToDo] : []), ...obstacles(plan)]
  if (reasons.length > 0) return { kind: 'refused', reasons }
  return {
    kind: 'script',
    text: paste(`Sets up what inkpost ${plan.box} needs at Microsoft`, makingBlocks(plan)),
  }
}

/** One paste that cuts this box off, and no other. */
export function lostBoxScript(facts: ScriptFacts): AzureScript {
  const plan = planScript(facts)
  if (isEmpty(plan)) return { kind: 'refused', reasons: [nothingToDo] }
  return {
    kind: 'script',
    text: paste(`Cuts the lost box inkpost ${plan.box} off`, losingBlocks(plan, facts.upstreams)),
  }
}

const isEmpty = ({ acs, exchange }: ScriptPlan): boolean => acs.length === 0 && exchange.length === 0

/**
 * In parentheses, for two reasons: the shell reads all of it before the first question, which would else take the next
 * line of the paste for its answer; and `exit` ends this and not the person's shell.
 */
function paste(title: string, blocks: readonly string[]): string {
  return [
    '#!/usr/bin/env bash',
    `# ${title}.`,
    '# For Azure Cloud Shell (Bash): paste all of it. It asks before anything that costs, and may run again at any time:',
    '# each step looks before it makes. It holds no secret.',
    '# Values of the setup stand in single quotes, whatever they hold.',
    '# shellcheck disable=SC2016',
    'set +o histexpand',
    '(',
    'set -euo pipefail',
    '',
    blocks.join('\n\n'),
    ')',
    '',
  ].join('\n')
}

/** What is of this box, as variables: the one place where its values stand. */
const heading = ({ box }: ScriptPlan): string =>
  [
    `BOX=${quoted(box)}`,
    `APP_NAME=${quoted(`inkpost-${box}`)}`,
    `ROLE='Inkpost mail sender'`,
    `# Seconds between two looks at what takes its time.\nPAUSE=$(printenv PAUSE_SECONDS || echo 20)`,
  ].join('\n\n')

function makingBlocks(plan: ScriptPlan): readonly string[] {
  const steps = [
    signIn,
    `agree 'Go on in this tenant and subscription?' || stop 'nothing was made: az account set --subscription NAME chooses another'`,
    ...(plan.entra.length > 0 ? [registration(plan)] : []),
    ...plan.acs.map((part) => acsSteps(plan, part)),
    ...exchangeSteps(plan),
    ...(plan.acs.length + plan.entra.length > 0 ? ['print_answer'] : []),
  ]
  return withWords(plan, [shellWords, acsWords, dnsWords, reportWords, entraWords, answerWords], steps)
}

function withWords(plan: ScriptPlan, words: readonly string[], steps: readonly string[]): readonly string[] {
  return [usedWords([heading(plan), ...words].join('\n\n'), steps.join('\n')), ...steps]
}

function registration({ notes, certificates, bySecret }: ScriptPlan): string {
  return [
    `make_app ${quoted(notes)}`,
    ...certificates.map(
      ({ pem, thumbprint }) => `add_certificate ${quoted(pem.trim())} ${quoted(thumbprint)}`,
    ),
    ...bySecret.map(
      (name) =>
        `say ${quoted(`Upstream ${name} signs in by a secret: make one in Entra (Certificates & secrets) and apply it; a certificate needs none.`)}`,
    ),
  ].join('\n')
}

function acsSteps({ box, entra }: ScriptPlan, plan: AcsPlan): string {
  const { upstream, senders, domains, reportFilter } = plan
  const host = upstream.endpoint === '' ? '' : new URL(upstream.endpoint).host
  const hasApp = entra.includes(upstream.name)
  const [, account = '', queue = ''] = /^https:\/\/([^.]+)\.[^/]+\/(.+)$/.exec(upstream.reportsQueue) ?? []
  return [
    `step ${quoted(`Azure Communication Services for upstream ${upstream.name}`)}`,
    // The answer is for each upstream by itself.
    `MADE=''\nREFUSED=''`,
    'make_sure_provider Microsoft.Communication',
    `choose_acs ${quoted(host)}`,
    ...(hasApp || queue !== ''
      ? ['ACS_ID=$(value az communication show --name "$ACS" --resource-group "$GROUP" --query id)']
      : []),
    'make_email_service',
    ...domains.map((domain) => `make_domain ${quoted(domain)}\nlink_domain ${quoted(domain)}`),
    `step 'Senders'`,
    ...domains.map((domain) => `make_sender ${quoted(domain)} DoNotReply 'Do not reply'`),
    ...senders.map(
      ({ domain, username, displayName }) =>
        `make_sender ${quoted(domain)} ${quoted(username)} ${quoted(displayName)}`,
    ),
    ...(hasApp ? [`step 'Rights'`, 'make_role', 'give_role "$ROLE" "$ACS_ID"'] : []),
    ...(hasApp && upstream.kind === 'acs-smtp'
      ? [`make_smtp_username "$APP_NAME" ${quoted(upstream.username || `${box}-mail`)}`]
      : []),
    ...(queue === '' ? [] : [`step 'Delivery reports'`, reports([account, queue], reportFilter, hasApp)]),
    ...(upstream.credential.kind === 'access-key' ? [keyHint] : []),
    acsAnswer(upstream, hasApp),
    'ticket',
  ].join('\n')
}

function acsAnswer({ name, kind }: UpstreamSetup, hasApp: boolean): string {
  const ids = hasApp ? ' tenant_id "$TENANT" client_id "$APP"' : ''
  const lists = ' senders "$(on_one_line "$MADE")" refused_senders "$(on_one_line "$REFUSED")"'
  if (kind === 'acs-smtp') return `add_answer ${quoted(name)} username "$SMTP_USERNAME"${ids}${lists}`
  return [
    'HOST=$(value az communication show --name "$ACS" --resource-group "$GROUP" --query hostName)',
    `add_answer ${quoted(name)} endpoint "https://$HOST"${ids}${lists}`,
  ].join('\n')
}

function reports(
  place: readonly [string, string],
  filter: SenderFilter | undefined,
  hasApp: boolean,
): string {
  const words = filter === undefined ? [] : ['data.sender', filter.operator, ...filter.values.map(quoted)]
  return [
    `make_reports ${place.map(quoted).join(' ')} "$APP_NAME"`,
    ['filter_reports "$APP_NAME"', ...words].join(' '),
    ...(hasApp ? [`give_role 'Storage Queue Data Message Processor' "$QUEUE"`] : []),
  ].join('\n')
}

const keyHint = `say 'The access key is not printed here: az communication list-key, or the portal, under Keys. A certificate needs none.'`

function exchangeSteps(plan: ScriptPlan): readonly string[] {
  if (plan.exchange.length === 0) return []
  return [
    ...consents(plan),
    ...powershellFile(plan, exchangeScript(plan), 'exchange'),
    ...plan.exchange
      .filter(({ upstream }) => plan.entra.includes(upstream.name))
      .map(({ upstream }) => `add_answer ${quoted(upstream.name)} tenant_id "$TENANT" client_id "$APP"`),
  ]
}

/** What has to be consented for the tenant, because Exchange has no narrower form of it. */
function consents({ exchange, entra }: ScriptPlan): readonly string[] {
  const has = (kind: string): boolean =>
    exchange.some((part) => part.kind === kind && entra.includes(part.upstream.name))
  return [
    ...(has('mailbox') ? ['grant_exchange SMTP.SendAsApp'] : []),
    ...(has('hve') ? [hveConsent] : []),
    ...(has('graph') ? ['refuse_tenant_wide'] : []),
  ]
}

const hveConsent = `# High Volume Email knows no narrower permission; the account's list of allowed apps is what limits it.
if agree 'HVE by certificate needs Mail.Send of Office 365 Exchange Online, consented for the tenant. Consent?'; then
  grant_exchange Mail.Send
else
  say 'not consented: give the HVE account a password in the setup instead'
fi`

/** Exchange has no command in az: the paste writes the PowerShell beside it and offers to run it. */
function powershellFile(
  plan: ScriptPlan,
  text: string,
  suffix: string,
  later: 'say' | 'left' = 'say',
): readonly string[] {
  const file = `inkpost-${plan.box}-${suffix}.ps1`
  const ids = needsApp(plan) ? ' -AppId "$APP" -ObjectId "$PRINCIPAL"' : ''
  return [
    `step 'Exchange Online'\ncat >${quoted(file)} ${hereDocument(text, 'POWERSHELL_END')}`,
    `if agree 'Run the Exchange Online part now? It asks for an Exchange administrator.'; then
  pwsh -NoProfile -File ${quoted(file)}${ids} >&2 || stop 'the Exchange part did not end well; this paste goes on there when it is run again'
else
  ${later} ${ids === '' ? quoted(`later: pwsh -File ${file}`) : `"later: pwsh -File ${file} -AppId $APP -ObjectId $PRINCIPAL"`}
fi`,
  ]
}

function losingBlocks(plan: ScriptPlan, upstreams: readonly UpstreamSetup[]): readonly string[] {
  const hasApp = plan.entra.length > 0
  const steps = [
    signIn,
    `NAME=$(ask 'This cuts one box off for good. Type its name to go on:')\n[ "$NAME" = "$BOX" ] || stop 'nothing was removed'`,
    ...(hasApp
      ? [`find_app\nPRINCIPAL=''\n[ -z "$APP" ] || PRINCIPAL=$(value az ad sp show --id "$APP" --query id)`]
      : []),
    // Exchange first: it knows the registration by its id, which is gone afterwards.
    ...(plan.exchange.length > 0 ? [lostExchange(plan)] : []),
    ...(hasApp && plan.acs.some(({ upstream }) => upstream.kind === 'acs-smtp')
      ? ['lose_smtp_usernames']
      : []),
    ...(plan.acs.some(({ upstream }) => upstream.reportsQueue !== '') ? [loseEvents] : []),
    ...(hasApp ? ['lose_app'] : []),
    ...upstreams.filter(({ name }) => plan.entra.includes(name)).flatMap(otherApp),
    ...upstreams.flatMap(byHand).map((sentence) => `left ${quoted(sentence)}`),
    'end_of_loss',
  ]
  return withWords(plan, [shellWords, entraWords, lostWords], steps)
}

const lostWords = String.raw`
# What no script can do is said, and counts: the box is not cut off before it is done.
LEFT=''

left() { LEFT=yes; say "by hand: $*"; }

end_of_loss() {
  if [ -z "$LEFT" ]; then say 'Done. Nothing of other boxes was touched.'
  else say 'NOT DONE: the lost box may send until what is marked "by hand" above is done, too. Nothing of other boxes was touched.'; fi
}

look_at_app() { # upstream, application id
  [ "$APP" = "$2" ] || left "upstream $1 signs in as the application $2, which is not $APP_NAME: remove its secret or certificate of this box in Entra"
}

lose_app() {
  local id
  step "Registration $APP_NAME"
  [ -n "$APP" ] || { say 'it is not there'; return 0; }
  for id in $(value az role assignment list --assignee "$PRINCIPAL" --all --query '[].id'); do
    az role assignment delete --ids "$id" --output none --only-show-errors
    say "role assignment removed: $id"
  done
  # With it go its certificates, secrets and the enterprise application: no new token from now on.
  az ad app delete --id "$APP" --output none --only-show-errors
  say 'removed; tokens that it holds end within 24 hours'
}

lose_smtp_usernames() {
  local name group
  step 'SMTP username'
  value az communication list --query '[].[name,resourceGroup]' | while IFS=$'\t' read -r name group; do
    there az communication smtp-username show --comm-service-name "$name" --resource-group "$group" --smtp-username "$APP_NAME" </dev/null || continue
    az communication smtp-username delete --comm-service-name "$name" --resource-group "$group" --smtp-username "$APP_NAME" \
      --yes --output none --only-show-errors </dev/null
    say "removed at $name"
  done
}
`.trim()

const loseEvents = `
step 'Delivery reports'
value az communication list --query '[].id' | while IFS= read -r ID; do
  there az eventgrid event-subscription show --name "$APP_NAME" --source-resource-id "$ID" </dev/null || continue
  az eventgrid event-subscription delete --name "$APP_NAME" --source-resource-id "$ID" --output none --only-show-errors </dev/null
  say 'event subscription removed'
done
`.trim()

/** Without its registration the box signs in by nothing that it knows; a connector may be left all the same. */
function lostExchange(plan: ScriptPlan): string {
  const blocks = powershellFile(plan, lostExchangeScript(plan), 'lost', 'left').join('\n')
  if (!needsApp(plan)) return blocks
  const gone =
    'the registration of this box is gone, so the Exchange part was not run: look in Exchange for a connector, a role assignment or a scope of this name'
  return `if [ -n "$PRINCIPAL" ]; then\n${blocks}\nelse\n  left ${quoted(gone)}\nfi`
}

/** A registration that somebody made under another name stays, and with it the box's way in. */
function otherApp({ name, credential }: UpstreamSetup): string[] {
  const isEntra = credential.kind === 'client-secret' || credential.kind === 'client-certificate'
  return isEntra && credential.clientId !== ''
    ? [`look_at_app ${quoted(name)} ${quoted(credential.clientId)}`]
    : []
}
