// The bundles of the update test: of the slot that `make image` made, with another version in it, and ones that no box may take.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { run } from '../../../appliance/package/run.ts'
import { makeBundle } from '../../update/bundle.ts'
import { developmentKeys, signingKeys } from '../../update/keys.ts'
import { writeSlotFiles } from '../../update/slot-files.ts'

export interface Bundle {
  readonly version: string
  readonly file: string
}

export interface Bundles {
  readonly running: string
  readonly newer: Bundle
  /** Newer still, and its gateway ends as soon as it starts. */
  readonly broken: Bundle
  readonly older: Bundle
  /** Of somebody else. */
  readonly foreign: Bundle
  /** Its payload is not what was signed. */
  readonly changed: Bundle
}

const slot = resolve('build/image/slot.ext4')
const programs = '/usr/lib/inkpost'

/** `running`: the version of the image. They lie in `folder`. */
export function makeBundles(running: string, folder: string): Bundles {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const later = (steps: number): string => `${major}.${minor + steps}.0`
  const keys = signingKeys(process.env)
  const packed = (name: string, version: string, image: string, by = keys): Bundle => {
    const file = join(folder, `${name}.raucb`)
    makeBundle({ slot: image, version, built: new Date(), keys: by, out: file })
    return { version, file }
  }
  const newer = slotOf(later(1), running, join(folder, 'newer.ext4'))
  const broken = slotOf(later(2), running, join(folder, 'broken.ext4'))
  replace(broken, { [`${programs}/inkpost.js`]: "throw new Error('a release that nobody tried')\n" })
  const small = smallSlot(join(folder, 'small.ext4'))
  const changed = packed('changed', later(1), small)
  change(changed.file)
  return {
    running,
    newer: packed('newer', later(1), newer),
    broken: packed('broken', later(2), broken),
    older: packed('older', '0.0.1', small),
    foreign: packed('foreign', later(1), small, developmentKeys(join(folder, 'foreign-keys'))),
    changed,
  }
}

/** The slot of the image, as if another version had been built. */
function slotOf(version: string, running: string, to: string): string {
  copyFileSync(slot, to)
  const scratch = `${to}.root`
  mkdirSync(scratch)
  debugfs(to, [`rdump ${programs} ${scratch}`, `dump /usr/lib/os-release ${scratch}/os-release`])
  const texts: Record<string, string> = {
    '/usr/lib/os-release': readFileSync(join(scratch, 'os-release'), 'utf8').replace(
      /^IMAGE_VERSION=.*$/m,
      `IMAGE_VERSION=${version}`,
    ),
  }
  for (const file of globSync(join(scratch, 'inkpost/*.js'))) {
    const text = readFileSync(file, 'utf8')
    const told = text.replaceAll(`version:"${running}"`, `version:"${version}"`)
    if (told !== text) texts[`${programs}/${basename(file)}`] = told
  }
  if (Object.keys(texts).length === 1) throw new Error(`no program in ${slot} says that it is ${running}`)
  writeSlotFiles(scratch, { version, keys: signingKeys(process.env) })
  for (const path of ['/etc/rauc/system.conf', '/etc/rauc/keyring.pem'])
    texts[path] = readFileSync(join(scratch, path), 'utf8')
  replace(to, texts)
  rmSync(scratch, { recursive: true })
  return to
}

/** Files of a slot, each by another content. */
function replace(image: string, texts: Readonly<Record<string, string>>): void {
  const commands = Object.entries(texts).flatMap(([path, text], index) => {
    const file = `${image}.${index}`
    writeFileSync(file, text, { mode: 0o644 })
    return [`rm ${path}`, `write ${file} ${path}`, `sif ${path} mode 0100644`]
  })
  debugfs(image, commands)
  for (const file of globSync(`${image}.[0-9]*`)) rmSync(file)
  run('e2fsck', ['-fn', image])
}

function debugfs(image: string, commands: readonly string[]): void {
  const done = spawnSync('debugfs', ['-w', '-f', '-', image], {
    input: `${commands.join('\n')}\n`,
    encoding: 'utf8',
  })
  // It goes on after what it can't do, and says so; owners are not given to who is not root.
  const troubles = done.stderr
    .split('\n')
    .filter((line) => /: (?!.*(?:permission|owner|debugfs))/i.test(line))
  if (done.status !== 0 || troubles.length > 0) throw new Error(`debugfs: ${done.stderr}`)
}

const smallOctets = 16 << 20

/** What a slot could hold as well: refused for what is said about it. */
function smallSlot(file: string): string {
  run('dd', ['if=/dev/urandom', `of=${file}`, `bs=${smallOctets}`, 'count=1', 'status=none'])
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-E', 'nodiscard,lazy_itable_init=1', file], {
    stdio: 'pipe',
  })
  return file
}

/** Octets in its middle: those of the file system, not of the signature at its end. */
function change(file: string): void {
  const at = Math.floor(statSync(file).size / 2)
  const open = openSync(file, 'r+')
  const octets = Buffer.alloc(64)
  readSync(open, octets, 0, octets.length, at)
  writeSync(
    open,
    octets.map((octet) => octet ^ 0xff),
    0,
    octets.length,
    at,
  )
}
