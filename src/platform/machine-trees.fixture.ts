import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MachineHealth } from '../core/machine-health.ts'
import { vitalSigns } from './vital-signs.ts'

/** What a kernel's files say, by their paths. `DATA` stands for the numbers of what holds the data directory. */
export type Tree = Readonly<Record<string, string>>

/** A machine whose kernel says this, with the data directory on its card. */
export async function signsOf(files: Tree, believable = true): Promise<Omit<MachineHealth, 'machine'>> {
  const root = mkdtempSync(join(tmpdir(), 'inkpost-machine-'))
  try {
    const { dev } = statSync(root)
    const numbers = `${Math.floor(dev / 256) & 0xfff}:${(dev & 0xff) | ((dev / 4096) & 0xfff00)}`
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text.replaceAll('DATA', numbers))
    }
    mkdirSync(join(root, 'sys/dev/block'), { recursive: true })
    symlinkSync(`../../${diskOf(files)}`, join(root, 'sys/dev/block', numbers))
    return await vitalSigns({ clock: { isBelievable: () => believable }, dataDirectory: root, root })
  } finally {
    rmSync(root, { recursive: true })
  }
}

const diskOf = (files: Tree): string =>
  (Object.keys(files).find((path) => path.endsWith('/partition')) ?? 'sys/devices/none/none/partition')
    .split('/')
    .slice(1, -1)
    .join('/')

const card = 'sys/devices/mmc/block/mmcblk0'

/**
 * A Raspberry Pi 3 under its maker's kernel: the firmware tells of power, memory pressure is switched off, Wi-Fi is its way.
 * Paths and forms: kernel, ABI/testing (sysfs-fs-ext4, sysfs-class-net, sysfs-class-thermal), block/stat, proc(5).
 */
export const pi3: Tree = {
  'proc/uptime': '93784.12 300000.00\n',
  'proc/loadavg': '0.21 0.15 0.09 1/123 4567\n',
  'proc/meminfo':
    'MemTotal:         436640 kB\nMemFree:           51000 kB\nMemAvailable:     202116 kB\nSwapTotal:        102396 kB\nSwapFree:          98300 kB\n',
  'proc/net/wireless':
    'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0\n',
  'proc/net/route':
    'Iface\tDestination\tGateway \tFlags\nwlan0\t00000000\t0107A8C0\t0003\nwlan0\t0007A8C0\t00000000\t0001\n',
  'proc/self/mountinfo':
    '22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/root ro\n36 22 DATA / /var/lib/inkpost rw,noatime shared:5 - ext4 /dev/mmcblk0p4 rw,errors=remount-ro\n',
  'etc/resolv.conf': '# made by the router\nnameserver 192.168.7.1\nnameserver 1.1.1.1\n',
  'run/systemd/timesync/clock': '',
  'sys/class/thermal/thermal_zone0/temp': '48312\n',
  'sys/class/thermal/thermal_zone1/temp': '0\n',
  'sys/class/thermal/cooling_device0/cur_state': '0\n',
  'sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n',
  'sys/class/net/lo/operstate': 'unknown\n',
  'sys/class/net/ifb0/operstate': 'down\n',
  'sys/class/net/wlan0/device/uevent': 'DRIVER=brcmfmac\n',
  'sys/class/net/wlan0/operstate': 'up\n',
  'sys/class/net/wlan0/address': 'b8:27:eb:00:00:01\n',
  'sys/class/net/wlan0/statistics/rx_errors': '3\n',
  'sys/class/rtc/rtc0/name': 'rtc-ds1307\n',
  [`${card}/stat`]: '1 2 3 4 5 6 2000 8 0 1 2\n',
  [`${card}/device/name`]: 'SC32G\n',
  [`${card}/device/life_time`]: '0x02 0x04\n',
  [`${card}/device/pre_eol_info`]: '0x01\n',
  [`${card}/mmcblk0p4/partition`]: '4\n',
  'sys/fs/ext4/mmcblk0p4/lifetime_write_kbytes': '1000\n',
  'sys/fs/ext4/mmcblk0p4/errors_count': '0\n',
  'sys/fs/ext4/mmcblk0p4/first_error_time': '0\n',
  'sys/fs/ext4/mmcblk0p4/last_error_time': '0\n',
}

/**
 * A Raspberry Pi 4 under Debian's kernel: power by hwmon, heat by a cooling device, pressure by PSI, IPv6 alone, and a card
 * that the kernel found damaged.
 */
export const pi4: Tree = {
  'proc/uptime': '600.00 2000.00\n',
  'proc/loadavg': '1.00 0.90 0.80 2/99 700\n',
  'proc/meminfo':
    'MemTotal:        1894000 kB\nMemAvailable:     900000 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n',
  'proc/pressure/memory':
    'some avg10=40.00 avg60=31.25 avg300=9.00 total=123456\nfull avg10=20.00 avg60=12.50 avg300=4.00 total=65432\n',
  'proc/net/route': 'Iface\tDestination\tGateway \tFlags\n',
  'proc/net/ipv6_route':
    'fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     end0\n00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000ba27ebfffe000002 00000400 00000002 00000000 00000003     end0\n',
  'proc/self/mountinfo':
    '22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk1p2 ro\n36 22 DATA / /var/lib/inkpost rw,noatime shared:5 - ext4 /dev/mmcblk1p4 rw,errors=remount-ro,emergency_ro\n',
  'etc/resolv.conf': 'nameserver fe80::1%end0\n',
  'run/systemd/timesync/synchronized': '',
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '84722\n',
  'sys/class/thermal/cooling_device0/type': 'gpio-fan\n',
  'sys/class/thermal/cooling_device0/cur_state': '1\n',
  'sys/class/thermal/cooling_device1/type': 'cpufreq-cpu0\n',
  'sys/class/thermal/cooling_device1/cur_state': '3\n',
  'sys/class/hwmon/hwmon0/name': 'cpu_thermal\n',
  'sys/class/hwmon/hwmon0/temp1_input': '84722\n',
  'sys/class/hwmon/hwmon1/name': 'rpi_volt\n',
  'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '1\n',
  'sys/class/net/end0/device/uevent': 'DRIVER=bcmgenet\n',
  'sys/class/net/end0/operstate': 'up\n',
  'sys/class/net/end0/address': 'dc:a6:32:00:00:02\n',
  'sys/class/net/end0/speed': '1000\n',
  'sys/devices/emmc/block/mmcblk1/stat': '10 0 80 5 20 0 4096 9 0 9 9 0 0 0 0 3 4\n',
  'sys/devices/emmc/block/mmcblk1/device/name': 'SD32G\n',
  'sys/devices/emmc/block/mmcblk1/mmcblk1p4/partition': '4\n',
  'sys/fs/ext4/mmcblk1p4/lifetime_write_kbytes': '5000\n',
  'sys/fs/ext4/mmcblk1p4/errors_count': '7\n',
  'sys/fs/ext4/mmcblk1p4/first_error_time': '1795934824\n',
  'sys/fs/ext4/mmcblk1p4/last_error_time': '1795938424\n',
}

/** A PC: its processors count how often they were too warm, nobody tells of power, the disk is no card. */
export const pc: Tree = {
  'proc/uptime': '7.50 20.00\n',
  'proc/loadavg': '0.00 0.00 0.00 1/400 1000\n',
  'proc/meminfo': 'MemTotal:       16000000 kB\nMemAvailable:   12000000 kB\n',
  'proc/pressure/memory':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'proc/self/mountinfo': '28 1 DATA / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n',
  'sys/class/thermal/thermal_zone0/temp': '27800\n',
  'sys/class/thermal/thermal_zone1/temp': '52000\n',
  'sys/class/thermal/cooling_device0/type': 'Processor\n',
  'sys/class/thermal/cooling_device0/cur_state': '0\n',
  'sys/class/hwmon/hwmon0/name': 'coretemp\n',
  'sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '2\n',
  'sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count': '3\n',
  'sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq': '3000000\n',
  'sys/class/net/enp1s0/device/uevent': 'DRIVER=e1000e\n',
  'sys/class/net/enp1s0/operstate': 'down\n',
  'sys/class/net/enp1s0/address': '00:11:22:00:00:03\n',
  'sys/class/net/enp1s0/speed': '-1\n',
  'sys/class/rtc/rtc0/name': 'rtc_cmos\n',
  'sys/devices/ata/block/sda/stat': '1 1 1 1 1 1 10 1 1 1 1\n',
  'sys/devices/ata/block/sda/device/model': 'TOSHIBA DT01\n',
  'sys/devices/ata/block/sda/sda1/partition': '1\n',
  'sys/fs/ext4/sda1/lifetime_write_kbytes': '3\n',
  'sys/fs/ext4/sda1/errors_count': '0\n',
}
