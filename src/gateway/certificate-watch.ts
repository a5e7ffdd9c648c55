import { X509Certificate } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { ServerIdentity } from '../core/server-identity.ts'
import { day } from '../core/time.ts'

export interface CertificateWatch {
  readonly clock: Clock
  readonly log: Log
  readonly identity: () => ServerIdentity
  /** Looks whether the certificate still serves; makes and swaps in another one where it does not. */
  renew(): Promise<void>
}

/**
 * A box runs for years without a restart: looks daily for the end of its certificate and for addresses that it got
 * meanwhile. Sessions under the old certificate go on; the next handshake shows the new one.
 */
export async function watchCertificate(parts: CertificateWatch, signal: AbortSignal): Promise<void> {
  const { clock, log, identity, renew } = parts
  await clock.sleep(day, signal)
  while (!signal.aborted) {
    const before = identity().certificatePem
    try {
      await renew()
    } catch (error) {
      log.write('error', 'certificate-not-renewed', { detail: String(error) })
    }
    const { certificatePem } = identity()
    if (certificatePem !== before) log.write('info', 'certificate-renewed', { until: endOf(certificatePem) })
    await clock.sleep(day, signal)
  }
}

const endOf = (pem: string): string => new X509Certificate(pem).validToDate.toISOString()
