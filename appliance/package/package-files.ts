// What the package puts where. A new file is a line in `filesOf`, a new unit a line too.
import { globSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'

export interface PackageFile {
  /** In the checkout, or made by this build. */
  readonly from: string
  /** On the machine. */
  readonly to: string
  readonly mode: 0o644 | 0o755
  /** A unit of systemd that the package enables and starts. */
  readonly isStarted?: boolean
}

/** Folders in which this build put what it made. */
export interface MadeFolders {
  /** The bundle of `tools/build.ts`. */
  readonly bundle: string
  /** Everything else, named as on the machine. */
  readonly root: string
}

const library = '/usr/lib/inkpost'

export const filesOf = ({ bundle, root }: MadeFolders): readonly PackageFile[] => [
  program('inkpost', `${library}/inkpost`),
  program('appliance/package/boot-files', `${library}/boot-files`),
  started('appliance/machine/inkpost-machine.socket'),
  unit('appliance/machine/inkpost-machine.service'),
  started('appliance/package/inkpost.service'),
  // The network of [network], where a box has one.
  started('appliance/machine/inkpost-network-start.service'),
  unit('appliance/machine/inkpost-network-undo.service'),
  unit('appliance/machine/inkpost-network-undo.timer'),
  unit('appliance/machine/inkpost-supplicant@.service'),
  // The slots of a box that has some.
  started('appliance/machine/inkpost-update-start.service'),
  unit('appliance/machine/inkpost-update-trial.service'),
  unit('appliance/machine/inkpost-update-trial.timer'),
  plain('appliance/package/inkpost.sysusers', '/usr/lib/sysusers.d/inkpost.conf'),
  plain('appliance/package/inkpost.tmpfiles', '/usr/lib/tmpfiles.d/inkpost.conf'),
  plain('appliance/package/journald@inkpost.conf', '/usr/lib/systemd/journald@inkpost.conf.d/inkpost.conf'),
  plain('README.md', '/usr/share/doc/inkpost/README.md'),
  ...tree('docs', '*.md', '/usr/share/doc/inkpost/docs'),
  ...tree(bundle, '**/*', library).filter(({ from }) => isRun(relative(bundle, from))),
  plain('node_modules/better-sqlite3/package.json', `${library}/node_modules/better-sqlite3/package.json`),
  ...tree('node_modules/better-sqlite3/lib', '**/*.js', `${library}/node_modules/better-sqlite3/lib`),
  ...tree(root, '**/*', ''),
]

/** Maps of sources are for whoever has the sources: the same build makes the same maps. */
const isRun = (name: string): boolean =>
  !name.endsWith('.map') && !['packages.json', 'THIRD-PARTY-NOTICES.txt'].includes(name)

const plain = (from: string, to: string): PackageFile => ({ from, to, mode: 0o644 })
const program = (from: string, to: string): PackageFile => ({ from, to, mode: 0o755 })
const unit = (from: string): PackageFile => plain(from, `/usr/lib/systemd/system/${basename(from)}`)
const started = (from: string): PackageFile => ({ ...unit(from), isStarted: true })

function tree(folder: string, pattern: string, to: string): readonly PackageFile[] {
  return globSync(pattern, { cwd: folder })
    .sort()
    .map((name) => ({ name, status: statSync(join(folder, name)) }))
    .filter(({ status }) => status.isFile())
    .map(({ name, status }) => {
      const isProgram = (status.mode & 0o100) !== 0
      return (isProgram ? program : plain)(join(folder, name), `${to}/${name}`)
    })
}
