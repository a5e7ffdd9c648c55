// Debian trixie as an administrator has it, made from the mirror once and kept under the hash of its package list.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { emulateArm64 } from '../../appliance/package/emulation.ts'
import { run } from '../../appliance/package/run.ts'
import type { Debian } from './archives.ts'

const suite = 'trixie'
/** What the package depends on; a real machine has it, or apt brings it. */
const common = 'systemd,systemd-sysv,libstdc++6,libatomic1,libgcc-s1,iproute2,ca-certificates'
const bootable = 'dbus,udev,curl,linux-image-cloud-amd64,initramfs-tools'
/** A machine that is a box; behind the first line what its LAN and its sticks are made of. */
const box =
  'dbus,udev,curl,linux-image-amd64,initramfs-tools,zstd,nftables,procps,util-linux-extra,systemd-timesyncd,systemd-resolved,wpasupplicant,' +
  'hostapd,iw,dnsmasq-base,iputils-ping,socat,openssl,dosfstools,exfatprogs,e2fsprogs'
/** Which root: with a kernel of the cloud for amd64, with all its drivers for a box. */
type RootKind = Debian | 'box'
const packages: Readonly<Record<RootKind, string>> = {
  amd64: `${common},${bootable}`,
  arm64: common,
  box: `${common},${box}`,
}
const architectureOf = (kind: RootKind): Debian => (kind === 'box' ? 'amd64' : kind)
/** No manuals, no translations: as small as the image. */
const excluded = ['/usr/share/man/*', '/usr/share/locale/*', '/usr/share/doc/*']

/** A fresh root in a folder of its own; gone when disposed. */
export function debianRoot(kind: RootKind, name: string): Disposable & { readonly path: string } {
  const archive = cachedRoot(kind)
  const path = resolve('build/cache', `${name}-${kind}`)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  run('tar', ['-xf', archive, '-C', path, '--numeric-owner', '--xattrs'])
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

function cachedRoot(kind: RootKind): string {
  const list = `${suite} ${packages[kind]} ${excluded.join(' ')}`
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 16)
  const archive = resolve('build/cache', `root-${kind}-${hash}.tar`)
  if (existsSync(archive)) return archive
  mkdirSync('build/cache', { recursive: true })
  const isOld = (name: string): boolean => name.startsWith(`root-${kind}-`)
  for (const name of readdirSync('build/cache').filter(isOld)) rmSync(join('build/cache', name))
  if (kind === 'arm64') emulateArm64()
  console.error(`Making a root of ${suite} for ${kind} …`)
  run('mmdebstrap', [...flagsOf(kind), suite, `${archive}.part.tar`])
  renameSync(`${archive}.part.tar`, archive)
  return archive
}

const flagsOf = (kind: RootKind): readonly string[] => [
  '--mode=root',
  '--variant=minbase',
  `--architectures=${architectureOf(kind)}`,
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
  ...excluded.map((path) => `--dpkgopt=path-exclude=${path}`),
  `--include=${packages[kind]}`,
]
