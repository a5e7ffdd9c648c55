import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { MachineHealth } from '../core/machine-health.ts'
import { fileSystemOf } from './file-system.ts'
import { flashOf } from './flash-wear.ts'
import { KernelFiles } from './kernel-files.ts'
import { memoryOf } from './memory-signs.ts'
import { nameServersOf, networkOf, routerOf } from './network-ports.ts'
import { powerOf } from './power-signs.ts'
import { temperatureOf, throttlingOf } from './temperature.ts'
import { isTimeSynchronised } from './time-service.ts'

export interface VitalSignsParts {
  readonly clock: Pick<Clock, 'isBelievable'>
  readonly dataDirectory: string
  /** Where `proc`, `sys`, `run` and `etc` are. */
  readonly root?: string
}

/** Everything but the machine's name: asks the kernel's files, starts no program, and needs no rights. */
export async function vitalSigns({
  clock,
  dataDirectory,
  root = '/',
}: VitalSignsParts): Promise<Omit<MachineHealth, 'machine'>> {
  const kernel = new KernelFiles(root)
  const [uptime, temperature, throttling, power, memory, load] = await Promise.all([
    kernel.numbers('proc/uptime'),
    temperatureOf(kernel),
    throttlingOf(kernel),
    powerOf(kernel),
    memoryOf(kernel),
    kernel.numbers('proc/loadavg'),
  ])
  const [disk, fileSystem, flash, network, router, nameServers, rtc] = await Promise.all([
    diskOf(dataDirectory),
    fileSystemOf(kernel, dataDirectory),
    flashOf(kernel, dataDirectory),
    networkOf(kernel),
    routerOf(kernel),
    nameServersOf(kernel),
    kernel.folder('sys/class/rtc'),
  ])
  const synchronised = isTimeSynchronised(join(root, 'run/systemd/timesync'))
  const [upSeconds] = uptime
  const [perMinute, , per15Minutes] = load
  return {
    ...(upSeconds !== undefined && { uptimeMs: upSeconds * 1000 }),
    ...(temperature !== undefined && { temperature }),
    ...(power && { power }),
    ...(throttling && { throttling }),
    ...(memory && { memory }),
    ownMemory: process.memoryUsage.rss(),
    ...(perMinute !== undefined &&
      per15Minutes !== undefined && {
        load: { perMinute, per15Minutes, processors: availableParallelism() },
      }),
    ...(disk && { disk }),
    ...(fileSystem && { fileSystem }),
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

async function diskOf(folder: string): Promise<MachineHealth['disk']> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return { total: blocks * bsize, free: bavail * bsize }
}
