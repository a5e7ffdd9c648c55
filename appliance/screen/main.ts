// The page on the screen of a box, for whoever stands before it without a keyboard (decision 34). Draws when something
// changed; ends when the screen is pulled out, and is started by the next one.
import { setTimeout as pause } from 'node:timers/promises'
import { KernelFiles } from '../../src/platform/kernel-files.ts'
import { askGateway, screenSocket } from './gateway-facts.ts'
import { hasScreen } from './monitors.ts'
import { lookAtNetwork } from './network-sight.ts'
import { pageOf } from './page.ts'
import { drawn, hideCursor, showCursor } from './terminal.ts'

const everyMs = 3000
const [, , socket = screenSocket, root = '/'] = process.argv
const kernel = new KernelFiles(root)

async function show(): Promise<void> {
  let last = ''
  while (await hasScreen(kernel)) {
    const [network, box] = await Promise.all([lookAtNetwork(kernel), askGateway(socket)])
    const page = drawn(pageOf({ network, box, now: new Date() }))
    if (page !== last) process.stdout.write(page)
    last = page
    await pause(everyMs)
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    process.stdout.write(showCursor, () => process.exit(0))
  })
process.stdout.write(hideCursor)
await show()
process.stdout.write(showCursor)
