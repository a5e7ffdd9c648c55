import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Rig } from '../submission/rig.ts'
import { device, listener, type SetupChanges, setup } from '../submission/setup.ts'

/** A scan of about 1 MB as devices send it: base64 in lines of 76. */
export function bigMail(): Buffer {
  const base64 = randomBytes(760_000).toString('base64').replace(/.{76}/g, '$&\r\n')
  return Buffer.from(`From: scan@device.test\r\nTo: x@y.test\r\nSubject: scan\r\n\r\n${base64}\r\n`)
}

/** What must arrive as it was sent: the box adds to the header. */
export const bodyOf = (mail: Buffer): Buffer => mail.subarray(mail.indexOf('\r\n\r\n'))

export function mailFile(folder: string, mail: Uint8Array): string {
  const file = join(folder, 'mail.eml')
  writeFileSync(file, mail)
  return file
}

export const vintageSetup = (changes: SetupChanges = {}) =>
  setup({
    gateway: { weakestTls: 'vintage', ...changes.gateway },
    listeners: [listener('submission'), listener('submissions', { security: 'implicit' })],
    devices: [
      device('Old', { addresses: ['127.0.0.1'], tls: 'vintage' }),
      device('Small', { addresses: ['127.0.0.3'], tls: 'vintage', certificate: 'sha1-1024' }),
      device('Ordinary', { addresses: ['127.0.0.2'] }),
    ],
    ...Object.fromEntries(Object.entries(changes).filter(([key]) => key !== 'gateway')),
  })

/** A submission room where 127.0.0.1 may be vintage, 127.0.0.3 with a small key, 127.0.0.2 not. */
export const openVintageRig = (changes: SetupChanges = {}) => Rig.open({ setup: vintageSetup(changes) })

/** What the last session is said to have used. */
export const lastTls = (rig: Rig): string => rig.submission.sessions()[0]?.tls ?? ''

/** Everything noted in sessions, newest session first. */
export const notesOf = (rig: Rig): readonly string[] =>
  rig.submission
    .sessions()
    .flatMap(({ lines }) => lines.filter(({ from }) => from === 'note').map(({ text }) => text))
