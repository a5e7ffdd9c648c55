import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { wallMs } from '../../core/time.ts'
import { Transcript } from './transcript.ts'

const heard = (line: string, isSecret = false): string | undefined => {
  const transcript = new Transcript(new JumpingClock(wallMs(0)))
  transcript.device(line, isSecret)
  return transcript.lines()[0]?.text
}

describe('transcript', () => {
  const masks: readonly (readonly [string, string])[] = [
    ['AUTH PLAIN AHNjYW4xADEyMzQ=', 'AUTH ****'],
    ['auth login c2NhbjE=', 'auth ****'],
    ['AUTH LOGIN', 'AUTH ****'],
    ['AUTH', 'AUTH'],
    [' AUTH PLAIN AHNjYW4xADEyMzQ=', 'AUTH ****'],
    ['\tAuth PLAIN AHNjYW4xADEyMzQ=', 'Auth ****'],
    ['AUTH PLAIN=AHNjYW4xADEyMzQ=', 'AUTH ****'],
    ['AUTH=PLAIN AHNjYW4xADEyMzQ=', '****'],
    ['"AUTH PLAIN AHNjYW4xADEyMzQ="', '****'],
    ['XAUTH PLAIN AHNjYW4xADEyMzQ=', '****'],
    ['\0AUTH PLAIN AHNjYW4xADEyMzQ=', '****'],
    ['EHLO panel AUTH PLAIN AHNjYW4xADEyMzQ=', 'EHLO ****'],
    ['MAIL FROM:<a@b.test> AUTH=secret', 'MAIL ****'],
    ['MAIL FROM:<a@b.test> AUTHENTICATE PLAIN AHNjYW4xADEyMzQ=', 'MAIL ****'],
    ['HELO Authorization: Basic AHNjYW4xADEyMzQ=', 'HELO ****'],
    ['NOOP auth-plain AHNjYW4xADEyMzQ=', 'NOOP ****'],
    ['EHLO panel;AUTH;LOGIN;c2NhbjE=', 'EHLO ****'],
    ['EHLO panel XAUTH c2NhbjE=', 'EHLO ****'],
    ['RCPT TO:<AUTH PLAIN AHNjYW4xADEyMzQ=>', 'RCPT ****'],
    ['MAIL FROM:<auth@b.test> AUTH=secret', 'MAIL ****'],
    ['PASS secret', 'PASS ****'],
    ['pass secret', 'pass ****'],
    ['USER x', 'USER ****'],
    ['APOP x c4c9334bac560ecc979e58001b3e22fb', 'APOP ****'],
    ['a1 LOGIN x secret', '****'],
    ['POST /cgi?password=secret HTTP/1.1', 'POST ****'],
    ['GET / HTTP/1.1', 'GET ****'],
    ['Authorization: Basic AHNjYW4xADEyMzQ=', '****'],
    ['secret', '****'],
    ['secret with words', '****'],
    ['MTIzNA==MTIzNA==', '****'],
    ['MTIzNA==', '****'],
    ['cGFzc3dvcmQ=', '****'],
    ['EHLO panel', 'EHLO panel'],
    ['HELO HP LaserJet 4', 'HELO HP LaserJet 4'],
    ['starttls', 'starttls'],
    ['QUIT', 'QUIT'],
    ['NOOP', 'NOOP'],
    ['', ''],
    ['MAIL FROM:<a@b.test>', 'MAIL FROM:<a@b.test>'],
    ...[
      'RCPT TO:<author@b.test>',
      'rcpt to: author@b.test NOTIFY=NEVER',
      'RCPT TO:<auth@b.test> NOTIFY=NEVER',
      'RCPT TO:<auth>',
      'RCPT TO:<anna@auth.b.test> ORCPT=rfc822;anna@auth.b.test',
      'MAIL FROM:<smtp-auth@b.test> SIZE=9',
      'MAIL FROM:<a@b.test> AUTH=<>',
      'EHLO auth-server.b.test',
      'HELO AUTHOR PC',
      'EHLO auth',
    ].map((line): [string, string] => [line, line]),
    ['RCPT TO:<a@b.test> NOTIFY=NEVER', 'RCPT TO:<a@b.test> NOTIFY=NEVER'],
  ]
  for (const [said, kept] of masks) {
    it(`keeps ${JSON.stringify(kept)} of ${JSON.stringify(said)}`, () => assert.equal(heard(said), kept))
  }

  it('keeps nothing of an answer to an AUTH challenge', () => assert.equal(heard('12', true), '****'))

  it('says when, who and what', async () => {
    const clock = new JumpingClock(wallMs(0))
    const transcript = new Transcript(clock)
    transcript.box('220 box')
    await clock.jump(120)
    transcript.device('QUIT', false)
    transcript.note('done')
    assert.deepEqual(transcript.lines(), [
      { at: 0, from: 'box', text: '220 box' },
      { at: 120, from: 'device', text: 'QUIT' },
      { at: 120, from: 'note', text: 'done' },
    ])
  })

  it('keeps the beginning and the end of a long session', () => {
    const transcript = new Transcript(new JumpingClock(wallMs(0)))
    for (let n = 0; n < 5000; n++) transcript.note(`line ${n}`)
    const lines = transcript.lines()
    assert.ok(lines.length < 400)
    assert.equal(lines[0]?.text, 'line 0')
    assert.equal(lines.at(-1)?.text, 'line 4999')
    const left = Number(/^(\d+) lines left out$/.exec(lines[120]?.text ?? '')?.[1])
    assert.equal(lines.length - 1 + left, 5000)
  })
})
