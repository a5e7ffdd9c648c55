import type { Alert } from './alerts.ts'
import { dateOf, dateWords, startOf } from './local-time.ts'
import { serviceEnds } from './service-ends.ts'
import type { DeviceSetup, Setup, UpstreamSetup } from './setup.ts'
import { day, type WallMs } from './time.ts'

export type CalendarKind =
  | 'secret'
  | 'client-certificate'
  | 'console-certificate'
  | 'server-certificate'
  | 'authority'
  | 'weak-device'
  | 'cure'
  | 'service-end'

/** Something that ends, or that somebody has to say the end of. */
export interface CalendarEntry {
  /** Stable: `secret/acs`. */
  readonly key: string
  readonly kind: CalendarKind
  /** As the subject of a sentence: `The client secret of acs expires`. */
  readonly what: string
  /** `unknown`: nobody has said when. */
  readonly certainty: 'fixed' | 'announced' | 'unknown'
  /** The day on which it ends, `2028-05-01`; of `announced` only for order and warnings, never for people. */
  readonly due: string | undefined
  /** When it ends, for people. */
  readonly when: string
  /** The next step. */
  readonly remedy: string
  readonly source: string
}

/** A certificate of the box, or one that it was given. */
export interface CertificateEnd {
  readonly key: string
  readonly kind: Extract<CalendarKind, `${string}-certificate` | 'authority'>
  readonly what: string
  readonly notAfter: WallMs
  readonly remedy: string
  readonly source: string
}

/** A cure of the box's own settings that the box puts back by itself. */
export interface CureEndDate {
  readonly id: string
  /** `gateway: trusted_networks + "10.1.2.3"`. */
  readonly what: string
  readonly until: WallMs
}

/** Everything that ends, the nearest first, what nobody knows at the end. */
export function calendarOf(
  setup: Setup,
  certificates: readonly CertificateEnd[],
  cures: readonly CureEndDate[] = [],
): readonly CalendarEntry[] {
  const upstreams = setup.upstreams.filter(({ enabled }) => enabled)
  const entries = [
    ...upstreams.flatMap(secretEntry),
    ...certificates.map(certificateEntry),
    ...setup.devices.filter(({ enabled }) => enabled).flatMap(weakEntry),
    ...cures.map(cureEntry),
    ...upstreams.flatMap(serviceEntries),
  ]
  return entries.toSorted((a, b) => inOrder(a.due ?? last, b.due ?? last) || inOrder(a.key, b.key))
}

const last = '9999'
/** By code units: `localeCompare` brings 2.5 MB of ICU into memory for good. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Words for a credential; undefined where it has no secret, or a certificate whose own date counts. */
function secretName({ kind, credential }: UpstreamSetup): string | undefined {
  switch (credential.kind) {
    case 'client-secret':
      return 'client secret'
    case 'access-key':
      return 'access key'
    case 'password':
      // ACS takes the secret of an Entra application as the password of SMTP.
      return kind === 'acs-smtp' ? 'client secret' : 'password'
    case 'client-certificate':
    case 'none':
      return undefined
  }
}

function secretEntry(upstream: UpstreamSetup): CalendarEntry[] {
  const { name, credential } = upstream
  const secret = secretName(upstream)
  if (secret === undefined || credential.kind === 'none') return []
  const entry = { key: `secret/${name}`, kind: 'secret', what: `The ${secret} of ${name} expires` } as const
  const source = `upstream ${JSON.stringify(name)}: credential.expires`
  const { expires = '' } = credential
  if (expires !== '') return [{ ...entry, ...fixed(expires), remedy: renewal(upstream, secret), source }]
  // Entra's secrets live 24 months at most; access keys and mailbox passwords may live for ever.
  if (secret !== 'client secret') return []
  const remedy = `Look at the date beside the secret in Entra (App registrations, Certificates & secrets) and write it as expires in the credential of ${name}.`
  return [{ ...entry, certainty: 'unknown', due: undefined, when: 'date not known', remedy, source }]
}

function renewal({ name, credential }: UpstreamSetup, secret: string): string {
  switch (credential.kind) {
    case 'client-secret':
      return `Make a new client secret in Entra (App registrations, Certificates & secrets), set it as next_secret of ${name} with the new expires and apply; the old one serves until then.`
    case 'access-key':
      return `Regenerate the other key of the resource in Azure, set it as next_key of ${name} with the new expires and apply.`
    default:
      return `Set the new ${secret} of ${name} with the new expires and apply.`
  }
}

const fixed = (due: string) => ({ certainty: 'fixed', due, when: dateWords(due) }) as const

const certificateEntry = ({ notAfter, ...certificate }: CertificateEnd): CalendarEntry => ({
  ...certificate,
  ...fixed(dateOf(notAfter)),
})

function weakEntry({ name, weakUntil }: DeviceSetup): CalendarEntry[] {
  if (weakUntil === '') return []
  return [
    {
      key: `weak-device/${name}`,
      kind: 'weak-device',
      what: `Weak encryption of ${name} ends`,
      ...fixed(weakUntil),
      remedy: `See with \`inkpost device show\` what it needs: update or replace it, or set a later weak_until.`,
      source: `device ${JSON.stringify(name)}: weak_until`,
    },
  ]
}

const cureEntry = ({ id, what, until }: CureEndDate): CalendarEntry => ({
  key: `cure/${id}`,
  kind: 'cure',
  what: `A cure ends (${what})`,
  ...fixed(dateOf(until)),
  remedy: 'If it is still needed, write it into the setup document and apply that.',
  source: `cure ${id}`,
})

const serviceEntries = (upstream: UpstreamSetup): CalendarEntry[] =>
  serviceEnds
    .filter(
      ({ kinds, credentials }) =>
        kinds.includes(upstream.kind) && (credentials?.includes(upstream.credential.kind) ?? true),
    )
    .map(({ id, what, certainty, due, when, remedy, source, read }) => ({
      key: `service-end/${id}/${upstream.name}`,
      kind: 'service-end',
      what: `${what} (${upstream.name})`,
      certainty,
      due,
      when,
      remedy,
      source: `${source}, read ${read}`,
    }))

/** Days before the end on which people are told. */
const steps = [60, 30, 14, 7, 1] as const
/** What the box renews by itself 30 days before its end is nobody's business until that has evidently failed. */
const renewsItself: ReadonlySet<CalendarKind> = new Set(['server-certificate'])
const evidentlyFailedDays = 14

/** `past`, or within how many days it ends; undefined: not soon. */
export type Nearness = (typeof steps)[number] | 'past'

/** An end counts as past when its day is over. */
export function nearnessOf({ due, kind }: CalendarEntry, now: WallMs): Nearness | undefined {
  const end = due === undefined ? undefined : startOf(due)
  if (end === undefined) return undefined
  if (now >= end + day) return 'past'
  const within = steps.findLast((days) => end - now <= days * day)
  return within !== undefined && within > evidentlyFailedDays && renewsItself.has(kind) ? undefined : within
}

export const expiryAlertPrefix = 'expires/'

/** What people are to know of the calendar today. The sentences change with the step, not from day to day. */
export const expiryAlerts = (entries: readonly CalendarEntry[], now: WallMs): readonly Alert[] =>
  entries.flatMap((entry) => {
    const alert = alertOf(entry, now)
    return alert ? [alert] : []
  })

function alertOf(entry: CalendarEntry, now: WallMs): Alert | undefined {
  const { key, kind, what, when, certainty, remedy } = entry
  const base = { key: `${expiryAlertPrefix}${key}`, remedy }
  if (certainty === 'unknown')
    return { ...base, severity: 'notice', sentence: `${what} on a day that nobody has told this box.` }
  const nearness = nearnessOf(entry, now)
  if (nearness === undefined) return undefined
  const chapter = String(nearness)
  if (nearness !== 'past') {
    const time = certainty === 'fixed' ? `on ${when}, ${within(nearness)}` : when
    return { ...base, chapter, severity: severityOf(entry, nearness), sentence: `${what}: ${time}.` }
  }
  // It took effect by itself, or nobody knows whether it did.
  if (kind === 'weak-device' || kind === 'cure') return undefined
  if (certainty === 'announced')
    return { ...base, chapter, severity: 'notice', sentence: `${what}: ${when}. That time has come.` }
  return { ...base, chapter, severity: 'alarm', sentence: `${what}: that was on ${when}.` }
}

const within = (days: Exclude<Nearness, 'past'>): string =>
  days === 1 ? 'today or tomorrow' : `in less than ${days} days`

function severityOf({ kind, certainty }: CalendarEntry, days: Exclude<Nearness, 'past'>): Alert['severity'] {
  const isGrave = days <= 7 && certainty === 'fixed' && kind !== 'weak-device' && kind !== 'cure'
  return isGrave ? 'alarm' : 'warning'
}
