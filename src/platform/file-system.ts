import { basename } from 'node:path'
import type { FileSystem } from '../core/machine-health.ts'
import { wallMs } from '../core/time.ts'
import { blockNumbersOf } from './block-device.ts'
import type { KernelFiles } from './kernel-files.ts'

/** Of the folder, as the kernel has it mounted; undefined where it does not say. */
export async function fileSystemOf(kernel: KernelFiles, folder: string): Promise<FileSystem | undefined> {
  const { major, minor } = await blockNumbersOf(folder)
  const [mounts = '', partition] = await Promise.all([
    kernel.text('proc/self/mountinfo'),
    kernel.end(`sys/dev/block/${major}:${minor}`),
  ])
  const own = mounts.split('\n').filter((line) => line.split(' ')[2] === `${major}:${minor}`)
  if (own.length === 0) return undefined
  return { isReadOnly: own.some(isReadOnly), ...(await faultsOf(kernel, partition)) }
}

/** ext4 of newer kernels goes on as `rw` when it was damaged and says it apart. */
const isReadOnly = (line: string): boolean =>
  superOptions(line).some((option) => option === 'ro' || option === 'emergency_ro')

/** proc_pid_mountinfo(5): the last field is of the file system itself; a folder may be shown read-only beside. */
const superOptions = (line: string): readonly string[] =>
  (line.split(' - ')[1]?.split(' ')[2] ?? '').split(',')

/** Kernel, ABI/testing/sysfs-fs-ext4; times are seconds, 0 where there was none. */
async function faultsOf(
  kernel: KernelFiles,
  partition: string | undefined,
): Promise<Omit<FileSystem, 'isReadOnly'>> {
  if (partition === undefined) return {}
  const folder = `sys/fs/ext4/${basename(partition)}`
  const [errors, first = 0, last = 0] = await Promise.all([
    kernel.number(`${folder}/errors_count`),
    kernel.number(`${folder}/first_error_time`),
    kernel.number(`${folder}/last_error_time`),
  ])
  return {
    ...(errors !== undefined && { errors }),
    ...(first > 0 && { firstErrorAt: wallMs(first * 1000) }),
    ...(last > 0 && { lastErrorAt: wallMs(last * 1000) }),
  }
}
