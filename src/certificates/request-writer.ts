import { createPublicKey } from 'node:crypto'
import forge from 'node-forge'
import type { RequestOrder } from './issuing.ts'

/** A certificate request (PKCS #10, RFC 2986) in PEM, signed by the key with SHA-256, naming all hosts. */
export function requestFor({ keyPem, commonName, hosts }: RequestOrder): string {
  const request = forge.pki.createCertificationRequest()
  const publicPem = createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }).toString()
  request.publicKey = forge.pki.publicKeyFromPem(publicPem)
  // RFC 5280 allows 64 characters; the alternative names carry the whole.
  request.setSubject([{ name: 'commonName', value: commonName.slice(0, 64) }])
  const altNames = hosts.map((value) => ({ type: 2, value }))
  request.setAttributes([{ name: 'extensionRequest', extensions: [{ name: 'subjectAltName', altNames }] }])
  request.sign(forge.pki.privateKeyFromPem(keyPem), forge.md.sha256.create())
  return forge.pki.certificationRequestToPem(request).replaceAll('\r\n', '\n')
}
