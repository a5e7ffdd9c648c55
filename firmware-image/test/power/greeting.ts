import { connect } from 'node:net'
import { halfHourMs, type VirtualBox } from '../virtual-box.ts'

/** QEMU takes every connection and tries for a minute to reach who is not there yet. */
const patienceMs = 5000
const againMs = 1000

/** Waits until its port 25 greets; throws with the last lines of its serial line where it never does, or where it ends. */
export async function greeted(box: VirtualBox): Promise<void> {
  const end = performance.now() + halfHourMs
  while (!(await box.whileRunning(greets(box.port(25))))) {
    if (performance.now() > end) throw new Error(`port 25 never greeted:\n${box.lastLines(40)}`)
    await new Promise((resolve) => setTimeout(resolve, againMs))
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: patienceMs })
    const end = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('data', (octets: Buffer) => end(octets.toString('latin1').startsWith('220')))
    for (const event of ['timeout', 'error', 'close']) socket.on(event, () => end(false))
  })
}
