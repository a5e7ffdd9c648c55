// Somebody at the console of a booted box.
import { Visitor } from '../../test/console/visitor.ts'
import type { VirtualBox } from './virtual-box.ts'

export const operator = { name: 'anna', password: 'seven-printers-in-a-branch' }

/** Asks until the console answers: a start takes minutes, and a service that is not there yet refuses or resets. */
export async function consoleOf(box: VirtualBox, longestMs = 900_000): Promise<Visitor> {
  const visitor = new Visitor(`https://127.0.0.1:${box.port(443)}`, {
    options: { rejectUnauthorized: false },
  })
  const latest = performance.now() + longestMs
  for (;;) {
    const told = await visitor.send('GET', '/healthz').catch(() => undefined)
    if (told?.status === 200) return visitor
    if (performance.now() > latest)
      throw new Error(`the console did not answer:\n${box.lines.slice(-40).join('\n')}`)
    await new Promise((next) => setTimeout(next, 1000))
  }
}

/** Off the serial console, as who stands there reads it. */
export async function claimCode(box: VirtualBox): Promise<string> {
  const [, code = ''] = await box.says(/^Claim code: ([0-9A-Z-]+)/)
  return code
}
