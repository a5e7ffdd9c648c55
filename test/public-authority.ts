// An authority that signs what a box asks for, as a public one does: by openssl, from the request alone.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PublicAuthority {
  readonly caPem: string
  /** What it makes of a request: the certificate and its own, in one PEM file. */
  sign(request: string): { readonly file: string }
}

const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })

/** Keeps its files in `folder`. */
export function createPublicAuthority(folder: string): PublicAuthority {
  const ca = join(folder, 'authority.pem')
  const key = join(folder, 'authority.key')
  const csr = join(folder, 'box.csr')
  const file = join(folder, 'signed.pem')
  const subject = ['-nodes', '-subj', '/CN=Public authority']
  openssl('req', '-x509', '-newkey', 'rsa:2048', ...subject, '-keyout', key, '-out', ca)
  const caPem = readFileSync(ca, 'utf8')
  return {
    caPem,
    sign: (request) => {
      writeFileSync(csr, request)
      const signed = openssl('x509', '-req', '-in', csr, '-CA', ca, '-CAkey', key, '-copy_extensions', 'copy')
      writeFileSync(file, signed + caPem)
      return { file }
    },
  }
}
