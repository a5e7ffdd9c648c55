import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { build } from '../platform/build.ts'
import { mailConsignment } from './example-consignment.fixture.ts'
import { packSmtp } from './smtp-parcel.ts'

const accepted = wallMs(Date.UTC(2027, 0, 31, 12, 30, 59, 999))
const never = new AbortController().signal

async function packed(header: string, acceptedWall = accepted): Promise<{ text: string; sha256: string }> {
  const mail = mailConsignment(Buffer.from(`${header}\r\n\r\nhello\r\n`), { acceptedWall })
  const parcel = await packSmtp(mail, never)
  const pieces: Uint8Array[] = []
  for await (const piece of parcel.read(never)) pieces.push(Buffer.from(piece))
  return { text: Buffer.concat(pieces).toString(), sha256: parcel.sha256 }
}

describe('Date of mail that was taken while the time was unknown', () => {
  it('is the time of acceptance, the same octets every time', async () => {
    const once = await packed('Subject: scan')
    assert.match(once.text, /^Date: Sun, 31 Jan 2027 12:30:59 \+0000\r$/m)
    assert.deepEqual(await packed('Subject: scan'), once)
  })

  it('takes the place of one that can not be read, which stays as a note', async () => {
    const { text } = await packed('Date: 00/00/1900\r\nSubject: scan')
    assert.match(text, /^Date: Sun, 31 Jan 2027 12:30:59 \+0000\r$/m)
    assert.match(text, /^X-Original-Date: 00\/00\/1900\r$/m)
  })

  it('leaves a Date alone that the device wrote', async () => {
    const date = 'Date: Fri, 1 Jan 2010 00:00:00 +0100'
    const { text } = await packed(`${date}\r\nSubject: scan`)
    assert.deepEqual(text.match(/^.*Date: .*$/gm), [date])
  })

  it('is left out where the time of acceptance was never put right', async () => {
    const { text } = await packed('Subject: scan', wallMs(build.date - 1))
    assert.doesNotMatch(text, /^Date:/m)
  })
})
