// Who signs updates. A release is signed by keys that are given; a build without any makes some for development, which no
// box in the field trusts.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SigningKeys {
  /** Files in PEM; the key may be a PKCS#11 address. */
  readonly key: string
  readonly certificate: string
  /** What the boxes trust: one authority or, while keys change, two. */
  readonly authority: string
  readonly isForDevelopment: boolean
}

const names = ['UPDATE_KEY', 'UPDATE_CERT', 'UPDATE_CA'] as const

/** Throws a sentence where only some are given. */
export function signingKeys(environment: NodeJS.ProcessEnv, folder = 'build/update-keys'): SigningKeys {
  const [key, certificate, authority] = names.map((name) => environment[name] || undefined)
  if (key !== undefined && certificate !== undefined && authority !== undefined)
    return { key, certificate, authority, isForDevelopment: false }
  const given = names.filter((name) => environment[name])
  if (given.length > 0)
    throw new Error(`updates are signed with ${names.join(', ')}: only ${given.join(' and ')} was given`)
  return developmentKeys(folder)
}

/** The same ones for every build of a checkout, so that one can update to the next. */
export function developmentKeys(folder: string): SigningKeys {
  const place = (name: string): string => join(folder, name)
  const keys = {
    key: place('signer.key'),
    certificate: place('signer.pem'),
    authority: place('authority.pem'),
  }
  // Written last.
  if (!existsSync(keys.certificate)) makeKeys(folder)
  return { ...keys, isForDevelopment: true }
}

/** RAUC wants a certificate for S/MIME (its manual, section Security). */
const signerUse = `basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=emailProtection
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
`

function makeKeys(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const openssl = (...words: readonly string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const authorityUse = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  const days = ['-days', '3650']
  const authority = ['-keyout', 'authority.key', '-out', 'authority.pem', '-subj', '/CN=inkpost development']
  openssl('req', '-x509', ...curve, ...authority, ...authorityUse, ...days)
  openssl('req', ...curve, '-keyout', 'signer.key', '-out', 'signer.csr', '-subj', '/CN=inkpost builds')
  writeFileSync(join(folder, 'signer.use'), signerUse)
  const by = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', 'signer.use']
  openssl('x509', '-req', '-in', 'signer.csr', ...by, ...days, '-out', 'signer.pem')
}
