import type { Log } from '../core/log.ts'
import type { Reply } from '../core/reply.ts'
import type { ListenerSetup } from '../core/setup.ts'

/** One refusal that a device hears (4xx, 5xx); `/metrics` counts them by code. Whom it wanted to write to stays out of the log. */
export function logRefused(
  log: Log,
  { code, status }: Reply,
  listener: Pick<ListenerSetup, 'name'>,
  device: string | undefined,
): void {
  log.write('info', 'refused', { code, status, device, listener: listener.name })
}
