import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { syncDirectory, writeDurably } from '../../src/platform/durable-file.ts'
import { type Duty, duty } from './duty.ts'

/** Where Raspberry Pi OS and the image have the FAT partition that every laptop reads. */
const bootFolder = '/boot/firmware'
const name = 'inkpost-claim.txt'

const asked = v.strictObject({
  code: v.nullable(v.pipe(v.string(), v.regex(/^[0-9A-Z]{6,32}$/))),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
})

/** A fixed text in a fixed place: nothing that the gateway says chooses either. */
export const claimFileDuty = (folder = bootFolder): Duty =>
  duty<'claim-file'>(asked, async ({ code, port }) => {
    if (!existsSync(folder)) return { isThere: false }
    const file = join(folder, name)
    if (code !== null) {
      writeDurably(file, textOf(code, port), 0o600)
    } else if (existsSync(file)) {
      rmSync(file)
      syncDirectory(folder)
    }
    return { isThere: true }
  })

/** Line ends of whichever laptop. */
const textOf = (code: string, port: number): string =>
  [
    'This inkpost belongs to nobody yet. Open its console in a browser, by the address that your router gave it:',
    `https://ADDRESS${port === 443 ? '' : `:${port}`}/`,
    `Claim code: ${code.replace(/(.{4})(?=.)/g, '$1-')}`,
    'This file goes away when somebody claimed it.',
    '',
  ].join('\r\n')
