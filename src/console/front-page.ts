import type { ListenerView, StatusView } from '../core/operations.ts'

type About = Pick<StatusView, 'name' | 'version' | 'listeners'>

/** What a visitor may know before signing in: name, version, listeners; no mail. */
export function frontText(about: About): string {
  const listeners = about.listeners.map((listener) => `  ${listenerLine(listener)}\n`)
  return `${about.name}: inkpost ${about.version}\n\nTakes mail from devices at:\n${listeners.join('')}`
}

function listenerLine({ name, address, port, security, trouble }: ListenerView): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return `${place} ${security} (${name})${trouble === '' ? '' : `: not accepting, ${trouble}`}`
}
