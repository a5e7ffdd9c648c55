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
  // Only root's own programs ask the installer, and it starts when one does.
  put('usr/lib/systemd/system/rauc.service.d/inkpost.conf', serviceDropIn)
}

/** Which slot runs, its folder on the data partition, and the boot partition have to be there. */
const serviceDropIn = `[Unit]
After=inkpost-data.service
RequiresMountsFor=/boot/firmware
[Service]
ExecStartPre=/usr/bin/mkdir -p -m 0700 /var/lib/inkpost-machine/rauc
`
