import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentOf } from '../core/content.ts'
import { splitHeader } from './header.ts'
import { findHeaderEnd } from './header-end.ts'
import { type FragmentContent, joinedContent } from './joined-content.ts'

const corpus = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../../test/corpus', name))

const headerEndOf = (octets: Uint8Array): number => {
  const found = findHeaderEnd(octets, { start: 0, resumeAt: 0, isComplete: true })
  return found.kind === 'found' ? found.end : assert.fail()
}

const opened = (octets: Uint8Array): (() => Promise<FragmentContent>) => {
  const headerEnd = headerEndOf(octets)
  return () => Promise.resolve({ content: contentOf(octets), headerEnd })
}

async function joined(fragments: readonly Uint8Array[]): Promise<{ header: string; body: string }> {
  const { header, body } = await joinedContent(fragments.map(opened))
  const octets = Buffer.concat(await Array.fromAsync(body))
  return { header: Buffer.from(header).toString('latin1'), body: octets.toString('latin1') }
}

const fieldsOf = (header: string): readonly string[] =>
  splitHeader(Buffer.from(header, 'latin1')).map(({ octets }) =>
    Buffer.from(octets).toString('latin1').trimEnd(),
  )

const whole = (octets: Buffer): { header: string; body: string } => {
  const end = headerEndOf(octets)
  return { header: octets.toString('latin1', 0, end), body: octets.toString('latin1', end) }
}

describe('fragments', () => {
  for (const [names, expected] of [
    [['message-partial.0.eml', 'message-partial.1.eml', 'message-partial.2.eml'], 'message-partial.eml'],
    [['rfc2046.0.eml', 'rfc2046.1.eml'], 'rfc2046.eml'],
  ] as const) {
    it(`of ${expected} are what they were cut from`, async () => {
      const fragments = names.map((name) => corpus(`message-partial/${name}`))
      const { header, body } = await joined(fragments)
      const cut = whole(corpus(`message-partial/${expected}`))
      assert.deepEqual(fieldsOf(header).toSorted(), fieldsOf(cut.header).toSorted())
      assert.equal(body, cut.body)
    })
  }

  it('have the enclosing header, but what tells of the content is from the enclosed one (RFC 2046 section 5.2.2.1)', async () => {
    const outer =
      'Received: here\r\nSubject: [1/1] outer\r\nFrom: a@x\r\nMIME-Version: 1.0\r\nMessage-ID: <o@x>\r\nEncrypted: no\r\nContent-Type: message/partial; number=1; total=1; id=x\r\nContent-Description: outer\r\nX-Kept: yes\r\n\r\n'
    const inner =
      'X-Dropped: yes\r\nFrom: b@x\r\nsubject: inner\r\nMESSAGE-ID: <i@x>\r\nContent-Type: text/plain\r\nContent-Language: en\r\n\r\ntext\r\n'
    const { header, body } = await joined([Buffer.from(outer + inner)])
    assert.deepEqual(fieldsOf(header), [
      'Received: here',
      'From: a@x',
      'X-Kept: yes',
      'subject: inner',
      'MESSAGE-ID: <i@x>',
      'Content-Type: text/plain',
      'Content-Language: en',
    ])
    assert.equal(body, 'text\r\n')
  })

  it('are the same wherever the device cut, in the enclosed header too', async () => {
    const inner = Buffer.from(
      'Subject: whole\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\nline 1\r\nline 2\r\n',
    )
    const outer = 'From: a@x\r\nContent-Type: message/partial; number=1; id=x\r\n\r\n'
    const cuts = fc.array(fc.integer({ min: 0, max: inner.length }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const places = [0, ...at.toSorted((a, b) => a - b), inner.length]
        const fragments = places
          .slice(1)
          .map((end, n) => Buffer.concat([Buffer.from(outer), inner.subarray(places[n], end)]))
        const { header, body } = await joined(fragments)
        assert.deepEqual(fieldsOf(header), [
          'From: a@x',
          'Subject: whole',
          'Content-Type: text/plain;\r\n charset=utf-8',
        ])
        assert.equal(body, 'line 1\r\nline 2\r\n')
      }),
    )
  })

  it('without any enclosed header are text', async () => {
    const outer = 'From: a@x\r\nContent-Type: message/partial; number=1; id=x\r\n\r\n'
    const { header, body } = await joined([Buffer.from(`${outer}only text here\r\n`)])
    assert.deepEqual(fieldsOf(header), ['From: a@x'])
    assert.equal(body, 'only text here\r\n')
  })

  it('are opened one after the other', async () => {
    const fragments = [1, 2, 3].map((n) =>
      Buffer.from(`X: y\r\n\r\n${n === 1 ? 'Subject: s\r\n\r\n' : ''}part ${n}\r\n`),
    )
    let open = 0
    const counting = fragments.map((octets) => async () => {
      open++
      return await opened(octets)()
    })
    const { body } = await joinedContent(counting)
    // The first one twice: for its header, then for what it encloses.
    assert.equal(open, 2)
    await body[Symbol.asyncIterator]().next()
    assert.equal(open, 2)
  })
})
