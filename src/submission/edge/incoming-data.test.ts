import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IncomingData } from './incoming-data.ts'

const sink = {
  write: () => undefined,
  finish: () => Promise.reject(new Error('not asked')),
  abandon: () => undefined,
  isWorthHearing: true,
}

describe('DATA whose end never comes', () => {
  it('shows its last 16 octets, in whatever pieces they came', () => {
    for (const length of [1, 5, 16, 40]) {
      const data = new IncomingData(sink, 'crlf')
      const octets = Buffer.from(`Subject: a scan of many octets\r\n.\n`)
      for (let at = 0; at < octets.length; at += length) data.take(octets.subarray(at, at + length))
      assert.match(data.describeTail(), new RegExp(`last: ${octets.subarray(-16).toString('hex')}$`))
    }
  })
})
