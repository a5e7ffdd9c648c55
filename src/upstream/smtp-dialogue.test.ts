import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SmtpDialogue } from './smtp-dialogue.ts'

describe('dialogue of an SMTP connection', () => {
  it('is its opening and the transaction under way, not those before', () => {
    const dialogue = new SmtpDialogue()
    dialogue.received('220 relay')
    dialogue.begin()
    dialogue.sent('MAIL FROM:<first@contoso.com>')
    dialogue.begin()
    dialogue.sent('RSET')
    dialogue.received('250-ok\r\n250 really')
    assert.equal(dialogue.text, 'S: 220 relay\nC: RSET\nS: 250-ok\nS: 250 really')
  })

  it('hides secrets in whatever form the server says them back', () => {
    const dialogue = new SmtpDialogue()
    dialogue.hide('s3cret ü', '\0scan\0s3cret ü')
    const base64 = Buffer.from('\0scan\0s3cret ü').toString('base64')
    dialogue.received(`535 no: ${base64}, ${Buffer.from('s3cret ü').toString('base64')}, s3cret ü`)
    assert.equal(dialogue.text, 'S: 535 no: ***, ***, ***')
  })

  it('keeps beginning and end of a long one, and long lines short', () => {
    const dialogue = new SmtpDialogue()
    dialogue.received('220 relay')
    for (let n = 1; n <= 100; n += 1) dialogue.sent(`RCPT TO:<${'x'.repeat(n)}@contoso.com>`)
    dialogue.received(`451 ${'y'.repeat(1000)}`)
    const lines = dialogue.text.split('\n')
    assert.ok(dialogue.text.length <= 4096)
    assert.equal(lines[0], 'S: 220 relay')
    assert.equal(lines.at(-1)?.length, 303)
    assert.match(dialogue.text, /\n\(\d+ lines left out\)\n/)
  })

  it('cannot move the cursor of who reads it', () => {
    const dialogue = new SmtpDialogue()
    dialogue.received('220 \u001b[2Jrelay\u0007')
    assert.equal(dialogue.text, 'S: 220 [2Jrelay')
  })
})
