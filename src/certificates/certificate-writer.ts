import { constants, createPublicKey, generateKeyPair, privateEncrypt, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import forge, { type pki } from 'node-forge'
import type { CertificateOrder } from './issuing.ts'
import type { KeyPair } from './pem.ts'

const generate = promisify(generateKeyPair)

/**
 * Makes an RSA key and its certificate (RFC 5280). Key and signature come from node:crypto, off the event loop and in a
 * millisecond; node-forge only writes the certificate.
 */
export async function writeCertificate(order: CertificateOrder): Promise<KeyPair> {
  const { privateKey } = await generate('rsa', { modulusLength: order.bits ?? 2048 })
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
  const name = order.digest ?? 'sha256'
  const digest = forge.md[name].create()
  const signer = forge.pki.privateKeyFromPem(order.issuer?.keyPem ?? keyPem)
  // Forge's own big numbers would keep the event loop for 50 ms.
  signer.sign = () => signDigest(name, digest.digest().getBytes(), order.issuer?.keyPem ?? keyPem)
  certificate.sign(signer, digest)
  const certificatePem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
  return { keyPem, certificatePem }
}

/** DER of a DigestInfo up to the digest (RFC 8017 section 9.2, note 1). */
const digestInfo = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
} as const

/** RSASSA-PKCS1-v1_5 over a digest that is there already. Both are octets as a binary string. */
function signDigest(name: keyof typeof digestInfo, digest: string, keyPem: string): string {
  const block = Buffer.concat([Buffer.from(digestInfo[name], 'hex'), Buffer.from(digest, 'latin1')])
  return privateEncrypt({ key: keyPem, padding: constants.RSA_PKCS1_PADDING }, block).toString('latin1')
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
