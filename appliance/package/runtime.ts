import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { digestAt, lockedAt } from './lockfile.ts'
import { run } from './run.ts'

const cache = 'build/cache'

/** Node and SQLite's binding for an architecture, without what only a debugger reads, at their places below `root`. */
export function writeRuntime({ node, gnu }: Architecture, root: string): void {
  const library = join(root, 'usr/lib/inkpost')
  const prebuild = `node_modules/better-sqlite3/prebuilds/linux-${node}.node`
  strip(gnu, join(nodePackage(`node-linux-${node}`), 'bin/node'), join(library, 'node'), 0o755)
  strip(gnu, prebuild, join(library, prebuild), 0o644)
}

/** npm installs the runtime of its own machine; the other comes by the lockfile's hash. */
function nodePackage(name: string): string {
  const installed = `node_modules/${name}`
  if (existsSync(join(installed, 'bin/node'))) return installed
  const { version } = lockedAt(installed)
  const archive = join(cache, `${name}-${version}.tgz`)
  mkdirSync(cache, { recursive: true })
  if (!existsSync(archive)) fetch(`${name}@${version}`)
  const digest = createHash('sha512').update(readFileSync(archive)).digest('hex')
  if (digest !== digestAt(installed))
    throw new Error(`${archive} is not what package-lock.json names: remove it, and see where it came from`)
  const folder = join(cache, `${name}-${version}`)
  mkdirSync(folder, { recursive: true })
  run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', 'package/bin/node'])
  return folder
}

/** By the system's Node, as in `make setup`: the pinned one does not know what the machine trusts. */
function fetch(spec: string): void {
  const path = (process.env['PATH'] ?? '').split(':').filter((part) => !part.endsWith('node_modules/.bin'))
  const flags = ['--silent', '--ignore-scripts', '--pack-destination', cache]
  run('npm', ['pack', spec, ...flags], { PATH: path.join(':') })
}

function strip(gnu: string, from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true })
  run(`${gnu}-strip`, ['--strip-all', '-o', to, from])
  chmodSync(to, mode)
}
