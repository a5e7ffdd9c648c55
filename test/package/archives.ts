// Packages of this checkout and of the commit before it, each built by its own `make deb`.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from '../../appliance/package/run.ts'

export type Debian = 'amd64' | 'arm64'

const main = 'appliance/package/main.ts'
const node = process.execPath

/** Everything that a build reads, in another folder of the same disk. */
export function copyCheckout(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['src', 'web-ui', 'appliance', 'docs', 'tools'])
    cpSync(name, join(folder, name), { recursive: true })
  for (const name of ['inkpost', 'package.json', 'package-lock.json', 'README.md', 'CHANGELOG.md', 'NOTICE'])
    cpSync(name, join(folder, name))
  linkModules(folder)
}

/** Links instead of copies: 400 MB that are not changed. */
const linkModules = (folder: string): string => run('cp', ['-al', 'node_modules', folder])

/** The package's path. `epoch` in seconds. */
export function buildArchive(folder: string, architecture: Debian, epoch: number, environment = {}): string {
  const command = `umask \${INKPOST_UMASK:-022}; cd "$1" && exec "$2" ${main} "$3"`
  const words = ['-c', command, 'sh', folder, node, architecture]
  const printed = run('sh', words, { SOURCE_DATE_EPOCH: String(epoch), ...environment })
  return printed.trim().split('\n').at(-1) ?? ''
}

export const commitEpoch = (commit = 'HEAD'): number =>
  Number(run('git', ['log', '-1', '--format=%ct', commit]))

export interface Previous {
  readonly commit: string
  readonly archive: (architecture: Debian) => string
}

/** The newest commit before HEAD that makes packages, whichever parent it came by. */
export function previousPackages(): Previous {
  const commit = run('git', ['rev-list', '--skip=1', '--max-count=200', 'HEAD'])
    .split('\n')
    .find((one) => one !== '' && run('git', ['ls-tree', '--name-only', one, main]) !== '')
  if (commit === undefined)
    throw new Error('no commit before this one makes packages (a shallow clone? git fetch --unshallow)')
  const folder = resolve('build/cache/previous', commit)
  if (!existsSync(join(folder, 'node_modules'))) checkOut(commit, folder)
  const epoch = commitEpoch(commit)
  return { commit: commit.slice(0, 12), archive: (architecture) => buildArchive(folder, architecture, epoch) }
}

/** Another part may be at work in a younger one. */
const isOfYesterday = (path: string): boolean => Date.now() - statSync(path).mtimeMs > 24 * 3_600_000

function checkOut(commit: string, folder: string): void {
  for (const old of globSync('build/cache/previous/*').filter(isOfYesterday))
    rmSync(old, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  run('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder])
  const isSame = readFileSync(join(folder, 'package-lock.json')).equals(readFileSync('package-lock.json'))
  if (isSame) linkModules(folder)
  else run('sh', ['-c', 'cd "$1" && npm ci --ignore-scripts --no-audit --no-fund', 'sh', folder])
  // Fetched runtimes serve both; a build checks them by their hash.
  const cache = join(folder, 'build/cache')
  mkdirSync(cache, { recursive: true })
  const fetched = globSync('build/cache/node-linux-*')
  if (fetched.length > 0) run('cp', ['-al', ...fetched, cache])
}
