import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BillOptions, billOfMaterials } from './bill-of-materials.ts'

export interface DocumentOptions extends BillOptions {
  readonly root: string
  readonly bundle: string
}

const rule = `\n${'='.repeat(78)}\n\n`

/** What Debian asks of every package (policy 12), and the bill of what is inside. */
export function writeDocuments(options: DocumentOptions): void {
  const { root, bundle, version, date } = options
  const write = (place: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, place)), { recursive: true })
    writeFileSync(join(root, place), content)
  }
  write('usr/share/doc/inkpost/copyright', copyright(bundle))
  write('usr/share/doc/inkpost/changelog.gz', packed(changelog(version, date)))
  write('usr/share/doc/inkpost/CHANGELOG.md.gz', packed(readFileSync('CHANGELOG.md', 'utf8')))
  write(
    'usr/share/man/man1/inkpost.1.gz',
    packed(readFileSync(join(import.meta.dirname, 'inkpost.1'), 'utf8')),
  )
  // Beside the program, and not with the documents: images leave those out.
  write('usr/lib/inkpost/inkpost.cdx.json', billOfMaterials(options))
}

const packed = (text: string): Uint8Array => gzipSync(text, { level: 9 })

/** Our own licence, then those of everything that is handed on with it. */
const copyright = (bundle: string): string =>
  [
    readFileSync('NOTICE', 'utf8'),
    'On Debian systems the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n',
    readFileSync(join(bundle, 'THIRD-PARTY-NOTICES.txt'), 'utf8'),
  ].join(rule)

const changelog = (version: string, date: Date): string => `inkpost (${version}) stable; urgency=medium

  * What changed for administrators: CHANGELOG.md.gz in this folder.

 -- The inkpost authors <maintainers@inkpost.invalid>  ${date.toUTCString().replace('GMT', '+0000')}
`
