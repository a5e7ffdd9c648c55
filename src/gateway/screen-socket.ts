import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { RaisedAlert } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { lampWordOf } from '../core/lamp.ts'
import type { Log } from '../core/log.ts'
import type { ScreenFacts } from '../core/screen.ts'
import type { Setup } from '../core/setup.ts'
import { build } from '../platform/build.ts'
import type { Claim } from '../settings/operators.ts'

export interface ScreenParts {
  readonly setup: () => Setup
  readonly claim: () => Claim
  readonly alerts: { active(): readonly RaisedAlert[] }
  /** URL; empty while it is closed. */
  readonly consoleUrl: () => string
  readonly clock: Pick<Clock, 'isBelievable'>
  readonly log: Log
}

/**
 * What the screen of the box shows, for its group alone (0660, in systemd's runtime directory): whoever runs it may not open
 * control.sock, which does everything. It is asked every few seconds, so nothing in it reads a disk.
 */
export async function serveScreen(folder: string, parts: ScreenParts): Promise<AsyncDisposable> {
  const path = join(folder, 'screen.sock')
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(`${JSON.stringify(screenFacts(parts))}\n`)
  })
  const closing = () => new Promise<void>((resolve) => server.close(() => resolve()))
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

export function screenFacts({ setup, claim, alerts, consoleUrl, clock }: ScreenParts): ScreenFacts {
  const claimed = claim()
  const [worst] = alerts.active().toSorted((a, b) => rank[b.severity] - rank[a.severity])
  return {
    name: setup().gateway.name,
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
