import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { healthStates, type MachineHealth, worstOf } from '../core/machine-health.ts'
import { vitalSigns } from './vital-signs.ts'

/** A machine whose kernel says this, with the data directory on its card. */
async function healthOf(files: Readonly<Record<string, string>>, believable = true): Promise<MachineHealth> {
  const root = mkdtempSync(join(tmpdir(), 'inkpost-machine-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const { dev } = statSync(root)
    const [major, minor] = [Math.floor(dev / 256) & 0xfff, (dev & 0xff) | ((dev / 4096) & 0xfff00)]
    mkdirSync(join(root, 'sys/dev/block'), { recursive: true })
    symlinkSync('../../devices/mmc/block/mmcblk0/mmcblk0p2', join(root, `sys/dev/block/${major}:${minor}`))
    return await vitalSigns({ clock: { isBelievable: () => believable }, dataDirectory: root, root })
  } finally {
    rmSync(root, { recursive: true })
  }
}

const card = 'sys/devices/mmc/block/mmcblk0'
const pi = {
  'proc/uptime': '93784.12 300000.00\n',
  'proc/loadavg': '0.21 0.15 0.09 1/123 4567\n',
  'proc/meminfo':
    'MemTotal:         436640 kB\nMemFree:           51000 kB\nMemAvailable:     202116 kB\nSwapTotal:        102396 kB\nSwapFree:          98300 kB\n',
  'proc/net/wireless':
    'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0\n',
  'proc/net/route':
    'Iface\tDestination\tGateway \tFlags\nwlan0\t00000000\t0107A8C0\t0003\nwlan0\t0007A8C0\t00000000\t0001\n',
  'etc/resolv.conf': '# made by the router\nnameserver 192.168.7.1\nnameserver 1.1.1.1\n',
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
  [`${card}/mmcblk0p2/partition`]: '2\n',
  'sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes': '1000\n',
} as const

describe('vital signs', () => {
  it('reads what a Raspberry Pi says', async () => {
    const { machine: _, ownMemory, disk, time, ...health } = await healthOf(pi)
    const { processors, ...load } = health.load ?? {}
    assert.deepEqual(
      { ...health, load },
      {
        uptimeMs: 93_784_120,
        temperature: 48.312,
        power: { now: ['undervoltage', 'throttled'], sinceBoot: ['undervoltage', 'throttled'] },
        memory: { total: 436_640 * 1024, available: 202_116 * 1024, swapUsed: 4096 * 1024 },
        load: { perMinute: 0.21, per15Minutes: 0.09 },
        flash: {
          device: 'mmcblk0',
          model: 'SC32G',
          writtenSinceBoot: 1_024_000,
          writtenEver: 1_024_000,
          lifeUsed: 40,
          reserve: 'normal',
        },
        network: [
          { name: 'wlan0', isUp: true, addresses: [], mac: 'b8:27:eb:00:00:01', signal: -56, damaged: 3 },
        ],
        router: '192.168.7.1',
        nameServers: ['192.168.7.1', '1.1.1.1'],
      },
    )
    assert.ok((processors ?? 0) >= 1)
    assert.ok(ownMemory > 10e6)
    assert.ok(disk !== undefined && disk.total > disk.free && disk.free > 0)
    assert.equal(time.hasBattery, true)
  })

  it('invents nothing where a machine says nothing', async () => {
    const {
      machine: _,
      ownMemory: _own,
      disk: _disk,
      time,
      ...health
    } = await healthOf({
      'proc/meminfo': 'nonsense',
      'proc/loadavg': '',
      'sys/devices/platform/soc/soc:firmware/get_throttled': 'no',
      'sys/class/thermal/thermal_zone0/temp': '-273000',
    })
    assert.deepEqual(health, { network: [], nameServers: [] })
    assert.equal(time.hasBattery, false)
  })

  it('names the worst that is known', async () => {
    const calm = await healthOf({ ...pi, 'sys/devices/platform/soc/soc:firmware/get_throttled': '0' })
    const states = {
      calm: worstOf({
        ...calm,
        disk: { total: 8e9, free: 4e9 },
        time: { believable: true, hasBattery: true },
      }),
    }
    assert.deepEqual(states, { calm: 'ok' })
    assert.equal(worstOf(await healthOf(pi)), 'trouble')
    assert.equal(worstOf({ ...calm, time: { believable: false, hasBattery: false } }), 'trouble')
  })

  for (const [what, state, wanted] of [
    ['74 °C', healthStates.temperature(74), 'attention'],
    ['80 °C', healthStates.temperature(80), 'trouble'],
    [
      'an undervoltage that is over',
      healthStates.power({ now: [], sinceBoot: ['undervoltage'] }),
      'attention',
    ],
    ['a twentieth of the memory', healthStates.memory({ total: 1000, available: 49 }), 'trouble'],
    ['a disk that refuses mail', healthStates.disk({ free: 400e6 }), 'trouble'],
    [
      'cells at the end of their life',
      healthStates.flash({ device: '', model: '', lifeUsed: 110 }),
      'trouble',
    ],
    [
      'a clock that nobody has set',
      healthStates.time({ believable: true, synchronised: false, hasBattery: true }),
      'attention',
    ],
    ['a radio that hardly hears', healthStates.signal(-84), 'trouble'],
  ] as const)
    it(`${what}: ${wanted}`, () => assert.equal(state, wanted))
})
