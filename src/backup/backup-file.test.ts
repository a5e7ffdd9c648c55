import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { backupFile, openBackup, peekBackup, type SealedFor } from './backup-file.ts'
import { BackupRefused, type BackupTrouble } from './backup-refused.ts'
import { sealedOctets } from './chunk-cipher.ts'
import { OctetReader } from './octet-reader.ts'
import { mintRecoveryCode, type RecoveryCode, recoveryCodeText } from './recovery-code.ts'
import { recipientOf } from './seals.ts'

const facts = {
  version: '0.1.0',
  box: 'branch-07',
  made: '2026-11-29T03:00:00.000Z',
  contents: ['settings'],
  octets: 200_005,
  audit: '',
}
const passphrase = 'correct horse battery'
// Three chunks and a bit, no piece on a chunk's border.
const large = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7919) % 256))

async function* pieces(octets: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}

async function all(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(octets))
}

const made = (sealedFor: SealedFor = { passphrase }): Promise<Buffer> =>
  all(
    backupFile(facts, sealedFor, [
      { name: 'settings.db', octets: large.length, content: pieces(large) },
      { name: 'vault.key', octets: 5, content: pieces(Buffer.from('a key')) },
    ]),
  )

async function restored(file: Uint8Array, secret = passphrase): Promise<Record<string, Buffer>> {
  const { entries } = await openBackup(pieces(file), secret)
  const found: Record<string, Buffer> = {}
  for await (const { name, content } of entries) found[name] = await all(content)
  return found
}

const refuses = (trouble: BackupTrouble, sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof BackupRefused, String(error))
  assert.equal(error.trouble, trouble, error.message)
  assert.match(error.message, sentence)
  return true
}

/** Where the content begins: behind three lines. */
function contentStart(file: Uint8Array): number {
  let at = 0
  for (let lines = 0; lines < 3; at += 1) if (file[at] === 10) lines += 1
  return at
}

describe('a backup file', () => {
  let file: Buffer = Buffer.alloc(0)
  before(async () => {
    file = await made()
  })

  it('gives back what went in, to the passphrase', async () => {
    const { 'settings.db': settings, 'vault.key': key } = await restored(file)
    assert.ok(settings?.equals(large))
    assert.equal(key?.toString(), 'a key')
  })

  it('says what it is without the passphrase, and nothing of its content', async () => {
    const { seals: _, ...told } = await peekBackup(pieces(file))
    assert.deepEqual(told, facts)
    assert.equal(file.includes(large.subarray(0, 64)), false)
    assert.equal(file.includes('a key'), false)
  })

  it('tells a wrong passphrase at once', async () => {
    const onlyHeader = file.subarray(0, contentStart(file))
    await assert.rejects(
      openBackup(pieces(onlyHeader), 'another passphrase'),
      refuses('wrong-secret', /this passphrase does not open the file/),
    )
  })

  it('takes the same passphrase in another normal form', async () => {
    const composed = await made({ passphrase: 'Zürich im März' })
    await restored(composed, 'Zürich im März'.normalize('NFD'))
  })

  it('notices a flipped bit in every chunk, and says where', async () => {
    const start = contentStart(file)
    const chunks = Math.ceil((file.length - start) / sealedOctets)
    assert.equal(chunks, 4)
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const place = start + chunk * sealedOctets
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: place, max: Math.min(place + sealedOctets, file.length) - 1 }),
          fc.integer({ min: 0, max: 7 }),
          async (at, bit) => {
            const changed = Buffer.from(file)
            changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
            await assert.rejects(
              restored(changed),
              refuses('damaged', new RegExp(`begins at octet ${place} `)),
            )
          },
        ),
        { numRuns: 2 },
      )
    }
  })

  it('notices a changed header', async () => {
    const text = file.toString('latin1')
    for (const [was, is] of [
      ['branch-07', 'branch-08'],
      ['0.1.0', '9.1.0'],
      ['"settings"', '"sittings"'],
    ] as const)
      await assert.rejects(
        restored(Buffer.from(text.replace(was, is), 'latin1')),
        refuses('damaged', /the header of the file was changed/),
      )
  })

  it('notices that its end is missing, wherever it is cut', async () => {
    const start = contentStart(file)
    const cuts = [1, 2, 3].map((chunks) => start + chunks * sealedOctets)
    for (const at of cuts)
      await assert.rejects(restored(file.subarray(0, at)), refuses('damaged', /the file is cut off/))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: file.length - 1 }), async (at) => {
        await assert.rejects(restored(file.subarray(0, at)), BackupRefused)
      }),
      { numRuns: 8, examples: [[0], [10], [start - 1], [start], [start + 3]] },
    )
  })

  it('notices chunks that changed places, were left out or doubled, and octets behind its end', async () => {
    const start = contentStart(file)
    const chunk = (n: number) => file.subarray(start + n * sealedOctets, start + (n + 1) * sealedOctets)
    const head = file.subarray(0, start)
    for (const order of [
      [1, 0, 2, 3],
      [0, 2, 3],
      [0, 0, 1, 2, 3],
      [0, 1, 3],
      [0, 1, 2, 3, 3],
    ])
      await assert.rejects(restored(Buffer.concat([head, ...order.map(chunk)])), refuses('damaged', /octet/))
    await assert.rejects(restored(Buffer.concat([file, Buffer.from('x')])), refuses('damaged', /octet/))
  })

  it('notices chunks of another backup with the same passphrase', async () => {
    const other = await made()
    const [start, otherStart] = [contentStart(file), contentStart(other)]
    const swapped = Buffer.concat([file.subarray(0, start), other.subarray(otherStart)])
    await assert.rejects(restored(swapped), refuses('damaged', new RegExp(`octet ${start} `)))
  })

  it('tells what is no backup from one of a newer release', async () => {
    await assert.rejects(restored(Buffer.from('PK\x03\x04')), refuses('not-a-backup', /no backup of inkpost/))
    await assert.rejects(restored(Buffer.alloc(0)), refuses('not-a-backup', /no backup/))
    const newer = Buffer.concat([Buffer.from('inkpost-backup 2\n'), file.subarray(17)])
    await assert.rejects(restored(newer), refuses('newer', /format 2.*newer release/))
  })

  it('does not open a file that wants more memory than a box has', async () => {
    const greedy = Buffer.from(file.toString('latin1').replace('"n":65536', '"n":9437184'), 'latin1')
    await assert.rejects(restored(greedy), refuses('not-a-backup', /more memory/))
  })
})

describe('a backup sealed to a recovery code', () => {
  let code: RecoveryCode
  let file: Buffer = Buffer.alloc(0)
  before(async () => {
    code = mintRecoveryCode()
    file = await made({ recipients: [await recipientOf(mintRecoveryCode()), await recipientOf(code)] })
  })

  it('opens with the code, typed in any way', async () => {
    await restored(file, recoveryCodeText(code))
    const { 'vault.key': key } = await restored(file, ` ${code.toLowerCase().replaceAll('0', 'o')} `)
    assert.equal(key?.toString(), 'a key')
  })

  it('tells another code from a mistyped one', async () => {
    await assert.rejects(restored(file, mintRecoveryCode()), refuses('wrong-secret', /another recovery code/))
    const slip = `${code.slice(0, 5)}${code[5] === 'A' ? 'B' : 'A'}${code.slice(6)}`
    await assert.rejects(restored(file, slip), refuses('mistyped', /do not fit/))
  })

  it('is not opened by what the box keeps', async () => {
    const recipient = await recipientOf(code)
    for (const known of [recipient.recipient, recipient.salt])
      await assert.rejects(restored(file, known), BackupRefused)
  })
})

describe('octets in pieces', () => {
  it('are the same whatever their pieces', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 }),
        async (octets, size, takes) => {
          const reader = new OctetReader(pieces(octets, size))
          let at = 0
          for (const count of takes) {
            const taken = await reader.take(count)
            assert.deepEqual([...taken], [...octets.subarray(at, at + count)])
            at = Math.min(at + count, octets.length)
            assert.equal(reader.place, at)
            assert.equal(await reader.isAtEnd(), at === octets.length)
          }
        },
      ),
    ))
})
