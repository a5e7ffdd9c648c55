import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FirstOctets, recogniseFirstOctets } from './first-octets.ts'

const table: readonly (readonly [string, number[] | string, FirstOctets])[] = [
  ['nothing yet', [], 'unsure'],
  ['a handshake record', [0x16], 'tls'],
  ['the first octet of an SSLv2-format hello', [0x80], 'unsure'],
  ['an SSLv2-format hello', [0x80, 0x2e, 0x01], 'sslv2-hello'],
  ['octets that only look like one', [0xff, 0xf4, 0xff], 'smtp'],
  ['EHLO', 'EHLO panel', 'smtp'],
  ['an empty line', '\r\n', 'smtp'],
  ['zeros', [0, 0, 0], 'smtp'],
]

describe('first octets', () => {
  for (const [name, octets, expected] of table) {
    it(`${name}: ${expected}`, () => assert.equal(recogniseFirstOctets(Buffer.from(octets)), expected))
  }
})
