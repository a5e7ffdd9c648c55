// What RAUC knows of a box: /etc/rauc/system.conf of a slot.

/** Which bundles fit. */
export const compatible = 'inkpost-arm64'

export interface SystemFacts {
  /** Of the slot that this stands in: what is older is refused, also where nobody of ours asks. */
  readonly version: string
  readonly devices: { readonly a: string; readonly b: string }
}

/** Where the image has it. */
export const keyring = '/etc/rauc/keyring.pem'

/**
 * A slot that was written is not what the next start starts: that is said when it is tried. Which slots are which is kept with
 * the data, which no update overwrites.
 */
export const systemConf = ({ version, devices }: SystemFacts): string => `[system]
compatible=${compatible}
bootloader=uboot
min-bundle-version=${version}
bundle-formats=verity
activate-installed=false
data-directory=/var/lib/inkpost-machine/rauc
mountprefix=/run/rauc/mnt

[keyring]
path=${keyring}

[slot.rootfs.0]
device=${devices.a}
type=ext4
bootname=A

[slot.rootfs.1]
device=${devices.b}
type=ext4
bootname=B
`
