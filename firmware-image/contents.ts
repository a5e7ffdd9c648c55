// Which packages of Debian are on the card. Another text here makes the root anew.

export const suite = 'trixie'
/** Raspberry Pi's boot firmware and that of its radios are not free software. */
export const components = 'main,non-free-firmware'

/** Installed. No editor, no SSH, no Python: what is not there can't be taken over, nor go stale. */
export const packages: readonly string[] = [
  ...['systemd', 'systemd-sysv', 'systemd-resolved', 'systemd-timesyncd', 'udev', 'dbus', 'kmod'],
  ...['iproute2', 'nftables', 'procps', 'ca-certificates', 'tzdata'],
  ...['e2fsprogs', 'dosfstools', 'fdisk', 'systemd-zram-generator'],
  // What the packages of inkpost depend on.
  ...['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1', 'util-linux-extra'],
  // Nightly copies to a share.
  'smbclient',
  ...['wpasupplicant', 'wireless-regdb', 'firmware-brcm80211'],
  // Updates into the other slot.
  ...['rauc', 'rauc-service', 'libubootenv-tool'],
]

/**
 * Unpacked, not installed: their scripts would make an initramfs and a boot partition of their own, for minutes, by an
 * emulated processor. The kernel is what `linux-image-arm64` names.
 */
export const unpacked: readonly string[] = [
  'linux-image-arm64',
  'u-boot-rpi',
  'raspi-firmware',
  'busybox-static',
]

/** No manuals, no translations; licences stay. */
export const excluded: readonly string[] = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  // What keyboards and mice are called: a minute of an emulated processor, and 12 MB.
  'path-exclude=/usr/lib/udev/hwdb.d/*',
]
