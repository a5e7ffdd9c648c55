import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyDocument } from './document.fixture.ts'
import { checkDocument, parseDocument } from './parse.ts'
import { printDocument } from './print.ts'
import type { SetupDocument } from './schema.ts'
import { readStored, storedText } from './stored-document.ts'

function checked(raw: object): SetupDocument {
  const parsed = checkDocument({ ...raw })
  assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
  return parsed.document
}

describe('printing the setup document', () => {
  it('gives a text that reads back to the same document, and prints the same again', () => {
    fc.assert(
      fc.property(anyDocument, (raw) => {
        const document = checked(raw)
        const text = printDocument(document)
        const again = parseDocument(text)
        assert.equal(again.kind, 'parsed', text)
        assert.deepEqual(again.document, document)
        assert.equal(printDocument(again.document), text)
      }),
      { numRuns: 300 },
    )
  })

  it('stores no secret and loses nothing else', () => {
    fc.assert(
      fc.property(anyDocument, (raw) => {
        const stored = storedText(checked(raw))
        assert.equal(storedText(readStored(stored).document), stored)
        assert.doesNotMatch(stored, /"(password|key|secret|next_secret)":"(?!\(kept\)")/)
      }),
      { numRuns: 100 },
    )
  })

  it('says only what differs from the defaults', () => {
    const text = printDocument(
      checked({
        gateway: { queue_lifetime: '120h', timezone: 'Europe/Berlin' },
        limits: { connections: 500 },
        device: [{ name: 'Front "desk"', username: 'scan1', password: '1234', auth: ['LOGIN', 'PLAIN'] }],
        upstream: [
          {
            name: 'acs',
            kind: 'acs-email',
            endpoint: 'https://contoso.communication.azure.com',
            quota: { per_hour: 50 },
            credential: { kind: 'access-key', key: 'c2VjcmV0' },
          },
        ],
      }),
    )
    assert.equal(
      text,
      `schema = 1

[gateway]
timezone = "Europe/Berlin"

[[device]]
name = "Front \\"desk\\""
username = "scan1"
password = "1234"

[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
quota = { per_hour = 50 }
[upstream.credential]
kind = "access-key"
key = "c2VjcmV0"
`,
    )
  })

  it('passes over keys of a newer release when it reads what is stored', () => {
    const stored = JSON.stringify({
      schema: 1,
      gateway: { name: 'box', newer: true },
      device: [{ name: 'A', addresses: ['10.0.0.1'], newer: 'x', newest: 'y' }],
    })
    const { document } = readStored(stored)
    assert.equal(document.gateway.name, 'box')
    assert.deepEqual(document.device[0]?.addresses, ['10.0.0.1'])
  })
})
