// What a slot needs so that the next one can be written: what RAUC knows of the card, whom it trusts, and where the boot
// loader keeps its tries.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningKeys } from './keys.ts'
import { keyring, systemConf } from './system-conf.ts'

export interface SlotFacts {
  readonly version: string
  readonly keys: Pick<SigningKeys, 'authority'>
}

const devices = { a: '/dev/inkpost/slot-a', b: '/dev/inkpost/slot-b' }

/**
 * The first of the two files that boot.cmd reads (libubootenv's fw_env.config): file, offset, octets. Of the other one every
 * start makes a copy; a write that a power cut tears is none by its checksum, and the copy holds.
 */
const bootState = '/boot/firmware/inkpost-boot-1.env 0x0 0x1000\n'

export function writeSlotFiles(root: string, { version, keys }: SlotFacts): void {
  const put = (path: string, text: string): void => {
    const place = join(root, path)
    mkdirSync(join(place, '..'), { recursive: true })
    writeFileSync(place, text)
    chmodSync(place, 0o644)
  }
  put('etc/rauc/system.conf', systemConf({ version, devices }))
  put('etc/fw_env.config', bootState)
  copyFileSync(keys.authority, join(root, keyring))
  chmodSync(join(root, keyring), 0o644)
  // It starts when somebody asks.
  put('usr/lib/systemd/system/rauc.service.d/inkpost.conf', serviceDropIn)
  put('usr/lib/systemd/system/inkpost-update-start.service.d/inkpost.conf', startDropIn)
  put('etc/dbus-1/system.d/inkpost-rauc.conf', busPolicy)
}

/** Which slot runs, its folder on the data partition, and the boot partition have to be there. Mail goes first meanwhile. */
const serviceDropIn = `[Unit]
After=inkpost-data.service
RequiresMountsFor=/boot/firmware
[Service]
Nice=15
IOSchedulingClass=idle
ExecStartPre=/usr/bin/mkdir -p -m 0700 /var/lib/inkpost-machine/rauc
`

/**
 * Started by systemd, which waits; who asks by the bus waits 25 s for it, and a cold start of a worn card takes longer. What is
 * on trial stands with the data: a slot that does not find them is not called good.
 */
const startDropIn = `[Unit]
ConditionPathIsMountPoint=/data
Wants=rauc.service
After=rauc.service
`

/** Debian's own lets every user of the machine order the installer about: the gateway, too, whoever has taken that over. */
const busPolicy = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy context="default">
    <deny send_destination="de.pengutronix.rauc"/>
  </policy>
  <policy user="root">
    <allow send_destination="de.pengutronix.rauc"/>
  </policy>
</busconfig>
`
