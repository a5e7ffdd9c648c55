// Sees that the independent clients of the tests are there: installs them from Debian where it may, else says in one
// line what to install and fails.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const needs: Readonly<Record<string, readonly { readonly file: string; readonly debian: string }[]>> = {
  test: [
    { file: 'swaks', debian: 'swaks' },
    { file: 'curl', debian: 'curl' },
    { file: 'openssl', debian: 'openssl' },
    { file: 'python3', debian: 'python3' },
    { file: '/sbin/ip|/usr/sbin/ip', debian: 'iproute2' },
    {
      file: '/usr/share/perl5/Net/SSLeay.pm|/usr/lib/x86_64-linux-gnu/perl5/5.36/Net/SSLeay.pm',
      debian: 'libnet-ssleay-perl',
    },
    { file: '/usr/share/perl5/Authen/SASL.pm', debian: 'libauthen-sasl-perl' },
    { file: '/usr/share/perl5/Digest/HMAC_MD5.pm', debian: 'libdigest-hmac-perl' },
    { file: 'sslscan', debian: 'sslscan' },
    // TLS that OpenSSL has no more: test/tls.
    { file: 'javac', debian: 'openjdk-17-jdk-headless' },
    { file: 'tstclnt', debian: 'libnss3-tools' },
    { file: 'gnutls-cli', debian: 'gnutls-bin' },
    // A box in namespaces: test/network.
    { file: '/lib/systemd/systemd-networkd', debian: 'systemd' },
    { file: '/usr/bin/dbus-daemon', debian: 'dbus' },
    { file: '/usr/sbin/dnsmasq', debian: 'dnsmasq-base' },
    { file: '/usr/sbin/avahi-daemon', debian: 'avahi-daemon' },
    { file: 'avahi-resolve-host-name', debian: 'avahi-utils' },
    { file: 'dig', debian: 'bind9-dnsutils' },
    { file: 'busybox', debian: 'busybox-static' },
    { file: 'pgrep', debian: 'procps' },
    // The receiver of alerts: test/syslog-server.ts.
    { file: '/usr/sbin/rsyslogd', debian: 'rsyslog' },
    {
      file: '/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so|/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so',
      debian: 'rsyslog-gnutls',
    },
    { file: '/usr/share/java/bctls.jar', debian: 'libbctls-java' },
    // A share for nightly copies: src/gateway/backup/targets.
    { file: '/usr/sbin/smbd', debian: 'samba' },
    { file: 'smbclient', debian: 'smbclient' },
    // Updates by slots: test/update.
    { file: 'rauc', debian: 'rauc' },
    { file: 'mksquashfs', debian: 'squashfs-tools' },
    // Servers that are not ours: test/independent.
    { file: '/usr/sbin/postfix', debian: 'postfix' },
    { file: '/usr/sbin/dovecot', debian: 'dovecot-core' },
    // The paste for Microsoft: test/azure-script and src/papers.
    { file: 'shellcheck', debian: 'shellcheck' },
    { file: '/usr/lib/python3/dist-packages/jmespath/__init__.py', debian: 'python3-jmespath' },
    // The closed machine: test/box, appliance.
    { file: '/usr/sbin/nft|/sbin/nft', debian: 'nftables' },
    { file: '/usr/sbin/cryptsetup|/sbin/cryptsetup', debian: 'cryptsetup-bin' },
    // Sticks as people have them: appliance/machine.
    { file: '/sbin/mkfs.vfat|/usr/sbin/mkfs.vfat', debian: 'dosfstools' },
    { file: '/sbin/mkfs.exfat|/usr/sbin/mkfs.exfat', debian: 'exfatprogs' },
    { file: 'ping', debian: 'iputils-ping' },
    { file: 'strace', debian: 'strace' },
    // Cards after a power cut: firmware-image/test/power.
    { file: '/usr/sbin/fsck.vfat|/sbin/fsck.vfat', debian: 'dosfstools' },
    { file: 'mcopy', debian: 'mtools' },
    { file: '/usr/sbin/sfdisk|/sbin/sfdisk', debian: 'fdisk' },
    { file: '/usr/sbin/debugfs|/sbin/debugfs', debian: 'e2fsprogs' },
    // What systemd makes of the package's units: test/package.
    { file: 'systemd-analyze', debian: 'systemd' },
    // The console's pages, also in Arabic and Japanese: test/browser.
    { file: 'chromium', debian: 'chromium' },
    { file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', debian: 'fonts-noto-cjk' },
    { file: '/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf', debian: 'fonts-noto-core' },
  ],
  bench: [{ file: '/usr/sbin/postfix', debian: 'postfix' }],
  // The package (appliance/package).
  deb: [
    { file: 'dpkg-deb', debian: 'dpkg' },
    { file: 'git', debian: 'git' },
    { file: 'x86_64-linux-gnu-strip', debian: 'binutils-x86-64-linux-gnu' },
    { file: 'aarch64-linux-gnu-strip', debian: 'binutils-aarch64-linux-gnu' },
  ],
  // Updates (firmware-image/update).
  bundle: [
    { file: 'rauc', debian: 'rauc' },
    { file: 'mksquashfs', debian: 'squashfs-tools' },
    { file: 'openssl', debian: 'openssl' },
  ],
  // A machine to install it on, for each architecture, and one that boots: test/package.
  'deb-test': [
    { file: 'mmdebstrap', debian: 'mmdebstrap' },
    { file: 'arch-test', debian: 'arch-test' },
    { file: '/usr/share/keyrings/debian-archive-keyring.gpg', debian: 'debian-archive-keyring' },
    { file: 'qemu-aarch64-static', debian: 'qemu-user-static' },
    { file: 'qemu-system-x86_64', debian: 'qemu-system-x86' },
    { file: '/sbin/mke2fs|/usr/sbin/mke2fs', debian: 'e2fsprogs' },
    { file: 'lintian', debian: 'lintian' },
  ],
  // The card of a Raspberry Pi (firmware-image).
  image: [
    { file: 'mmdebstrap', debian: 'mmdebstrap' },
    { file: 'arch-test', debian: 'arch-test' },
    { file: '/usr/share/keyrings/debian-archive-keyring.gpg', debian: 'debian-archive-keyring' },
    { file: 'qemu-aarch64-static', debian: 'qemu-user-static' },
    { file: '/sbin/depmod|/usr/sbin/depmod', debian: 'kmod' },
    { file: 'cpio', debian: 'cpio' },
    { file: 'zstd', debian: 'zstd' },
    { file: 'xz', debian: 'xz-utils' },
    { file: 'mkimage', debian: 'u-boot-tools' },
    { file: 'mcopy', debian: 'mtools' },
    { file: '/sbin/mkfs.vfat|/usr/sbin/mkfs.vfat', debian: 'dosfstools' },
    { file: '/sbin/sfdisk|/usr/sbin/sfdisk', debian: 'fdisk' },
    { file: '/sbin/mke2fs|/usr/sbin/mke2fs', debian: 'e2fsprogs' },
  ],
  // Machines that boot it: firmware-image/test.
  'image-test': [
    { file: 'qemu-system-aarch64', debian: 'qemu-system-arm' },
    { file: '/usr/lib/u-boot/qemu_arm64/u-boot.bin', debian: 'u-boot-qemu' },
    { file: 'busybox', debian: 'busybox-static' },
    { file: 'swaks', debian: 'swaks' },
  ],
}
/** What is needed for what; the tests build the package too. */
const parts: Readonly<Record<string, readonly string[]>> = {
  test: ['test', 'deb'],
  bench: ['test', 'bench'],
  deb: ['deb'],
  bundle: ['bundle'],
  'deb-test': ['deb', 'deb-test'],
  image: ['deb', 'image'],
  'image-test': ['deb', 'image', 'image-test'],
}

const daemons: Readonly<Record<string, readonly string[]>> = {
  postfix: ['postfix.service'],
  samba: ['smbd.service', 'nmbd.service', 'samba-ad-dc.service'],
  'dovecot-core': ['dovecot.service', 'dovecot.socket'],
}

const purpose = process.argv[2] ?? 'test'
const wanted = (parts[purpose] ?? []).flatMap((part) => needs[part] ?? [])
const missing = [...new Set(wanted.filter((need) => !isThere(need.file)).map((need) => need.debian))]
if (missing.length > 0) install(missing)
if (parts[purpose]?.includes('test')) installWorkspace('test/azurite', 'azurite')

function isThere(file: string): boolean {
  if (file.startsWith('/')) return file.split('|').some((path) => existsSync(path))
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${file}`))
}

function install(packages: readonly string[]): void {
  const command = `apt-get install -y ${packages.join(' ')}`
  if (process.getuid?.() !== 0) {
    fail(`make ${purpose} needs: sudo ${command}`)
    return
  }
  console.error(`Installing ${packages.join(', ')} …`)
  using _ = withoutDaemons(packages)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  const { status } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  })
  if (status !== 0) fail(`could not install; by hand: ${command}`)
}

/** What only tests need and weighs more than all else: an npm folder of its own, from its own lockfile. */
function installWorkspace(folder: string, name: string): void {
  const installed = join(folder, 'node_modules/.installed')
  const lockfile = join(folder, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  console.error(`Installing ${name} …`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // By the system's Node, as in `make setup`: the pinned one does not know what the machine trusts.
  const path = (process.env['PATH'] ?? '').split(':').filter((part) => !part.endsWith('node_modules/.bin'))
  const { status } = spawnSync('npm', ['ci', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: path.join(':') },
  })
  if (status === 0) writeFileSync(installed, '')
  else fail(`could not install ${name}; by hand: cd ${folder} && npm ci ${flags.join(' ')}`)
}

/**
 * The tests start what they need by themselves, on loopback: a package must neither start its daemon while it is installed
 * (Debian's policy-rc.d) nor at the next boot (masked units). A policy that is there already stays.
 */
function withoutDaemons(packages: readonly string[]): Disposable {
  const policy = '/usr/sbin/policy-rc.d'
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const units = packages.flatMap((one) => daemons[one] ?? [])
  if (units.length > 0 && existsSync('/run/systemd/system')) {
    const { status } = spawnSync('systemctl', ['mask', ...units], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) console.error(`could not mask ${units.join(', ')}: they may start at the next boot`)
  }
  return {
    [Symbol.dispose]: () => {
      if (isOurs) rmSync(policy, { force: true })
    },
  }
}

function fail(sentence: string): void {
  console.error(sentence)
  process.exitCode = 1
}
