import type { ClientIdentities } from '../certificates/client-identity.ts'
import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import { hour, minute } from '../core/time.ts'
import type { CertificateRenewal, Progress } from './certificate-renewal.ts'
import { fileUnusable } from './certificate-troubles.ts'

export interface CertificateCareParts {
  readonly setup: () => Setup
  readonly identities: Pick<ClientIdentities, 'reread'>
  readonly renewal: Pick<CertificateRenewal, 'look'>
  /** Whether anything is under way for a way out that signs in with a secret. */
  readonly hasNext: (upstream: string) => boolean
  /** Whether a way out is paused for the sake of its certificate. */
  readonly isPaused: (upstream: string) => Promise<boolean>
  /** Whether Entra takes the certificate; asks it. */
  readonly isTaken: (upstream: UpstreamSetup, signal: AbortSignal) => Promise<boolean>
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  /** What is paused may be usable again. */
  readonly onRecovered: () => void
}

const fileMs = 5 * minute
/** How often a way out that is paused is tried, besides what delivery does. */
const pausedMs = 5 * minute
const alertPrefix = 'certificate/'
/** After an error of our own. */
const failedMs = 5 * minute

/** Looks after the certificates by which services know this box, each way out by itself, as long as the house stands. */
export class CertificateCare {
  readonly #parts: CertificateCareParts
  #waking = Promise.withResolvers<void>()

  constructor(parts: CertificateCareParts) {
    this.#parts = parts
  }

  /** Something changed: looks at once. */
  wake(): void {
    this.#waking.resolve()
  }

  async watch(signal: AbortSignal): Promise<void> {
    const dueAt = new Map<string, number>()
    while (!signal.aborted) {
      const woken = this.#waking
      const own = this.#ownCertificates()
      for (const name of dueAt.keys()) if (!own.some((upstream) => upstream.name === name)) dueAt.delete(name)
      for (const upstream of own) {
        const isDue = this.#parts.clock.monotonic() >= (dueAt.get(upstream.name) ?? 0)
        if (isDue && !signal.aborted)
          dueAt.set(upstream.name, this.#parts.clock.monotonic() + (await this.#look(upstream, signal)))
        await this.#tryPaused(upstream, signal)
      }
      this.#clearGone()
      const waits = [...dueAt.values()].map((at) => at - this.#parts.clock.monotonic())
      if (await this.#sleep(Math.max(0, Math.min(pausedMs, ...waits)), woken, signal)) dueAt.clear()
    }
  }

  /** True if it was woken. */
  async #sleep(ms: number, woken: PromiseWithResolvers<void>, signal: AbortSignal): Promise<boolean> {
    using ending = new DisposableStack()
    const end = new AbortController()
    ending.defer(() => end.abort())
    const slept = this.#parts.clock.sleep(ms, AbortSignal.any([signal, end.signal])).then(() => false)
    const isWoken = await Promise.race([slept, woken.promise.then(() => true)])
    if (isWoken) this.#waking = Promise.withResolvers()
    return isWoken
  }

  #ownCertificates(): readonly UpstreamSetup[] {
    return this.#parts.setup().upstreams.filter(({ name, enabled, credential }) => {
      if (!enabled) return false
      if (credential.kind === 'client-secret') return this.#parts.hasNext(name)
      return credential.kind === 'client-certificate'
    })
  }

  /** How long until the next look, ms. */
  async #look(upstream: UpstreamSetup, signal: AbortSignal): Promise<number> {
    try {
      const progress = await this.#progress(upstream, signal)
      this.#tell(upstream.name, progress)
      if (progress.isSwitched) this.#parts.onRecovered()
      return progress.afterMs
    } catch (error) {
      if (!signal.aborted)
        this.#parts.log.write('error', 'certificate-care-failed', {
          upstream: upstream.name,
          detail: String(error),
        })
      return failedMs
    }
  }

  async #progress(upstream: UpstreamSetup, signal: AbortSignal): Promise<Progress> {
    const { credential } = upstream
    if (credential.kind === 'client-certificate' && credential.certificateFile !== '')
      return this.#reread(upstream, credential.certificateFile)
    // A connector knows its certificate by an authority that signed it: no app to ask.
    if (!('clientId' in credential) || credential.clientId === '') return { afterMs: hour }
    return this.#parts.renewal.look(upstream, signal)
  }

  /** Somebody may have uploaded the certificate: delivery itself asks once in an hour only. */
  async #tryPaused(upstream: UpstreamSetup, signal: AbortSignal): Promise<void> {
    const { isPaused, isTaken, onRecovered, log } = this.#parts
    try {
      if (signal.aborted || !(await isPaused(upstream.name))) return
      if (await isTaken(upstream, signal)) onRecovered()
    } catch (error) {
      if (!signal.aborted)
        log.write('error', 'certificate-care-failed', { upstream: upstream.name, detail: String(error) })
    }
  }

  #reread(upstream: UpstreamSetup, certificateFile: string): Progress {
    const { identities, log, setup } = this.#parts
    const { hostname } = setup().gateway
    const found = identities.reread({ upstream: upstream.name, hostname, certificateFile })
    if (found === 'same') return { afterMs: fileMs }
    if (found !== 'changed') return { afterMs: fileMs, trouble: fileUnusable(upstream, found.unusable) }
    log.write('info', 'certificate-file-read', { upstream: upstream.name })
    return { afterMs: fileMs, isSwitched: true }
  }

  #tell(upstream: string, { trouble, isUnknown }: Progress): void {
    const key = alertPrefix + upstream
    if (trouble) this.#parts.alerts.raise({ key, ...trouble })
    else if (!isUnknown) this.#parts.alerts.clear(key)
  }

  /** A way out that is gone, or has another credential now, has no trouble with its certificate. */
  #clearGone(): void {
    const { alerts } = this.#parts
    const looked = new Set(this.#ownCertificates().map(({ name }) => alertPrefix + name))
    for (const { key } of alerts.active())
      if (key.startsWith(alertPrefix) && !looked.has(key)) alerts.clear(key)
  }
}
