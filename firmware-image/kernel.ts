import { cpSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../appliance/package/run.ts'

/** Patterns below `kernel/` of the modules. */
const needlessModules: readonly string[] = [
  ...['drivers/gpu/drm/amd', 'drivers/gpu/drm/nouveau', 'drivers/gpu/drm/radeon', 'drivers/gpu/drm/msm'],
  ...[
    'drivers/infiniband',
    'drivers/media',
    'drivers/staging',
    'drivers/iio',
    // But what a USB stick is to the kernel.
    'drivers/scsi/!(scsi_mod|scsi_common|sd_mod).ko*',
    'drivers/scsi/*/',
    'drivers/message',
  ],
  ...['drivers/net/ethernet/mellanox', 'drivers/net/ethernet/chelsio', 'drivers/net/ethernet/broadcom/bnx2x'],
  ...['drivers/net/wireless/ath', 'drivers/net/wireless/intel', 'drivers/net/wireless/mediatek'],
  ...[
    'drivers/net/wireless/realtek',
    'drivers/net/wireless/ralink',
    'drivers/net/wireless/marvell',
    'drivers/net/can',
  ],
  ...[
    'drivers/isdn',
    'drivers/bluetooth',
    'net/bluetooth',
    'sound',
    'drivers/ata',
    'drivers/nvme',
    'drivers/crypto',
  ],
  ...[
    'fs/btrfs',
    'fs/xfs',
    'fs/ocfs2',
    'fs/gfs2',
    'fs/nfs',
    'fs/nfsd',
    'fs/smb',
    'fs/ceph',
    'fs/f2fs',
    'fs/bcachefs',
  ],
]

/** Kernel and device trees where boot.cmd looks for them, modules without those that nobody needs. */
export function arrangeKernel(root: string): void {
  const version = kernelVersion(root)
  const boot = join(root, 'boot')
  renameSync(join(boot, `vmlinuz-${version}`), join(boot, 'Image'))
  for (const name of [`System.map-${version}`, `config-${version}`]) rmSync(join(boot, name), { force: true })
  const trees = join(root, `usr/lib/linux-image-${version}`)
  mkdirSync(join(boot, 'dtb'), { recursive: true })
  cpSync(join(trees, 'broadcom'), join(boot, 'dtb/broadcom'), { recursive: true })
  rmSync(trees, { recursive: true })
  const modules = join(root, 'usr/lib/modules', version)
  for (const pattern of needlessModules)
    for (const place of globSync(join(modules, 'kernel', pattern))) rmSync(place, { recursive: true })
  // By the machine that builds: the emulated one takes minutes.
  run('depmod', ['-b', root, version])
}

/** The one kernel that is in a root. */
export function kernelVersion(root: string): string {
  const [folder, ...others] = globSync(join(root, 'usr/lib/modules/*'))
  if (folder === undefined || others.length > 0) throw new Error(`${root} has not one kernel`)
  return basename(folder)
}
