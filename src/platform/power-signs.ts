import { type MachineHealth, type PowerHistory, powerTroubles } from '../core/machine-health.ts'
import type { KernelFiles } from './kernel-files.ts'

/** Of a Raspberry Pi: as its firmware says it under the maker's kernel, else as the hwmon of any kernel does. */
export async function powerOf(kernel: KernelFiles): Promise<MachineHealth['power']> {
  return (await firmwarePower(kernel)) ?? (await hwmonPower(kernel))
}

/** Bits 0 to 3 hold now, 16 to 19 have held since boot (raspberrypi.com, "vcgencmd get_throttled"). */
async function firmwarePower(kernel: KernelFiles): Promise<PowerHistory | undefined> {
  const text = await kernel.text('sys/devices/platform/soc/soc:firmware/get_throttled')
  if (text === undefined || !/^(0x)?[0-9a-f]+$/i.test(text)) return undefined
  const bits = Number.parseInt(text, 16)
  const at = (first: number) => powerTroubles.filter((_, index) => (bits >> (first + index)) & 1)
  return { now: at(0), sinceBoot: at(16) }
}

/** `rpi_volt` looks every two seconds (kernel, drivers/hwmon/raspberrypi-hwmon.c), and tells the present only. */
async function hwmonPower(kernel: KernelFiles): Promise<PowerHistory | undefined> {
  const folder = 'sys/class/hwmon'
  for (const name of await kernel.folder(folder)) {
    if ((await kernel.text(`${folder}/${name}/name`)) !== 'rpi_volt') continue
    const alarm = await kernel.number(`${folder}/${name}/in0_lcrit_alarm`)
    if (alarm !== undefined) return { now: alarm === 0 ? [] : ['undervoltage'], sinceBoot: [] }
  }
  return undefined
}
