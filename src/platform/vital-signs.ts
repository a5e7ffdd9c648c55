import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Clock } from '../core/clock.ts'
import { type MachineHealth, powerTroubles } from '../core/machine-health.ts'
import { flashOf } from './flash-wear.ts'
import { KernelFiles } from './kernel-files.ts'
import { machine } from './machine.ts'
import { nameServersOf, networkOf, routerOf } from './network-ports.ts'
import { isTimeSynchronised } from './time-service.ts'

export interface VitalSignsParts {
  readonly clock: Pick<Clock, 'isBelievable'>
  readonly dataDirectory: string
  /** Where `proc`, `sys` and `etc` are. */
  readonly root?: string
}

/** Asks the kernel's files, and nothing that starts a program but once for the machine's name. */
export async function vitalSigns({
  clock,
  dataDirectory,
  root = '/',
}: VitalSignsParts): Promise<MachineHealth> {
  const kernel = new KernelFiles(root)
  const [about, uptime, temperature, power, memory, load, disk, flash, network, router, nameServers, rtc] =
    await Promise.all([
      machine(),
      kernel.numbers('proc/uptime'),
      temperatureOf(kernel),
      powerOf(kernel),
      memoryOf(kernel),
      kernel.numbers('proc/loadavg'),
      diskOf(dataDirectory),
      flashOf(kernel, dataDirectory),
      networkOf(kernel),
      routerOf(kernel),
      nameServersOf(kernel),
      kernel.folder('sys/class/rtc'),
    ])
  const synchronised = isTimeSynchronised()
  const [upSeconds] = uptime
  const [perMinute, , per15Minutes] = load
  return {
    machine: about,
    ...(upSeconds !== undefined && { uptimeMs: upSeconds * 1000 }),
    ...(temperature !== undefined && { temperature }),
    ...(power && { power }),
    ...(memory && { memory }),
    ownMemory: process.memoryUsage.rss(),
    ...(perMinute !== undefined &&
      per15Minutes !== undefined && {
        load: { perMinute, per15Minutes, processors: availableParallelism() },
      }),
    ...(disk && { disk }),
    ...(flash && { flash }),
    time: {
      believable: clock.isBelievable(),
      ...(synchronised !== undefined && { synchronised }),
      hasBattery: rtc.length > 0,
    },
    network,
    ...(router !== undefined && { router }),
    nameServers,
  }
}

/** Millidegrees; a sensor that is not there says 0 or something impossible. */
async function temperatureOf(kernel: KernelFiles): Promise<number | undefined> {
  const zones = await kernel.folder('sys/class/thermal')
  const readings = await Promise.all(
    zones
      .filter((name) => name.startsWith('thermal_zone'))
      .map((name) => kernel.number(`sys/class/thermal/${name}/temp`)),
  )
  const degrees = readings
    .filter((reading) => reading !== undefined)
    .map((reading) => reading / 1000)
    .filter((celsius) => celsius > 1 && celsius < 150)
  return degrees.length > 0 ? Math.max(...degrees) : undefined
}

/** Bits 0 to 3 hold now, 16 to 19 have held since boot (raspberrypi.com, "vcgencmd get_throttled"). */
async function powerOf(kernel: KernelFiles): Promise<MachineHealth['power']> {
  const text = await kernel.text('sys/devices/platform/soc/soc:firmware/get_throttled')
  if (text === undefined || !/^(0x)?[0-9a-f]+$/i.test(text)) return undefined
  const bits = Number.parseInt(text, 16)
  const at = (first: number) => powerTroubles.filter((_, index) => (bits >> (first + index)) & 1)
  return { now: at(0), sinceBoot: at(16) }
}

/** proc_meminfo(5): kibibytes. */
async function memoryOf(kernel: KernelFiles): Promise<MachineHealth['memory']> {
  const text = (await kernel.text('proc/meminfo')) ?? ''
  const octets = (key: string): number | undefined => {
    const found = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
    return found === undefined ? undefined : Number(found) * 1024
  }
  const [total, available] = [octets('MemTotal'), octets('MemAvailable')]
  if (total === undefined || available === undefined) return undefined
  return { total, available, swapUsed: (octets('SwapTotal') ?? 0) - (octets('SwapFree') ?? 0) }
}

async function diskOf(folder: string): Promise<MachineHealth['disk']> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return { total: blocks * bsize, free: bavail * bsize }
}
