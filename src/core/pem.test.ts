import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { createCertificateAuthority } from '../../test/emulator/certificate-authority.ts'
import { extractCertificates, extractKeyPair, textOf } from './pem.ts'

describe('a file that somebody chose', () => {
  let keyPem = ''
  let certificatePem = ''
  before(async () => {
    const authority = await createCertificateAuthority()
    ;({ keyPem, certificatePem } = await authority.issue({ names: ['radius.contoso.test'] }))
  })

  it('is PEM as it stands, and a certificate in DER is as good', () => {
    const { raw, fingerprint256 } = new X509Certificate(certificatePem)
    assert.equal(textOf(Buffer.from(certificatePem)), certificatePem)
    const found = extractCertificates(textOf(Uint8Array.from(raw)))
    assert.ok(found.kind === 'pem')
    assert.equal(new X509Certificate(found.pem).fingerprint256, fingerprint256)
  })

  it('is no certificate where it is a key in DER', () => {
    const key = createPrivateKey(keyPem)
    for (const type of ['pkcs8', 'pkcs1'] as const) {
      const text = textOf(Uint8Array.from(key.export({ format: 'der', type })))
      assert.equal(extractCertificates(text).kind, 'refused', type)
      assert.equal(extractKeyPair(text).kind, 'refused', type)
    }
  })
})
