import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { KeyPair } from './pem.ts'

export interface CertificateOrder {
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly use: 'authority' | 'server' | 'client'
  /** Names and addresses that a server answers under. */
  readonly hosts?: readonly string[]
  /** Signs; a certificate without one signs itself. */
  readonly issuer?: KeyPair
  /** Of the signature; SHA-256 where nothing is said. */
  readonly digest?: 'sha1' | 'sha256'
  /** Of the RSA key; 2048 where nothing is said. */
  readonly bits?: 1024 | 2048
}

/** An order on its way to the process. */
export type WrittenOrder = Omit<CertificateOrder, 'notBefore' | 'notAfter'> & {
  readonly notBefore: string
  readonly notAfter: string
}

/** A request for a certificate, signed by its key (PKCS #10, RFC 2986). */
export interface RequestOrder {
  readonly keyPem: string
  readonly commonName: string
  readonly hosts: readonly string[]
}

/** What the process is told. */
export type Errand =
  | { readonly kind: 'certificate'; readonly order: WrittenOrder }
  | { readonly kind: 'request'; readonly order: RequestOrder }

/** As the sources or the build have it: both lie beside this file. */
const program = fileURLToPath(
  new URL(`./certificate-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
)

/**
 * Makes an RSA key and its certificate in a process that ends with it: a box makes certificates once in two years, and
 * what that takes (node-forge, the compilers, OpenSSL's key generation) would stay in memory for good, 16 MB of it.
 * Rejects with what went wrong there.
 */
export async function issue(order: CertificateOrder): Promise<KeyPair> {
  return JSON.parse(
    await done({ kind: 'certificate', order: JSON.parse(JSON.stringify(order)) }, 'certificate'),
  )
}

/** Writes a certificate request in PEM, in a process as `issue` does. */
export async function writeRequest(order: RequestOrder): Promise<string> {
  return JSON.parse(await done({ kind: 'request', order }, 'certificate request'))
}

async function done(errand: Errand, what: string): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', program], { env: {}, stdio: 'pipe' })
  const closed = once(child, 'close')
  const [written, trouble] = [text(child.stdout), text(child.stderr)]
  // A process that is gone before it has read its order is told by its status.
  child.stdin.on('error', () => undefined).end(JSON.stringify(errand))
  const [status] = await closed
  if (status !== 0) throw new Error(`a ${what} could not be made: ${await trouble}`)
  return written
}

/** The certificate at the top of a PEM text; undefined if it is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
