import { readFileSync } from 'node:fs'
import { type WallMs, wallMs } from '../core/time.ts'
import { errorCode } from '../platform/durable-file.ts'
import { readCertificate } from './issuing.ts'
import type { KeyStore } from './key-store.ts'
import { splitPem } from './pem.ts'

/** When the certificate of that name in the store ends; undefined: there is none, or it can't be opened. */
export function endInStore(store: KeyStore, name: string): WallMs | undefined {
  const stored = store.load(name)
  return stored.kind === 'found' ? endOf(splitPem(stored.pem)?.certificatePem) : undefined
}

/** Likewise of the first certificate in a PEM file; undefined where there is none: what needs the file tells why. */
export function endInFile(file: string): WallMs | undefined {
  try {
    const [pem] =
      /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(readFileSync(file, 'utf8')) ?? []
    return endOf(pem)
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return undefined
  }
}

function endOf(pem: string | undefined): WallMs | undefined {
  const certificate = pem === undefined ? undefined : readCertificate(pem)
  return certificate && wallMs(certificate.validToDate.getTime())
}
