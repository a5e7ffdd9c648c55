import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { contentOf } from '../core/content.ts'
import { countPages } from './page-count.ts'
import { PartScanner } from './part-scanner.ts'

const pdf = (pages: number): string =>
  [
    '%PDF-1.4',
    `1 0 obj << /Type /Pages /Count ${pages} >> endobj`,
    ...Array.from(
      { length: pages },
      (_, n) => `${n + 2} 0 obj <</Type${n % 2 ? '' : ' '}/Page /Parent 1 0 R>> endobj`,
    ),
    '%%EOF',
  ].join('\n')

/** Strip data, then its directory, page after page. */
function tiff(pages: number, isLittle: boolean, strip: number): Buffer {
  const number = (value: number, size: number): Buffer => {
    const octets = Buffer.alloc(size)
    if (isLittle) octets.writeUIntLE(value, 0, size)
    else octets.writeUIntBE(value, 0, size)
    return octets
  }
  const entries = 3
  const directory = 2 + 12 * entries + 4
  const parts = [Buffer.from(isLittle ? 'II*\0' : 'MM\0*', 'latin1'), number(8 + strip, 4)]
  for (let page = 1; page <= pages; page += 1) {
    const next = page === pages ? 0 : 8 + page * (strip + directory) + strip
    parts.push(Buffer.alloc(strip, 7), number(entries, 2), Buffer.alloc(12 * entries, 1), number(next, 4))
  }
  return Buffer.concat(parts)
}

async function pagesOf(file: Uint8Array | string, type: string, name = ''): Promise<number | undefined> {
  const octets = typeof file === 'string' ? Buffer.from(file) : Buffer.from(file)
  const header = `Content-Type: ${type}${name && `; name="${name}"`}\r\nContent-Transfer-Encoding: base64\r\n\r\n`
  const body = octets.toString('base64').replace(/.{76}/g, '$&\r\n')
  const scanner = new PartScanner({ fallbackCharset: 'utf-8' })
  scanner.feed(Buffer.from(header + body))
  const [part] = scanner.finish().parts
  assert.ok(part)
  return countPages(contentOf(Buffer.from(header + body)), part)
}

describe('pages of a scan', () => {
  it('are the page objects of a PDF, wherever its pieces are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 3000 }),
        async (pages, filler) => {
          const file = pdf(pages).replace('%PDF-1.4', `%PDF-1.4\n%${'x'.repeat(filler)}`)
          assert.equal(await pagesOf(file, 'application/pdf'), pages)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('are the directories of a TIFF, in either order of octets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 20_000 }),
        async (pages, isLittle, strip) => {
          assert.equal(await pagesOf(tiff(pages, isLittle, strip), 'image/tiff'), pages)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('are known by the name of the file where the type says nothing', async () => {
    assert.equal(await pagesOf(pdf(3), 'application/octet-stream', 'Scan.PDF'), 3)
    assert.equal(await pagesOf(tiff(2, true, 9), 'application/octet-stream', 'scan.tif'), 2)
  })

  it('are not told of what packs its objects, leads backwards, is cut, or is something else', async () => {
    assert.equal(await pagesOf(`${pdf(2)}\n9 0 obj <</Type /ObjStm>>`, 'application/pdf'), undefined)
    assert.equal(await pagesOf('%PDF-1.4 and nothing more', 'application/pdf'), undefined)
    const backwards = tiff(2, true, 50)
    backwards.writeUInt32LE(8, 8 + 50 + 2 + 36)
    assert.equal(await pagesOf(backwards, 'image/tiff'), undefined)
    assert.equal(await pagesOf(tiff(3, false, 50).subarray(0, 120), 'image/tiff'), undefined)
    assert.equal(await pagesOf('GIF89a', 'image/tiff'), undefined)
    assert.equal(await pagesOf(pdf(1), 'image/jpeg'), undefined)
  })
})
