import { createHash } from 'node:crypto'
import type { ListenerView, StatusView } from '../core/operations.ts'

type About = Pick<StatusView, 'name' | 'version' | 'listeners'>

const style = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem}
ul{padding:0;list-style:none}
li{padding:.5rem 0;border-bottom:1px solid #8886;overflow-wrap:anywhere}`

/** For `style-src`: the page's one style sheet and no other. */
export const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** What a visitor may know before signing in: name, version, listeners; no mail. */
export function frontText(about: About): string {
  const listeners = about.listeners.map((listener) => `  ${listenerLine(listener)}\n`)
  return `${about.name}: inkpost ${about.version}\n\nTakes mail from devices at:\n${listeners.join('')}`
}

/** The same for a browser, readable at a phone's width, without scripts. */
export function frontHtml(about: About): string {
  const items = about.listeners.map((listener) => `<li>${escapeHtml(listenerLine(listener))}</li>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(about.name)}: inkpost</title><style>${style}</style></head>
<body><h1>${escapeHtml(about.name)}</h1><p>inkpost ${escapeHtml(about.version)}</p>
<h2>Takes mail from devices at</h2><ul>${items.join('')}</ul></body></html>
`
}

function listenerLine({ name, address, port, security, trouble }: ListenerView): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return `${place} ${security} (${name})${trouble === '' ? '' : `: not accepting, ${trouble}`}`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter)
