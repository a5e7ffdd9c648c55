import type { Memory } from '../core/machine-health.ts'
import type { KernelFiles } from './kernel-files.ts'

/** proc_meminfo(5): kibibytes. */
export async function memoryOf(kernel: KernelFiles): Promise<Memory | undefined> {
  const [text = '', pressure] = await Promise.all([kernel.text('proc/meminfo'), pressureOf(kernel)])
  const octets = (key: string): number | undefined => {
    const found = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
    return found === undefined ? undefined : Number(found) * 1024
  }
  const [total, available] = [octets('MemTotal'), octets('MemAvailable')]
  if (total === undefined || available === undefined) return undefined
  const swapUsed = (octets('SwapTotal') ?? 0) - (octets('SwapFree') ?? 0)
  return { total, available, swapUsed, ...(pressure && { pressure }) }
}

/**
 * Kernel, accounting/psi: `some avg10=… avg60=… avg300=… total=…`, then `full`. Raspberry Pi OS has it switched off (`psi=1`
 * on the kernel's command line switches it on), others were built without: then there is no file, or it can't be read.
 */
async function pressureOf(kernel: KernelFiles): Promise<Memory['pressure']> {
  const text = (await kernel.text('proc/pressure/memory')) ?? ''
  const percent = (kind: string): number =>
    Number(new RegExp(`^${kind} .*\\bavg60=([\\d.]+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  const [some, full] = [percent('some'), percent('full')]
  return Number.isNaN(some) ? undefined : { some, full: Number.isNaN(full) ? 0 : full }
}
