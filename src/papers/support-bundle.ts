import type { RaisedAlert } from '../core/alerts.ts'
import type { AuditVerification } from '../core/audit.ts'
import type { CalendarEntry } from '../core/calendar.ts'
import type { Diagnosis } from '../core/diagnosis.ts'
import type { MachineHealth } from '../core/machine-health.ts'
import type { StatusView } from '../core/operations.ts'
import type { SessionRecord } from '../core/spool.ts'

export interface SupportFacts {
  readonly versions: Readonly<Record<string, string>>
  readonly status: StatusView
  readonly health: MachineHealth
  readonly diagnosis: Diagnosis
  readonly calendar: readonly CalendarEntry[]
  readonly alerts: readonly RaisedAlert[]
  readonly audit: AuditVerification
  /** The setup document, secrets as `(kept)`. */
  readonly setup: string
  /** The latest first. */
  readonly sessions: readonly SessionRecord[]
  /** JSON lines, the oldest first; empty where no gateway runs. */
  readonly log: readonly string[]
  /** Everything that opens something: it is masked wherever it stands. */
  readonly secrets: readonly string[]
}

/**
 * What somebody else needs to understand a box, as one text: no secret is in it, no mail, and no address of a person: of
 * each only the first letter and the domain.
 */
export function supportBundle(facts: SupportFacts): string {
  const { versions, status, health, diagnosis, calendar, alerts, audit, setup, sessions, log } = facts
  const text = [
    `Support bundle of the mail gateway "${status.name}"`,
    'No secret and no mail is in here; of addresses only the first letter and the domain.',
    ...section(
      'Versions',
      Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    ),
    ...section('Status', [JSON.stringify(status, undefined, 2)]),
    ...section('Machine', [JSON.stringify(nameless(health), undefined, 2)]),
    ...section(
      'Alerts',
      alerts.map(({ key, sentence, remedy }) => `${key}: ${sentence} ${remedy}`),
    ),
    ...section(
      'Doctor',
      diagnosis.findings.map(({ state, id, sentence, remedy, evidence }) =>
        [`${state} ${id}: ${sentence} ${remedy}`.trimEnd(), ...evidence.map((each) => `  ${each}`)].join(
          '\n',
        ),
      ),
    ),
    ...section(
      'What ends',
      calendar.map(({ key, what, when }) => `${key}: ${what}: ${when}`),
    ),
    ...section('Audit', [JSON.stringify(audit)]),
    ...section('Setup', [withoutKeys(setup)]),
    ...section('Sessions', sessions.map(sessionText)),
    ...section('Log', log),
    '',
  ].join('\n')
  return withoutPeople(withoutSecrets(text, facts.secrets))
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  '',
  `== ${title} ==`,
  ...(lines.length === 0 ? ['nothing'] : lines),
]

const speakers = { device: 'C:', box: 'S:', note: '--' } as const

/** The address of the session stays: it is the device's, in the own network. */
const sessionText = (session: SessionRecord): string =>
  [
    `${session.id} ${new Date(session.startedAt).toISOString()} ${session.address} ${session.listener} ${session.device ?? 'unknown'} ${session.helo} ${session.tls || 'in clear'} ${session.verdict?.code ?? ''} ${session.result}`,
    ...session.lines.map(({ at, from, text }) => `  ${at} ms ${speakers[from]} ${text}`),
  ].join('\n')

/** A webhook's path is its password, and a proxy's URL may hold one. */
const withoutKeys = (setup: string): string =>
  setup
    .replace(/^(\s*webhook\s*=\s*"\w+:\/\/[^/?#"]*)[^"]*"/gm, '$1/****"')
    .replace(/(\w+:\/\/)[^/@\s"]*@/g, '$1****@')

/**
 * `anna.meier@contoso.com` becomes `a…@contoso.com`: what is wrong with a mail is often its domain. Also with a local part in
 * quotes, which JSON writes as `\"`, and at an address (RFC 5321 section 4.1.2).
 */
const withoutPeople = (text: string): string =>
  text
    .replace(/(\\?")[^"\n]{1,128}"(@|%40)(?=[\p{L}\p{N}[])/gu, '$1…$1$2')
    .replace(/([\p{L}\p{N}])[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]*(@|%40)(?=[\p{L}\p{N}[])/gu, '$1…$2')

/** Numbers by which somebody else could find this very machine: of a hardware address the maker's half stays. */
const nameless = ({ machine, network, ...health }: MachineHealth): MachineHealth => ({
  machine: { ...machine, serial: machine.serial === '' ? '' : '…' },
  ...health,
  network: network.map((port) => ({ ...port, mac: port.mac.replace(/(:[0-9a-f]{2}){3}$/i, ':…') })),
})

/** Shorter than that it is masked as a word of its own only: a PIN stands in many a number. */
const longSecret = 8

/** As they are, as JSON and URLs write them, and in base64. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
  // The longest first: one may begin another.
  const ordered = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  return ordered.reduce((masked, form) => masked.replace(patternOf(form), '****'), text)
}

function patternOf(form: string): RegExp {
  const exact = RegExp.escape(form)
  return form.length >= longSecret
    ? new RegExp(exact, 'g')
    : new RegExp(`(?<![\\p{L}\\p{N}])${exact}(?![\\p{L}\\p{N}])`, 'gu')
}
