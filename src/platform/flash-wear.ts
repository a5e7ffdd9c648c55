import { basename, dirname } from 'node:path'
import type { Flash } from '../core/machine-health.ts'
import { blockNumbersOf } from './block-device.ts'
import type { KernelFiles } from './kernel-files.ts'

/** The device that holds the folder; undefined where it is none of blocks (a network, a container's layer). */
export async function flashOf(kernel: KernelFiles, folder: string): Promise<Flash | undefined> {
  const { major, minor } = await blockNumbersOf(folder)
  const partition = await kernel.end(`sys/dev/block/${major}:${minor}`)
  if (partition === undefined) return undefined
  const isPart = (await kernel.text(`${partition}/partition`)) !== undefined
  const disk = isPart ? dirname(partition) : partition
  const [name, model, statistics, ever, life, reserve] = await Promise.all([
    kernel.text(`${disk}/device/name`),
    kernel.text(`${disk}/device/model`),
    kernel.numbers(`${disk}/stat`),
    kernel.number(`sys/fs/ext4/${basename(partition)}/lifetime_write_kbytes`),
    kernel.text(`${disk}/device/life_time`),
    kernel.text(`${disk}/device/pre_eol_info`),
  ])
  const sectors = statistics[6]
  return {
    device: basename(disk),
    model: name ?? model ?? '',
    ...(sectors !== undefined && { writtenSinceBoot: sectors * 512 }),
    ...(ever !== undefined && { writtenEver: ever * 1024 }),
    ...lifeOf(life),
    ...reserveOf(reserve),
  }
}

/** JESD84-B51, EXT_CSD 268 and 269: 0x01 is up to 10 %, 0x0b past its life; the worse of two kinds of cells. */
function lifeOf(text: string | undefined): Pick<Flash, 'lifeUsed'> {
  const steps = (text ?? '').split(/\s+/).map(Number)
  const worst = Math.max(...steps.filter((step) => step >= 1 && step <= 11), 0)
  return worst === 0 ? {} : { lifeUsed: worst * 10 }
}

/** EXT_CSD 267. */
function reserveOf(text: string | undefined): Pick<Flash, 'reserve'> {
  const known = ['normal', 'low', 'nearly-gone'] as const
  const reserve = known[Number(text ?? Number.NaN) - 1]
  return reserve === undefined ? {} : { reserve }
}
