import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAnswer, readAnswer } from './setup-answer.ts'

const lineOf = (value: unknown): string =>
  `inkpost-answer:${Buffer.from(JSON.stringify(value)).toString('base64url')}`
const whole = {
  v: 1,
  box: 'branch-07',
  upstreams: { 'Büro "Süd"': { client_id: 'c', senders: 'a@b.c d@e.f' } },
}

describe('the answer of the script', () => {
  it('is read, also where a terminal broke the line', () => {
    for (const text of [lineOf(whole), `\n  ${lineOf(whole).replace(/.{20}/g, '$&\n ')}\n`]) {
      const read = readAnswer(text)
      assert.ok(isAnswer(text) && read.kind === 'answer')
      assert.equal(read.answer.box, 'branch-07')
      assert.deepEqual(
        [...read.answer.upstreams],
        [['Büro "Süd"', { client_id: 'c', senders: ['a@b.c', 'd@e.f'], refusedSenders: [] }]],
      )
    }
  })

  it('says what to do with one that is cut off, wherever', () => {
    const line = lineOf(whole)
    for (let length = 'inkpost-answer:'.length; length < line.length; length++) {
      const read = readAnswer(line.slice(0, length))
      assert.ok(read.kind === 'unreadable', `${length}`)
      assert.match(read.sentence, /copy the whole line/)
    }
  })

  it('takes nothing that it does not know', () => {
    const wrong = [
      [],
      'text',
      { ...whole, box: 7 },
      { ...whole, upstreams: [] },
      { ...whole, upstreams: { acs: { key: 'a secret' } } },
      { ...whole, upstreams: { acs: { endpoint: 7 } } },
      { ...whole, upstreams: { acs: { endpoint: '' } } },
      { ...whole, upstreams: { acs: null } },
    ]
    for (const value of wrong)
      assert.equal(readAnswer(lineOf(value)).kind, 'unreadable', JSON.stringify(value))
    const later = readAnswer(lineOf({ ...whole, v: 2 }))
    assert.ok(later.kind === 'unreadable')
    assert.match(later.sentence, /another version/)
  })

  it('is no document', () => {
    for (const text of ['schema = 1\n', '# inkpost-answer:x\n', '']) assert.equal(isAnswer(text), false)
  })
})
