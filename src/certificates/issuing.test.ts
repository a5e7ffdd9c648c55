import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issue } from './issuing.ts'

describe('making a certificate', () => {
  it('tells what went wrong in the process that makes it', async () => {
    const order = {
      commonName: 'branch-07',
      use: 'server',
      notBefore: new Date(0),
      notAfter: new Date(1e12),
      issuer: { keyPem: 'no key', certificatePem: 'no certificate' },
    } as const
    await assert.rejects(issue(order), /a certificate could not be made: .*Invalid PEM/s)
  })
})
