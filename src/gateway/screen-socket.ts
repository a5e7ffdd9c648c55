import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { RaisedAlert } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { lampWordOf } from '../core/lamp.ts'
import type { Log } from '../core/log.ts'
import type { ScreenFacts } from '../core/screen.ts'
import type { Setup } from '../core/setup.ts'
import { minute } from '../core/time.ts'
import { build } from '../platform/build.ts'
import type { Claim } from '../settings/operators.ts'
import type { MenuParts, ScreenMenu } from './screen-menu.ts'

export interface ScreenParts {
  readonly setup: () => Setup
  readonly claim: () => Claim
  readonly alerts: { active(): readonly RaisedAlert[] }
  readonly localName: { readonly answered: string | undefined }
  /** URL; empty while it is closed. */
  readonly consoleUrl: () => string
  readonly clock: Clock
  readonly log: Log
  readonly menu: Omit<MenuParts, 'clock' | 'log'>
}

/** Who connects and says nothing wants the facts. */
const silenceMs = 500
/** Longer than the screen leaves a menu open that nobody types at. */
const idleMs = 5 * minute
/** Octets of a question. */
const mostOctets = 16 * 1024

/**
 * What the screen of the box shows, for its group alone (0660, in systemd's runtime directory): whoever runs it may not open
 * control.sock, which does everything. It is asked every few seconds, so nothing in it reads a disk. Who says something is
 * at the keyboard: see `ScreenMenu`, which is loaded then.
 */
export async function serveScreen(folder: string, parts: ScreenParts): Promise<AsyncDisposable> {
  const path = join(folder, 'screen.sock')
  rmSync(path, { force: true })
  const open = new Set<Socket>()
  let menu: Promise<ScreenMenu> | undefined
  const menuOf = (): Promise<ScreenMenu> => {
    menu ??= import('./screen-menu.ts').then(({ ScreenMenu: Menu }) => new Menu({ ...parts, ...parts.menu }))
    return menu
  }
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    tellOrConverse(socket, parts, menuOf)
  })
  const closing = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  await new Promise<void>((resolve) => {
    server.once('error', (error) => {
      parts.log.write('error', 'screen-failed', { detail: String(error) })
      resolve()
    })
    server.listen(path, () => {
      chmodSync(path, 0o660)
      resolve()
    })
  })
  return { [Symbol.asyncDispose]: () => (server.listening ? closing() : Promise.resolve()) }
}

function tellOrConverse(socket: Socket, parts: ScreenParts, menu: () => Promise<ScreenMenu>): void {
  const tell = (): void => {
    socket
      .off('end', tell)
      .off('timeout', tell)
      .setTimeout(silenceMs, () => socket.destroy())
    socket.end(`${JSON.stringify(screenFacts(parts))}\n`)
  }
  socket.on('end', tell).setTimeout(silenceMs, tell)
  socket.once('data', (first: Buffer) => {
    socket.pause().off('end', tell).off('timeout', tell).unshift(first)
    socket.setTimeout(idleMs, () => socket.destroy())
    menu()
      .then((loaded) => converse(socket, loaded.conversation()))
      .catch((error: unknown) => {
        parts.log.write('error', 'screen-failed', { detail: String(error) })
        socket.destroy()
      })
  })
}

/** A line there, a line back, until the other side ends it. */
async function converse(socket: Socket, answer: ReturnType<ScreenMenu['conversation']>): Promise<void> {
  let text = ''
  for await (const piece of socket.setEncoding('utf8')) {
    text += piece
    if (text.length > mostOctets) break
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
      socket.write(`${JSON.stringify(await answer(line))}\n`)
    }
  }
  socket.end()
}

export function screenFacts({
  setup,
  claim,
  alerts,
  localName,
  consoleUrl,
  clock,
}: ScreenParts): ScreenFacts {
  const claimed = claim()
  const [worst] = alerts.active().toSorted((a, b) => rank[b.severity] - rank[a.severity])
  return {
    name: setup().gateway.name,
    ...(localName.answered !== undefined && { localName: localName.answered }),
    version: build.version,
    console: placeOf(consoleUrl()),
    claimCode: claimed.kind === 'open' ? claimed.code : undefined,
    state: lampWordOf(claimed.kind === 'claimed', alerts.active()),
    trouble: worst?.severity === 'notice' ? '' : (worst?.sentence ?? ''),
    isClockBelievable: clock.isBelievable(),
  }
}

const rank = { notice: 0, warning: 1, alarm: 2 } as const

/** Only its port: who stands there types an address. */
function placeOf(url: string): ScreenFacts['console'] {
  if (url === '') return undefined
  const { port, protocol } = new URL(url)
  const isSecure = protocol === 'https:'
  return { port: port === '' ? (isSecure ? 443 : 80) : Number(port), isSecure }
}
