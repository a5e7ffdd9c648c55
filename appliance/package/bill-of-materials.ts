import { readFileSync } from 'node:fs'
import { digestAt } from './lockfile.ts'

/** As `tools/notices.ts` wrote it: what is in the bundle. */
export interface BuiltPackage {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly licence: string
}

interface Component {
  readonly type: 'application' | 'library' | 'platform'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly object[]
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
  readonly components?: readonly Component[]
}

export interface BillOptions {
  readonly version: string
  /** Of the package, as Debian calls it. */
  readonly architecture: string
  /** As Node calls it. */
  readonly nodeArchitecture: string
  readonly packages: readonly BuiltPackage[]
  readonly date: Date
}

/** What is inside, for scanners of weaknesses: CycloneDX 1.6, as JSON. The same for the same commit. */
export function billOfMaterials({
  version,
  architecture,
  nodeArchitecture,
  packages,
  date,
}: BillOptions): string {
  const runtime = `node-linux-${nodeArchitecture}`
  const own: Component = {
    type: 'application',
    name: 'inkpost',
    version,
    purl: `pkg:deb/debian/inkpost@${version}?arch=${architecture}`,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  }
  const libraries = packages.filter(({ name }) => name !== 'node').map(libraryOf)
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: date.toISOString(), component: own },
    components: [nodeOf(runtime), ...libraries],
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

function libraryOf(one: BuiltPackage): Component {
  const inside = one.name === 'better-sqlite3' ? { components: [sqlite()] } : {}
  const licence = /[ (]/.test(one.licence) ? { expression: one.licence } : { license: { id: one.licence } }
  return {
    type: 'library',
    name: one.name,
    version: one.version,
    purl: npmPurl(one.name, one.version),
    licenses: [licence],
    hashes: [{ alg: 'SHA-512', content: digestAt(one.folder) }],
    ...inside,
  }
}

/** Node carries OpenSSL, V8, zlib and others in itself; one version is pinned for both architectures. */
function nodeOf(name: string): Component {
  const { node: version, ...inside } = process.versions
  const notSoftware = ['modules', 'napi', 'unicode', 'cldr', 'tz']
  const components = Object.entries(inside)
    .filter(([part, found]) => found !== undefined && found !== '' && !notSoftware.includes(part))
    .map(([part, found = '']) => genericOf(part, found))
  return {
    type: 'platform',
    name,
    version,
    purl: npmPurl(name, version),
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-512', content: digestAt(`node_modules/${name}`) }],
    components,
  }
}

function sqlite(): Component {
  const header = readFileSync('node_modules/better-sqlite3/deps/sqlite3/sqlite3.h', 'utf8')
  const version = /^#define SQLITE_VERSION\s+"([\d.]+)"/m.exec(header)?.[1]
  if (version === undefined) throw new Error('sqlite3.h names no version')
  return genericOf('sqlite', version)
}

const genericOf = (name: string, version: string): Component => ({
  type: 'library',
  name,
  version,
  purl: `pkg:generic/${name}@${version}`,
})

/** Package URLs of npm: the sign of a scope is escaped. */
const npmPurl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`
