import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from './contents.ts'

interface Component {
  readonly type: 'library' | 'application' | 'operating-system'
  readonly name: string
  readonly version: string
  readonly purl?: string
  readonly licenses?: readonly object[]
  readonly components?: readonly unknown[]
}

export interface BillOptions {
  readonly version: string
  readonly date: Date
}

const inkpostBill = 'usr/lib/inkpost/inkpost.cdx.json'

/** What is on the card, for scanners of weaknesses: CycloneDX 1.6. Packages of Debian, installed or unpacked, and inkpost with its own bill. */
export function imageBill(root: string, { version, date }: BillOptions): string {
  const installed = stanzas(readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8'))
  const unpacked = globSync(join(root, 'usr/lib/inkpost-image/unpacked/*'))
    .sort()
    .flatMap((file) => stanzas(readFileSync(file, 'utf8')))
  const packages = [...installed, ...unpacked].map((one) => componentOf(root, one))
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: date.toISOString(),
      component: { type: 'operating-system', name: 'inkpost-image', version },
    },
    components: packages.sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

type Stanza = Readonly<Record<string, string>>

/** deb-control(5), as far as single lines go. */
const stanzas = (text: string): readonly Stanza[] =>
  text
    .split(/\n\n+/)
    .filter((one) => one.includes('Package: '))
    .map((one) =>
      Object.fromEntries([...one.matchAll(/^([A-Z][\w-]*): (.*)$/gm)].map(([, key, value]) => [key, value])),
    )

function componentOf(root: string, stanza: Stanza): Component {
  const { Package: name = '', Version: version = '', Architecture: architecture = '' } = stanza
  const isOurs = name.startsWith('inkpost')
  const licences = isOurs ? ['Apache-2.0'] : licencesOf(join(root, 'usr/share/doc', name, 'copyright'))
  return {
    type: isOurs ? 'application' : 'library',
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=${suite}`,
    ...(licences.length > 0 ? { licenses: licences.map((licence) => ({ license: { name: licence } })) } : {}),
    ...(name === 'inkpost' ? { components: componentsOf(join(root, inkpostBill)) } : {}),
  }
}

function componentsOf(file: string): readonly unknown[] {
  const { components } = JSON.parse(readFileSync(file, 'utf8')) as { readonly components: readonly unknown[] }
  return components
}

/** As Debian's machine-readable copyright files name them; the texts are beside them on the card. */
function licencesOf(file: string): readonly string[] {
  if (!existsSync(file)) return []
  const named = [...readFileSync(file, 'utf8').matchAll(/^License: *(\S.*)$/gm)].map(([, one = '']) =>
    one.trim(),
  )
  return [...new Set(named)].sort()
}
