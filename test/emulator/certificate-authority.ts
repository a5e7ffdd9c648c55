// A certificate authority made for one test run. Keys come from node:crypto (fast), node-forge only signs:
// Node itself cannot make certificates.
import { generateKeyPair, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'

const dayMs = 24 * 60 * 60 * 1000
const makeKeyPair = promisify(generateKeyPair)

/** A private key (PKCS#8 PEM) and its certificate (PEM, leaf first when there is a chain). */
export interface Identity {
  readonly keyPem: string
  readonly certificatePem: string
}

/** What to put in a certificate: DNS names and IP addresses alike; the first is the common name too. */
export interface CertificateRequest {
  readonly names: readonly string[]
  /** Default: ten years from now. In the past for an expired certificate. */
  readonly notAfter?: Date
}

export interface CertificateAuthority {
  readonly caPem: string
  issue(request: CertificateRequest): Promise<Identity>
  /** Writes `ca.pem` into the directory and returns its path (for NODE_EXTRA_CA_CERTS or `ca_file`). */
  writeCa(directory: string): Promise<string>
}

interface KeyPems {
  readonly publicKey: string
  readonly privateKey: string
}

async function makeRsaKey(): Promise<KeyPems> {
  return await makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

function blankCertificate(key: KeyPems, commonName: string, notAfter: Date): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(key.publicKey)
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Math.min(Date.now(), notAfter.getTime()) - dayMs)
  certificate.validity.notAfter = notAfter
  certificate.setSubject([{ name: 'commonName', value: commonName }])
  return certificate
}

function inTenYears(): Date {
  return new Date(Date.now() + 3650 * dayMs)
}

function alternativeName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }
}

/** Makes a new authority with its own RSA key. Takes about a quarter of a second. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const key = await makeRsaKey()
  const signingKey = forge.pki.privateKeyFromPem(key.privateKey)
  const authority = blankCertificate(key, `test authority ${randomBytes(4).toString('hex')}`, inTenYears())
  authority.setIssuer(authority.subject.attributes)
  authority.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ])
  authority.sign(signingKey, forge.md.sha256.create())
  const caPem = forge.pki.certificateToPem(authority)

  async function issue(request: CertificateRequest): Promise<Identity> {
    const leafKey = await makeRsaKey()
    const leaf = blankCertificate(leafKey, request.names[0] ?? 'nameless', request.notAfter ?? inTenYears())
    leaf.setIssuer(authority.subject.attributes)
    leaf.setExtensions([
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: request.names.map(alternativeName) },
    ])
    leaf.sign(signingKey, forge.md.sha256.create())
    return { keyPem: leafKey.privateKey, certificatePem: forge.pki.certificateToPem(leaf) }
  }

  async function writeCa(directory: string): Promise<string> {
    const file = join(directory, 'ca.pem')
    await writeFile(file, caPem)
    return file
  }

  return { caPem, issue, writeCa }
}

/** A self-signed identity such as an app registers with Entra (only its public part is uploaded there). */
export async function makeSelfSignedIdentity(commonName: string, notAfter = inTenYears()): Promise<Identity> {
  const key = await makeRsaKey()
  const certificate = blankCertificate(key, commonName, notAfter)
  certificate.setIssuer(certificate.subject.attributes)
  certificate.sign(forge.pki.privateKeyFromPem(key.privateKey), forge.md.sha256.create())
  return { keyPem: key.privateKey, certificatePem: forge.pki.certificateToPem(certificate) }
}
