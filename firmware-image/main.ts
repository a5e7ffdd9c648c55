// `make image`: build/inkpost-VERSION.img and .img.zst, its bill of materials, and the slot for an update (decision 36). MIRROR=URL
// names a mirror of Debian. As root, or as somebody who may use sudo.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from '../appliance/package/run.ts'
import { imageBill } from './bill-of-materials.ts'
import { writeBootPartition } from './boot-partition.ts'
import { writeDataPartition, writeDisk } from './disk.ts'
import { writeInitramfs } from './initramfs.ts'
import { arrangeKernel } from './kernel.ts'
import { mebibyte } from './layout.ts'
import { furnish, tidy } from './machine.ts'
import { unpackRoot } from './root.ts'
import { writeSlot } from './slot.ts'
import { signingKeys } from './update/keys.ts'
import { writeSlotFiles } from './update/slot-files.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] || run('git', ['log', '-1', '--format=%ct']))
/** What `make image-test` says that it tested. */
const commit = run('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']).trim()
const work = 'build/image'
/** Whom the card trusts with updates: made once where none are given, by whoever asks for the image. */
const keys = signingKeys(process.env)
const archives = [`build/inkpost_${version}_arm64.deb`, `build/inkpost-box_${version}_all.deb`]

process.umask(0o022)
process.env['PATH'] = `${process.env['PATH']}:/usr/sbin:/sbin`
if (process.argv[2] === 'as-root') makeImage()
else {
  run(process.execPath, ['appliance/package/main.ts', 'arm64'], { SOURCE_DATE_EPOCH: String(epoch) })
  if (process.getuid?.() === 0) makeImage()
  else asRoot()
}

/** Owners and devices in a root are root's: that half again, by sudo, and what it made is given back. */
function asRoot(): void {
  const owner = `${process.getuid?.()}:${process.getgid?.()}`
  const environment = [
    `PATH=${process.env['PATH']}`,
    `SOURCE_DATE_EPOCH=${epoch}`,
    ...['MIRROR', 'UPDATE_KEY', 'UPDATE_CERT', 'UPDATE_CA'].map(
      (name) => `${name}=${process.env[name] ?? ''}`,
    ),
  ]
  const words = ['env', ...environment, process.execPath, import.meta.filename, 'as-root']
  const done = spawnSync('sudo', words, { stdio: 'inherit' })
  const back = `rm -rf ${work}/root ${work}/initramfs && chown -R ${owner} ${work} build/cache build/inkpost-*`
  spawnSync('sudo', ['sh', '-c', back], { stdio: 'inherit' })
  process.exitCode = done.status ?? 1
}

function makeImage(): void {
  const started = performance.now()
  const step = (name: string): void =>
    console.error(`${Math.round((performance.now() - started) / 1000)} s: ${name}`)
  const root = resolve(work, 'root')
  const place = (name: string): string => resolve(work, name)
  mkdirSync(work, { recursive: true })
  step('Debian')
  unpackRoot(root, { mirror: process.env['MIRROR'] || undefined, epoch })
  step('inkpost')
  furnish(root, { version, archives })
  step('kernel and initramfs')
  arrangeKernel(root)
  writeInitramfs(root, place('initramfs'), epoch)
  step('boot partition')
  writeBootPartition(root, place('boot'), place('boot.vfat'), epoch)
  writeSlotFiles(root, { version, keys })
  tidy(root)
  const bill = imageBill(root, { version, date: new Date(epoch * 1000) })
  writeFileSync(join(root, 'usr/lib/inkpost-image/image.cdx.json'), bill)
  writeFileSync(`build/inkpost-${version}.cdx.json`, bill)
  step('slot')
  writeSlot(root, place('slot.ext4'), epoch)
  writeDataPartition(place('data.ext4'), epoch)
  step('disk')
  const image = resolve(`build/inkpost-${version}.img`)
  writeDisk(
    { boot: place('boot.vfat'), 'slot-a': place('slot.ext4'), data: place('data.ext4') },
    `${image}.part`,
  )
  renameSync(`${image}.part`, image)
  writeFileSync(place('commit'), commit)
  run('zstd', ['-q', '-f', '-T0', '-10', image, '-o', `${image}.zst`])
  step('done')
  console.log(image)
  const size = (file: string): string => `${Math.round(statSync(file).size / mebibyte)} MiB`
  console.error(`${size(image)}, packed ${size(`${image}.zst`)}, the slot ${size(place('slot.ext4'))}`)
}
