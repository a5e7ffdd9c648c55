// `make deb`: build/inkpost_VERSION_ARCH.deb and build/inkpost-box_VERSION_all.deb, the same octets for the same commit (decision 30). Architectures as
// arguments; without one, all.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { boxFiles } from '../box/box-files.ts'
import { architectures } from './architecture.ts'
import type { BuiltPackage } from './bill-of-materials.ts'
import { packArchive } from './debian-archive.ts'
import { writeDocuments } from './documents.ts'
import { filesOf } from './package-files.ts'
import { run } from './run.ts'
import { writeRuntime } from './runtime.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] || run('git', ['log', '-1', '--format=%ct']))
const work = 'build/package'
const bundle = join(work, 'bundle')
const asked = process.argv.slice(2)

run(process.execPath, ['tools/build.ts', bundle], { SOURCE_DATE_EPOCH: String(epoch) })
const packages = JSON.parse(readFileSync(join(bundle, 'packages.json'), 'utf8')) as readonly BuiltPackage[]

const box = `build/inkpost-box_${version}_all.deb`
packArchive({
  templates: 'appliance/box',
  files: boxFiles,
  links: {},
  version,
  architecture: 'all',
  stage: join(work, 'all/stage'),
  archive: box,
  epoch,
})
console.log(resolve(box))

for (const architecture of architectures.filter(
  ({ debian }) => asked.length === 0 || asked.includes(debian),
)) {
  const { debian, node } = architecture
  const root = join(work, debian, 'made')
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  const facts = {
    version,
    architecture: debian,
    nodeArchitecture: node,
    packages,
    date: new Date(epoch * 1000),
  }
  writeRuntime(architecture, root)
  writeDocuments({ ...facts, root, bundle })
  const archive = `build/inkpost_${version}_${debian}.deb`
  packArchive({
    templates: 'appliance/package',
    files: filesOf({ bundle, root }),
    links: { '/usr/bin/inkpost': '../lib/inkpost/inkpost' },
    version,
    architecture: debian,
    stage: join(work, debian, 'stage'),
    archive,
    epoch,
  })
  console.log(resolve(archive))
}
