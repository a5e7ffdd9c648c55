// Somebody at the console of a booted box.
import { Visitor } from '../../test/console/visitor.ts'
import { halfHourMs, type VirtualBox } from './virtual-box.ts'

export const operator = { name: 'anna', password: 'seven-printers-in-a-branch' }

/** Once the gateway is ready; a start takes minutes, and what is not there yet refuses or resets. */
export const consoleOf = (box: VirtualBox): Promise<Visitor> => visitorOf(box, '/readyz')

/** Once anything answers on its port, be it that nothing can be stored. */
export const answersOf = (box: VirtualBox): Promise<Visitor> => visitorOf(box, '/healthz')

async function visitorOf(box: VirtualBox, path: string, longestMs = halfHourMs): Promise<Visitor> {
  const visitor = new Visitor(`https://127.0.0.1:${box.port(443)}`, {
    options: { rejectUnauthorized: false },
  })
  const latest = performance.now() + longestMs
  while (performance.now() < latest) {
    const told = await visitor.send('GET', path).catch(() => undefined)
    if (told?.status === 200) return visitor
    await box.whileRunning(new Promise((next) => setTimeout(next, 2000)))
  }
  throw new Error(`${path} did not answer:\n${box.lastLines(40)}`)
}

/** Off the serial console, as who stands there reads it. */
export async function claimCode(box: VirtualBox): Promise<string> {
  const [, code = ''] = await box.says(/^Claim code: ([0-9A-Z-]+)$/m)
  return code
}
