import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { second } from '../../core/time.ts'

const lingerMs = 5 * second

/** Ends our side and lets the client read what was said last; whatever it still says is thrown away, for 5 s at most. */
export function lastWords(socket: Duplex, clock: Clock): void {
  if (socket.destroyed) return
  socket.end()
  socket.resume()
  const cancel = clock.after(lingerMs, () => socket.destroy())
  socket.once('close', cancel)
}
