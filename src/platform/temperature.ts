import type { MachineHealth } from '../core/machine-health.ts'
import type { KernelFiles } from './kernel-files.ts'

/** Degrees Celsius of the warmest zone. Millidegrees; a sensor that is not there says 0 or something impossible. */
export async function temperatureOf(kernel: KernelFiles): Promise<number | undefined> {
  const zones = await thermal(kernel, 'thermal_zone')
  const readings = await Promise.all(zones.map((zone) => kernel.number(`${zone}/temp`)))
  const degrees = readings
    .filter((reading) => reading !== undefined)
    .map((reading) => reading / 1000)
    .filter((celsius) => celsius > 1 && celsius < 150)
  return degrees.length > 0 ? Math.max(...degrees) : undefined
}

/**
 * Whether processors are held back for their heat: by a cooling device of cpufreq (kernel, driver-api/thermal/sysfs-api:
 * `cpufreq-cpu0`, `thermal-cpufreq-0`; a state above 0 cools), or as x86 counts it (`thermal_throttle`), which tells no now.
 */
export async function throttlingOf(kernel: KernelFiles): Promise<MachineHealth['throttling']> {
  const [coolers, counts] = await Promise.all([cpuCoolers(kernel), throttleCounts(kernel)])
  if (coolers.length === 0 && counts.length === 0) return undefined
  return {
    isNow: coolers.some((state) => state > 0),
    ...(counts.length > 0 && { sinceBoot: counts.reduce((sum, count) => sum + count, 0) }),
  }
}

async function cpuCoolers(kernel: KernelFiles): Promise<readonly number[]> {
  const devices = await thermal(kernel, 'cooling_device')
  const states = devices.map(async (device) => {
    const type = (await kernel.text(`${device}/type`)) ?? ''
    return /cpufreq/.test(type) ? kernel.number(`${device}/cur_state`) : undefined
  })
  return (await Promise.all(states)).filter((state) => state !== undefined)
}

async function throttleCounts(kernel: KernelFiles): Promise<readonly number[]> {
  const folder = 'sys/devices/system/cpu'
  const cores = (await kernel.folder(folder)).filter((name) => /^cpu\d+$/.test(name))
  const counts = cores.map((core) => kernel.number(`${folder}/${core}/thermal_throttle/core_throttle_count`))
  return (await Promise.all(counts)).filter((count) => count !== undefined)
}

async function thermal(kernel: KernelFiles, prefix: string): Promise<readonly string[]> {
  const folder = 'sys/class/thermal'
  return (await kernel.folder(folder))
    .filter((name) => name.startsWith(prefix))
    .map((name) => `${folder}/${name}`)
}
