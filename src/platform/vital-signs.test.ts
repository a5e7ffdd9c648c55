import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { healthStates, worstOf } from '../core/machine-health.ts'
import { pc, pi3, pi4, signsOf } from './machine-trees.fixture.ts'

const nameless = { manufacturer: '', model: '', serial: '' }

describe('vital signs', () => {
  it("reads what a Raspberry Pi 3 says under its maker's kernel", async () => {
    const { ownMemory, disk, time, ...health } = await signsOf(pi3)
    const { processors, ...load } = health.load ?? {}
    assert.deepEqual(
      { ...health, load },
      {
        uptimeMs: 93_784_120,
        temperature: 48.312,
        power: { now: ['undervoltage', 'throttled'], sinceBoot: ['undervoltage', 'throttled'] },
        memory: { total: 436_640 * 1024, available: 202_116 * 1024, swapUsed: 4096 * 1024 },
        load: { perMinute: 0.21, per15Minutes: 0.09 },
        fileSystem: { isReadOnly: false, errors: 0 },
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
    assert.deepEqual(time, { believable: true, synchronised: false, hasBattery: true })
  })

  it("reads what a Raspberry Pi 4 says under Debian's kernel", async () => {
    const { ownMemory: _, disk: _disk, uptimeMs: _up, load: _load, ...health } = await signsOf(pi4)
    assert.deepEqual(health, {
      temperature: 84.722,
      power: { now: ['undervoltage'], sinceBoot: [] },
      throttling: { isNow: true },
      memory: {
        total: 1_894_000 * 1024,
        available: 900_000 * 1024,
        swapUsed: 0,
        pressure: { some: 31.25, full: 12.5 },
      },
      fileSystem: {
        isReadOnly: true,
        errors: 7,
        firstErrorAt: 1_795_934_824_000,
        lastErrorAt: 1_795_938_424_000,
      },
      flash: {
        device: 'mmcblk1',
        model: 'SD32G',
        writtenSinceBoot: 4096 * 512,
        writtenEver: 5000 * 1024,
      },
      time: { believable: true, synchronised: true, hasBattery: false },
      network: [{ name: 'end0', isUp: true, addresses: [], mac: 'dc:a6:32:00:00:02', speed: 1000 }],
      router: 'fe80::ba27:ebff:fe00:2',
      nameServers: ['fe80::1%end0'],
    })
  })

  it('reads what a PC says', async () => {
    const { ownMemory: _, disk: _disk, load: _load, ...health } = await signsOf(pc)
    assert.deepEqual(health, {
      uptimeMs: 7500,
      temperature: 52,
      throttling: { isNow: false, sinceBoot: 5 },
      memory: {
        total: 16_000_000 * 1024,
        available: 12_000_000 * 1024,
        swapUsed: 0,
        pressure: { some: 0, full: 0 },
      },
      fileSystem: { isReadOnly: false, errors: 0 },
      flash: { device: 'sda', model: 'TOSHIBA DT01', writtenSinceBoot: 5120, writtenEver: 3072 },
      time: { believable: true, hasBattery: true },
      network: [{ name: 'enp1s0', isUp: false, addresses: [], mac: '00:11:22:00:00:03' }],
      nameServers: [],
    })
  })

  it('invents nothing where a machine says nothing', async () => {
    const {
      ownMemory: _own,
      disk: _disk,
      time,
      ...health
    } = await signsOf({
      'proc/meminfo': 'nonsense',
      'proc/loadavg': '',
      'proc/self/mountinfo': '1 2 3',
      'proc/pressure/memory': '',
      'proc/net/ipv6_route': '',
      'sys/class/hwmon/hwmon0/name': 'rpi_volt',
      'sys/devices/platform/soc/soc:firmware/get_throttled': 'no',
      'sys/class/thermal/thermal_zone0/temp': '-273000',
    })
    assert.deepEqual(health, { network: [], nameServers: [] })
    assert.equal(time.hasBattery, false)
  })

  it('names the worst that is known', async () => {
    const calm = {
      machine: nameless,
      ...(await signsOf({ ...pi3, 'sys/devices/platform/soc/soc:firmware/get_throttled': '0' })),
      disk: { total: 8e9, free: 4e9 },
      time: { believable: true, hasBattery: true },
    }
    assert.equal(worstOf(calm), 'ok')
    assert.equal(worstOf({ machine: nameless, ...(await signsOf(pi3)) }), 'trouble')
    assert.equal(worstOf({ ...calm, time: { believable: false, hasBattery: false } }), 'trouble')
    assert.equal(worstOf({ ...calm, fileSystem: { isReadOnly: false, errors: 1 } }), 'attention')
    assert.equal(worstOf({ ...calm, disk: { ...calm.disk, hoursLeft: 3 } }), 'trouble')
  })

  for (const [what, state, wanted] of [
    ['74 °C', healthStates.temperature(74), 'attention'],
    ['80 °C', healthStates.temperature(80), 'trouble'],
    ['a processor that is held back', healthStates.temperature(60, { isNow: true }), 'trouble'],
    [
      'an undervoltage that is over',
      healthStates.power({ now: [], sinceBoot: ['undervoltage'] }),
      'attention',
    ],
    ['a twentieth of the memory', healthStates.memory({ total: 1000, available: 49 }), 'trouble'],
    [
      'everything waits for memory',
      healthStates.memory({ total: 1000, available: 500, pressure: { some: 40, full: 10 } }),
      'trouble',
    ],
    ['a file system that takes nothing', healthStates.fileSystem({ isReadOnly: true }), 'trouble'],
    ['a disk that is full in a day', healthStates.disk({ free: 5e9, hoursLeft: 24 }), 'attention'],
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
