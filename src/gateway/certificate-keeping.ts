import type { ClientIdentities } from '../certificates/client-identity.ts'
import { Renewals } from '../certificates/renewals.ts'
import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { replaceSecret } from '../settings/edits.ts'
import type { Settings } from '../settings/settings.ts'
import { certificateApplication } from '../upstream/entra-application.ts'
import { EntraKeys } from '../upstream/entra-keys.ts'
import type { PauseCode } from '../upstream/pause-reasons.ts'
import type { TokenSource } from '../upstream/token-source.ts'
import type { Stores } from './boot.ts'
import { CertificateCare } from './certificate-care.ts'
import { CertificateRenewal } from './certificate-renewal.ts'
import { certificateWishes } from './certificate-wishes.ts'

export interface CertificateKeepingParts {
  readonly stores: Pick<Stores, 'settings' | 'sealedFiles' | 'spool'>
  readonly identities: ClientIdentities
  readonly tokens: TokenSource
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  /** What is paused may be usable again. */
  readonly onRecovered: () => void
}

const who = 'the box (its certificate replaces the client secret)'
/** Pauses that an upload ends. */
const certificateCodes: ReadonlySet<string> = new Set([
  'certificate-not-registered',
  'certificate-expired',
] satisfies PauseCode[])

/** The watch over the certificates by which services know this box, joined to the rooms that it needs. */
export function keepCertificates(parts: CertificateKeepingParts): CertificateCare {
  const { stores, identities, tokens, clock, log, alerts, onRecovered } = parts
  const { settings, sealedFiles, spool } = stores
  const setup = () => settings.setup
  const renewals = new Renewals(sealedFiles, clock)
  const keys = new EntraKeys({
    clock,
    tokens,
    get proxy() {
      return setup().gateway.proxy
    },
  })
  const renewal = new CertificateRenewal({
    renewals,
    identities,
    keys,
    clock,
    log,
    hostname: () => setup().gateway.hostname,
    replaceSecret: (upstream) => hindranceOf(settings, upstream, false),
  })
  const isTaken = async (upstream: UpstreamSetup, signal: AbortSignal): Promise<boolean> =>
    certificateApplication(upstream, 'present') !== undefined &&
    (await keys.tryCertificate(upstream, 'present', signal)).kind === 'token'
  const hasNext = (upstream: string): boolean => renewals.record(upstream).next !== undefined
  return new CertificateCare({
    setup,
    identities,
    renewal,
    hasNext,
    isPaused: async (upstream) =>
      (await spool.pauses()).some((pause) => pause.upstream === upstream && certificateCodes.has(pause.code)),
    isTaken,
    clock,
    log,
    alerts,
    onRecovered,
  })
}

/** What a person may wish, beside a running gateway (`onChange` wakes it) or alone. */
export function wishCertificates(
  { settings, sealedFiles }: Pick<Stores, 'settings' | 'sealedFiles'>,
  clock: Clock,
  onChange: () => void,
) {
  return certificateWishes({
    setup: () => settings.setup,
    renewals: new Renewals(sealedFiles, clock),
    hindrance: (upstream) => hindranceOf(settings, upstream, true),
    record: (by, what) => settings.record(by, [what]),
    onChange,
  })
}

function hindranceOf(settings: Settings, upstream: string, check: boolean): string {
  const edited = replaceSecret(settings, upstream, { who, check })
  switch (edited.kind) {
    case 'done':
      return ''
    case 'unknown':
      return 'it has no client secret any more'
    case 'outdated':
      return 'the setup changed meanwhile'
    case 'problems':
      return edited.problems.map(({ place, sentence }) => `${place}: ${sentence}`).join('; ')
  }
}
