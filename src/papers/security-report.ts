import type { AuditVerification } from '../core/audit.ts'
import { headText } from '../core/audit.ts'
import type { RecoveryState } from '../core/backup-operations.ts'
import { dateOf } from '../core/local-time.ts'
import type { SecurityFacts } from '../core/security-facts.ts'
import { textTable } from './text-table.ts'

/** One page for a security officer: what is open, what leaves, who may what, what is weak and since when. */
export function securityReport(facts: SecurityFacts): string {
  return [
    `Security of the mail gateway "${facts.box}", ${dateOf(facts.at)}`,
    ...(facts.isRunning ? [] : ['The gateway is not running: this is what its settings say.']),
    ...section('What is open', entranceLines(facts)),
    ...section('Where mail leaves', wayOutLines(facts)),
    ...section('Devices', deviceLines(facts)),
    ...section('What is less protected than it could be', weakeningLines(facts)),
    ...section('Who may sign in', operatorLines(facts)),
    ...section('What ends', calendarLines(facts)),
    ...section('Self-tests', testLines(facts)),
    ...section('Backups', backupLines(facts)),
    ...section('Versions', versionLines(facts)),
    '',
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  '',
  title,
  ...lines.map((line) => `  ${line}`),
]

function entranceLines({ entrances }: SecurityFacts): readonly string[] {
  const rows = entrances.map(({ what, address, port, encryption, reachableFrom, trouble }) => [
    port === 0 ? 'chosen at start' : String(port),
    address,
    what,
    encryption,
    trouble === '' ? reachableFrom.join(', ') : `not open: ${trouble}`,
  ])
  return textTable(['PORT', 'AT', 'WHAT', 'ENCRYPTION', 'REACHABLE FROM'], rows)
}

function wayOutLines({ waysOut }: SecurityFacts): readonly string[] {
  if (waysOut.length === 0) return ['Nothing leaves: there is no way out.']
  const rows = waysOut.map(({ name, kind, to, encryption, signsInBy, enabled }) => [
    enabled ? name : `${name} (off)`,
    kind,
    to,
    encryption,
    signsInBy,
  ])
  return textTable(['WAY OUT', 'KIND', 'TO', 'ENCRYPTION', 'SIGNS IN BY'], rows)
}

function deviceLines({ devices }: SecurityFacts): readonly string[] {
  if (devices.length === 0) return ['No device may send.']
  const rows = devices.map(({ name, enabled, signsInBy, tls, lastSeen, weak }) => [
    enabled ? name : `${name} (off)`,
    signsInBy,
    lastSeen === undefined ? 'not in 30 days' : dateOf(lastSeen),
    lastSeen === undefined ? '' : tls === '' ? 'in clear' : tls,
    weak === '' ? '' : `weak: ${weak}`,
  ])
  return textTable(['DEVICE', 'SIGNS IN BY', 'LAST SEEN', 'ENCRYPTION THEN', ''], rows)
}

function weakeningLines({ weakenings }: SecurityFacts): readonly string[] {
  if (weakenings.length === 0) return ['Nothing.']
  const rows = weakenings.map(({ what, until, by }) => [
    what,
    until === '' ? 'for good' : `until ${until}`,
    by === undefined ? 'the default, or before the audit' : `${by.who}, ${dateOf(by.at)}`,
  ])
  return textTable(['WHAT', 'HOW LONG', 'SET BY'], rows)
}

function operatorLines({ operators, secondFactor }: SecurityFacts): readonly string[] {
  if (operators.length === 0) return ['Nobody yet: the console is not claimed.']
  const rows = operators.map(({ name, role, hasSecondFactor }) => [
    name,
    role,
    hasSecondFactor === undefined ? 'none' : hasSecondFactor ? 'yes' : 'no',
  ])
  return [
    ...textTable(['WHO', 'ROLE', 'SECOND FACTOR'], rows),
    `A second factor is asked of: ${secondFactor}.`,
  ]
}

const calendarLines = ({ calendar }: SecurityFacts): readonly string[] =>
  calendar.length === 0 ? ['Nothing.'] : calendar.map(({ what, when }) => `${what}: ${when}`)

function testLines({ relay, diagnosis, audit, vault }: SecurityFacts): readonly string[] {
  return [
    `Open relay: ${relayText(relay)}`,
    `Audit: ${auditText(audit)}`,
    `Vault: ${vault === 'open' ? 'open, secrets are sealed on disk with AES-256-GCM' : 'locked, its key is not here'}`,
    ...diagnosis.findings
      .filter(({ state }) => state === 'trouble' || state === 'attention')
      .map(({ sentence, remedy }) => `Doctor: ${sentence} ${remedy}`.trimEnd()),
    ...(diagnosis.needsDoing ? [] : ['Doctor: nothing needs doing.']),
  ]
}

function relayText(relay: readonly string[] | undefined): string {
  if (relay === undefined) return 'not tried, the gateway is not running'
  return relay.length === 0 ? 'no; nobody may send through this box who should not' : relay.join('; ')
}

function auditText(audit: AuditVerification): string {
  if (audit.kind === 'broken') return `BROKEN: ${audit.sentence}`
  const since = audit.oldest === undefined ? '' : ` since ${dateOf(audit.oldest)}`
  return `intact, ${audit.entries} entries${since}; head ${headText(audit.head) || 'none'}`
}

function backupLines({ backups: { recovery, copies, lastCopy } }: SecurityFacts): readonly string[] {
  const [newest] = copies
  return [
    recoveryText(recovery),
    newest === undefined
      ? 'No nightly copy is on the box.'
      : `${copies.length === 1 ? '1 nightly copy is' : `${copies.length} nightly copies are`} on the box, the newest of ${dateOf(newest.at)}; the box cannot open them.`,
    ...(lastCopy && lastCopy.trouble !== '' ? [`The last nightly copy failed: ${lastCopy.trouble}`] : []),
  ]
}

function recoveryText(recovery: RecoveryState): string {
  switch (recovery.kind) {
    case 'absent':
      return 'There is no recovery code.'
    case 'unconfirmed':
      return `The recovery code of ${dateOf(recovery.since)} was never confirmed.`
    case 'confirmed':
      return `The recovery code of ${dateOf(recovery.since)} is confirmed.`
  }
}

function versionLines({ versions }: SecurityFacts): readonly string[] {
  const { inkpost, built, node, openssl, packages } = versions
  return [
    `inkpost ${inkpost}, built ${dateOf(built)}; Node ${node}; OpenSSL ${openssl}`,
    ...(packages.length === 0 ? [] : [`Packages: ${packages.join(', ')}`]),
  ]
}
