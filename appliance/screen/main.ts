// The page on the screen of a box, for whoever stands before it (decision 34), and with a keyboard the menu of its network
// (decision 39). Draws when something changed; ends when the screen is pulled out, and is started by the next one.
import { setTimeout as pause } from 'node:timers/promises'
import { KernelFiles } from '../../src/platform/kernel-files.ts'
import { askGateway, screenSocket } from './gateway-facts.ts'
import { listenToKeys } from './keyboard.ts'
import { hasScreen } from './monitors.ts'
import { lookAtNetwork } from './network-sight.ts'
import { ScreenView } from './screen-view.ts'
import { hideCursor, showCursor } from './terminal.ts'

const everyMs = 3000
const tickMs = 1000
const [, , socket = screenSocket, root = '/'] = process.argv
const kernel = new KernelFiles(root)
const view = new ScreenView({
  socket,
  write: (text) => void process.stdout.write(text),
  nowMs: () => performance.now(),
})

async function show(hasKeyboard: boolean): Promise<void> {
  while (await hasScreen(kernel)) {
    const [network, box] = await Promise.all([lookAtNetwork(kernel), askGateway(socket)])
    view.show({ network, box, now: new Date(), hasKeyboard })
    await pause(everyMs)
  }
}

function end(): void {
  view.close()
  process.stdout.write(showCursor, () => process.exit(0))
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
process.stdout.write(hideCursor)
const hasKeyboard = listenToKeys(process.stdin, (key) => view.press(key))
if (hasKeyboard) setInterval(() => view.tick(), tickMs)
await show(hasKeyboard)
end()
