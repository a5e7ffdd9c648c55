import type { PackageFile } from '../package/package-files.ts'

const units = '/usr/lib/systemd/system'
const file = (from: string, to: string): PackageFile => ({ from, to, mode: 0o644 })

/** What `inkpost-box` puts where: the machine that is a box and nothing else. Its programs are in `inkpost`. */
export const boxFiles: readonly PackageFile[] = [
  { ...file('appliance/box/inkpost-firewall.service', `${units}/inkpost-firewall.service`), isStarted: true },
  { ...file('appliance/box/inkpost-screen.service', `${units}/inkpost-screen.service`), isStarted: true },
  file('appliance/firewall/inkpost.nft', '/usr/lib/inkpost/inkpost.nft'),
  file('appliance/firewall/inkpost-closed.nft', '/usr/lib/inkpost/inkpost-closed.nft'),
  file('appliance/box/60-inkpost-screen.rules', '/usr/lib/udev/rules.d/60-inkpost-screen.rules'),
  file('appliance/box/logind.conf', '/usr/lib/systemd/logind.conf.d/inkpost-box.conf'),
  file('appliance/box/sysctl.conf', '/usr/lib/sysctl.d/60-inkpost-box.conf'),
  file('appliance/box/modules-load.conf', '/usr/lib/modules-load.d/inkpost-box.conf'),
  {
    from: 'appliance/encryption/inkpost-encrypt-data',
    to: '/usr/sbin/inkpost-encrypt-data',
    mode: 0o755,
  },
  file('NOTICE', '/usr/share/doc/inkpost-box/copyright'),
]
