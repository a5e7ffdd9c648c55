import { endOf, renewalDueAt } from '../certificates/client-certificate.ts'
import type { ClientIdentities } from '../certificates/client-identity.ts'
import type { KeyPair } from '../certificates/pem.ts'
import type { FormerCertificate, NextCertificate } from '../certificates/renewal-record.ts'
import { graceMs, type Renewals } from '../certificates/renewals.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { day, hour, minute } from '../core/time.ts'
import {
  type EntraKeys,
  type KeyAnswer,
  type KeyDoor,
  type ProofBy,
  thumbprintOf,
} from '../upstream/entra-keys.ts'
import type { TokenAnswer } from '../upstream/token-source.ts'
import {
  addRefused,
  type CertificateTrouble,
  notRemoved,
  notReplaced,
  notSpread,
  objectIdMissing,
  registrationFailed,
  uploadWanted,
} from './certificate-troubles.ts'

export interface RenewalParts {
  readonly renewals: Renewals
  readonly identities: ClientIdentities
  readonly keys: EntraKeys
  readonly clock: Clock
  readonly log: Log
  readonly hostname: () => string
  /** The setup takes the certificate in place of the secret; else says why it does not. */
  readonly replaceSecret: (upstream: string) => string
}

/** When to look again, and what a person has to know meanwhile. */
export interface Progress {
  readonly afterMs: number
  readonly trouble?: CertificateTrouble
  /** The certificate that serves is another one now. */
  readonly isSwitched?: true
  /** It could not be seen: what was told before stands. */
  readonly isUnknown?: true
}

/** What proves us, or why nothing does. */
type Proving =
  | { readonly kind: 'proof'; readonly by: ProofBy }
  | { readonly kind: 'none'; readonly progress: Progress }

/** Entra takes minutes to let all its servers know. */
const spreadMs = minute
const patienceMs = day
/** A registration whose answer was lost shows within that time, or did not happen. */
const doubtMs = 30 * minute
const uploadMs = 5 * minute
const idleMs = hour

/**
 * The certificates by which apps of Entra know this box, each followed by the next in time: made, registered by proof of the
 * present one, tried until Entra takes it, put in its place; the former one is removed after some days. What is to be done
 * is read from the record each time, so that it goes on wherever a power cut left it.
 */
export class CertificateRenewal {
  readonly #parts: RenewalParts

  constructor(parts: RenewalParts) {
    this.#parts = parts
  }

  /** One step for one way out. */
  async look(upstream: UpstreamSetup, signal: AbortSignal): Promise<Progress> {
    const { renewals, clock } = this.#parts
    if (!clock.isBelievable()) return { afterMs: uploadMs, isUnknown: true }
    const { next, before } = renewals.record(upstream.name)
    if (next) return this.#advance(upstream, next, signal)
    if (upstream.credential.kind !== 'client-certificate') return { afterMs: idleMs }
    if (this.#isDue(upstream.name)) return this.#begin(upstream)
    return before ? this.#retire(upstream, before, signal) : { afterMs: idleMs }
  }

  #isDue(upstream: string): boolean {
    const { identities, clock } = this.#parts
    const present = identities.open(upstream)
    const dueAt = present.kind === 'open' ? renewalDueAt(present.certificatePem) : undefined
    return dueAt !== undefined && clock.wall() >= dueAt
  }

  async #begin({ name }: UpstreamSetup): Promise<Progress> {
    const { renewals, log, hostname } = this.#parts
    const made = await renewals.make(
      { upstream: name, hostname: hostname() },
      { replacesSecret: false, isWished: false },
    )
    if (made.kind === 'unavailable') return { afterMs: uploadMs, isUnknown: true }
    log.write('info', 'next-certificate-made', {
      upstream: name,
      thumbprint: thumbprintOf(made.next.certificatePem),
    })
    return { afterMs: 0 }
  }

  async #advance(upstream: UpstreamSetup, next: NextCertificate, signal: AbortSignal): Promise<Progress> {
    if (next.replacesSecret && upstream.credential.kind === 'client-certificate')
      return this.#settleReplaced(upstream)
    const answer = await this.#parts.keys.tryCertificate(upstream, 'next', signal)
    if (answer.kind === 'token') return this.#switchOver(upstream, next)
    // The line or the service is down: the way out itself tells that.
    if (answer.trouble.kind === 'transient') return { afterMs: uploadMs, isUnknown: true }
    if (next.replacesSecret) return { afterMs: uploadMs, trouble: uploadWanted(upstream, next, 'secret') }
    return this.#isAwaited(next) ? this.#await(upstream, next) : this.#register(upstream, next, signal)
  }

  #isAwaited({ registration, registeredAt }: NextCertificate): boolean {
    switch (registration) {
      case 'none':
        return false
      case 'asked':
        return Math.abs(this.#parts.clock.wall() - (registeredAt ?? 0)) < doubtMs
      case 'done':
        return true
    }
  }

  #await(upstream: UpstreamSetup, next: NextCertificate): Progress {
    const isLate = this.#parts.clock.wall() - (next.registeredAt ?? 0) > patienceMs
    return isLate ? { afterMs: hour, trouble: notSpread(upstream, next) } : { afterMs: spreadMs }
  }

  async #switchOver(upstream: UpstreamSetup, next: NextCertificate): Promise<Progress> {
    const { renewals, identities, log, hostname } = this.#parts
    const thumbprint = thumbprintOf(next.certificatePem)
    const order = { upstream: upstream.name, hostname: hostname(), certificateFile: '' }
    if (next.replacesSecret) {
      // Ready to serve before the secret goes: mail is on its way meanwhile.
      renewals.offer(upstream.name)
      await identities.prepare(order)
      const hindrance = this.#parts.replaceSecret(upstream.name)
      if (hindrance !== '') return { afterMs: uploadMs, trouble: notReplaced(upstream, hindrance) }
    }
    if (next.replacesSecret) renewals.dropNext(upstream.name)
    else renewals.switchOver(upstream.name)
    await identities.prepare(order)
    log.write('info', next.replacesSecret ? 'secret-replaced' : 'client-certificate-renewed', {
      upstream: upstream.name,
      thumbprint,
      until: new Date(endOf(next.certificatePem) ?? 0).toISOString(),
    })
    return { afterMs: hour, isSwitched: true }
  }

  /** The setup changed, and the process ended before it noted that. */
  async #settleReplaced({ name }: UpstreamSetup): Promise<Progress> {
    this.#parts.renewals.dropNext(name)
    return { afterMs: idleMs, isSwitched: true }
  }

  async #register(upstream: UpstreamSetup, next: NextCertificate, signal: AbortSignal): Promise<Progress> {
    const { renewals, keys } = this.#parts
    if (next.registration !== 'none') renewals.notRegistered(upstream.name)
    const opened = await keys.open(upstream, signal)
    if (opened.kind === 'refused') return this.#withoutPresent(upstream, next, opened)
    const proving = await this.#proving(upstream, opened.door)
    if (proving.kind === 'none') return proving.progress
    renewals.asked(upstream.name)
    const added = await opened.door.add(next.certificatePem, proving.by)
    return this.#registered(upstream, next, added)
  }

  /** Nothing proves us any more, or not yet: a person has to. */
  #withoutPresent(
    upstream: UpstreamSetup,
    next: NextCertificate,
    { trouble }: Extract<TokenAnswer, { kind: 'refused' }>,
  ): Progress {
    if (trouble.kind === 'transient') return { afterMs: uploadMs, isUnknown: true }
    return { afterMs: uploadMs, trouble: uploadWanted(upstream, next, trouble.pause.code) }
  }

  async #proving(upstream: UpstreamSetup, door: KeyDoor): Promise<Proving> {
    const { credential, name } = upstream
    const present = this.#parts.identities.open(name)
    if (present.kind !== 'open' || credential.kind !== 'client-certificate')
      return { kind: 'none', progress: { afterMs: uploadMs } }
    const { keyPem, certificatePem } = present
    const proof = (objectId: string): Proving => ({ kind: 'proof', by: { keyPem, certificatePem, objectId } })
    if (credential.objectId !== undefined) return proof(credential.objectId)
    const read = await door.read()
    if (read.kind === 'done' && read.objectId !== '') return proof(read.objectId)
    if (read.kind === 'failed')
      return { kind: 'none', progress: { afterMs: Math.max(read.afterMs, uploadMs), isUnknown: true } }
    return { kind: 'none', progress: { afterMs: uploadMs, trouble: objectIdMissing(upstream) } }
  }

  #registered(
    upstream: UpstreamSetup,
    next: NextCertificate,
    added: KeyAnswer<{ readonly keyId: string }>,
  ): Progress {
    const { renewals, log } = this.#parts
    const facts = factsOf(upstream, next)
    switch (added.kind) {
      case 'done':
        renewals.registered(upstream.name, added.keyId)
        log.write('info', 'next-certificate-registered', facts)
        return { afterMs: 0 }
      case 'refused':
        renewals.notRegistered(upstream.name)
        log.write('warn', 'next-certificate-refused', { ...facts, detail: added.detail })
        return { afterMs: uploadMs, trouble: addRefused(upstream, added) }
      case 'failed':
        if (!added.isUncertain) renewals.notRegistered(upstream.name)
        log.write('warn', 'next-certificate-not-registered', { ...facts, detail: added.detail })
        return {
          afterMs: Math.max(added.afterMs, added.isUncertain ? spreadMs : uploadMs),
          trouble: registrationFailed(upstream, added.detail),
        }
    }
  }

  async #retire(upstream: UpstreamSetup, before: FormerCertificate, signal: AbortSignal): Promise<Progress> {
    const { renewals, clock, keys } = this.#parts
    const now = clock.wall()
    if (before.isLeft) return this.#leaveUntilItEnds(upstream, before)
    // A wait that seems longer than the grace was written by a clock that was wrong.
    if (before.removeAt > now && before.removeAt - now <= graceMs + day)
      return { afterMs: Math.min(before.removeAt - now, idleMs) }
    const opened = await keys.open(upstream, signal)
    if (opened.kind === 'refused') return { afterMs: idleMs, isUnknown: true }
    const proving = await this.#proving(upstream, opened.door)
    if (proving.kind === 'none' && proving.progress.trouble === undefined) return proving.progress
    const keyId = before.keyId ?? (await keyIdOf(before, opened.door))
    if (proving.kind === 'none' || keyId === undefined) return this.#leave(upstream, before)
    const removed = await opened.door.remove(keyId, proving.by)
    switch (removed.kind) {
      case 'done':
        renewals.removed(upstream.name)
        this.#parts.log.write('info', 'former-certificate-removed', factsOf(upstream, before))
        return { afterMs: idleMs }
      case 'failed':
        return { afterMs: Math.max(removed.afterMs, idleMs), isUnknown: true }
      case 'refused':
        return this.#leave(upstream, before, removed.detail)
    }
  }

  #leave(upstream: UpstreamSetup, before: FormerCertificate, detail = ''): Progress {
    this.#parts.renewals.left(upstream.name)
    this.#parts.log.write('warn', 'former-certificate-left', { ...factsOf(upstream, before), detail })
    return this.#leaveUntilItEnds(upstream, before)
  }

  #leaveUntilItEnds(upstream: UpstreamSetup, before: FormerCertificate): Progress {
    if ((endOf(before.certificatePem) ?? 0) > this.#parts.clock.wall())
      return { afterMs: idleMs, trouble: notRemoved(upstream, before) }
    this.#parts.renewals.removed(upstream.name)
    return { afterMs: idleMs }
  }
}

const factsOf = ({ name }: UpstreamSetup, { certificatePem }: KeyPair) => ({
  upstream: name,
  thumbprint: thumbprintOf(certificatePem),
})

/** The first one was uploaded by hand: its id is known where the app may read its own registration. */
async function keyIdOf(before: FormerCertificate, door: KeyDoor): Promise<string | undefined> {
  const read = await door.read()
  return read.kind === 'done' ? read.keyIds.get(thumbprintOf(before.certificatePem)) : undefined
}
