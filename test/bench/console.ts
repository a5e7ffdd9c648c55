// Until a page of the console can be used, on a phone that is six times slower than this machine.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from '../browser/browser.ts'
import { GatewayProcess, testListeners } from '../gateway-process.ts'
import { type Measured, median } from './limits.ts'

const visits = 7
const slowdown = 6

export async function measureConsole(folder: string): Promise<readonly Measured[]> {
  const data = join(folder, 'data')
  mkdirSync(data)
  await using gateway = await GatewayProcess.start(data, { setup: `schema = 1\n${testListeners}` })
  await using browser = await openBrowser()
  const times: number[] = []
  for (let n = 0; n < visits; n += 1) {
    await using context = await browser.newContext({ viewport: { width: 360, height: 740 } })
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await page.goto(gateway.ready.console)
    await page.locator('form input').first().waitFor()
    times.push(await page.evaluate<number>(whenIdle))
  }
  return [
    {
      name: `console: the first page can be used (CPU ${slowdown} times slower)`,
      value: median(times) / 1000,
      unit: 's',
      limit: { kind: 'at-most', value: 1.5 },
    },
  ]
}

/** In the page: milliseconds since the navigation began at which it has nothing to do any more and takes a tap. */
const whenIdle = 'new Promise((resolve) => requestIdleCallback(() => resolve(performance.now())))'
