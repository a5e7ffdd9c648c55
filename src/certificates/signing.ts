import { createPublicKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type { pki } from 'node-forge'
import type { KeyPair } from './pem.ts'

const generate = promisify(generateKeyPair)

export interface CertificateOrder {
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly use: 'authority' | 'server' | 'client'
  /** Names and addresses that a server answers under. */
  readonly hosts?: readonly string[]
  /** Signs; a certificate without one signs itself. */
  readonly issuer?: KeyPair
}

/**
 * Makes an RSA-2048 key and its SHA-256 certificate (RFC 5280). The key comes from node:crypto, which is fast; node-forge
 * only writes and signs, and is loaded when there is something to sign: it costs 30 ms and 7 MB.
 */
export async function issue(order: CertificateOrder): Promise<KeyPair> {
  const { default: forge } = await import('node-forge')
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()

  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem)
  certificate.serialNumber = serialNumber()
  certificate.validity.notBefore = order.notBefore
  certificate.validity.notAfter = order.notAfter
  certificate.setSubject(subject(order.commonName))
  const issuer = order.issuer && forge.pki.certificateFromPem(order.issuer.certificatePem)
  certificate.setIssuer(issuer?.subject.attributes ?? subject(order.commonName))
  certificate.setExtensions([...extensions(order), keyIdentifier(issuer ?? certificate)])
  certificate.sign(forge.pki.privateKeyFromPem(order.issuer?.keyPem ?? keyPem), forge.md.sha256.create())
  const certificatePem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
  return { keyPem, certificatePem }
}

/** Positive and not more than 20 octets (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets.toString('hex')
}

const subject = (commonName: string): pki.CertificateField[] => [
  // RFC 5280 allows 64 characters; OpenSSL refuses more.
  { name: 'commonName', value: commonName.slice(0, 64) },
]

function extensions({ use, hosts = [] }: CertificateOrder): object[] {
  const key = { name: 'subjectKeyIdentifier' }
  switch (use) {
    case 'authority':
      return [
        { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        key,
      ]
    case 'server':
      return [
        { name: 'basicConstraints', cA: false, critical: true },
        // keyEncipherment: old devices know the RSA key exchange only.
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: hosts.map(alternativeName) },
        key,
      ]
    case 'client':
      return [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', clientAuth: true },
        key,
      ]
  }
}

/** GeneralName (RFC 5280 section 4.2.1.6): 2 is a DNS name, 7 an address. */
const alternativeName = (host: string): object =>
  isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }

const keyIdentifier = (issuer: pki.Certificate): object => ({
  name: 'authorityKeyIdentifier',
  keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes(),
})

/** The certificate at the top of a PEM text; undefined if it is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
