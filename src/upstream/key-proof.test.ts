import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeSelfSignedIdentity } from '../../test/emulator/certificate-authority.ts'
import { wallMs } from '../core/time.ts'
import { keyProof } from './key-proof.ts'

const folder = mkdtempSync(join(tmpdir(), 'proof-'))
after(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' })

describe('proof of possession', async () => {
  const identity = await makeSelfSignedIdentity('inkpost branch-07')
  const objectId = '33333333-3333-4333-8333-333333333333'
  const proof = keyProof({ ...identity, objectId, now: wallMs(Date.UTC(2026, 10, 21, 12)) })
  const [header = '', claims = '', signature = ''] = proof.split('.')
  const read = (section: string): unknown => JSON.parse(Buffer.from(section, 'base64url').toString())

  it('says who proves what to whom, for ten minutes', () => {
    const nbf = Date.UTC(2026, 10, 21, 11, 59) / 1000
    const aud = '00000002-0000-0000-c000-000000000000'
    assert.deepEqual(read(claims), { aud, iss: objectId, nbf, exp: nbf + 600 })
  })

  it('names its certificate as Entra shows it', () => {
    const pem = write('own.pem', identity.certificatePem)
    const print = openssl('x509', '-in', pem, '-noout', '-fingerprint', '-sha1').split('=')[1]?.trim() ?? ''
    const kid = print.replaceAll(':', '')
    const x5t = Buffer.from(kid, 'hex').toString('base64url')
    assert.deepEqual(read(header), { alg: 'RS256', typ: 'JWT', kid, x5t })
  })

  it('is signed so that OpenSSL verifies it, and has no padding', () => {
    const key = write(
      'public.pem',
      openssl('x509', '-in', write('own.pem', identity.certificatePem), '-noout', '-pubkey'),
    )
    const signed = write('signed', `${header}.${claims}`)
    const octets = write('signature', Buffer.from(signature, 'base64url'))
    assert.match(openssl('dgst', '-sha256', '-verify', key, '-signature', octets, signed), /Verified OK/)
    assert.doesNotMatch(proof, /=/)
  })
})
