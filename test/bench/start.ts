// From the launcher's first instruction to 'ready', from the second start on; memory of a gateway that does nothing.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayProcess, testListeners } from '../gateway-process.ts'
import { type Measured, median } from './limits.ts'
import { residentMb } from './process-memory.ts'

const starts = 7

export async function measureStart(folder: string): Promise<readonly Measured[]> {
  const data = join(folder, 'data')
  mkdirSync(data)
  const first = await GatewayProcess.start(data, { setup: `schema = 1\n${testListeners}` })
  await first.stop()
  const times: number[] = []
  const idle: number[] = []
  for (let n = 0; n < starts; n += 1) {
    const before = performance.now()
    await using gateway = await GatewayProcess.start(data)
    times.push(performance.now() - before)
    await new Promise((resolve) => setTimeout(resolve, 4000))
    idle.push(residentMb(gateway.pid))
    await gateway.stop()
  }
  return [
    {
      name: 'ready after a start (from the second on)',
      value: median(times) / 1000,
      unit: 's',
      limit: { kind: 'at-most', value: 1 },
    },
    {
      name: 'resident, idle, nothing sent yet',
      value: median(idle),
      unit: 'MB',
      limit: { kind: 'at-most', value: 90 },
    },
  ]
}
