import { connect } from 'node:net'
import { join } from 'node:path'
import type { Operations } from '../core/operations.ts'
import { ControlClient } from './control-client.ts'
import { setupOfBox } from './first-setup.ts'
import { refusalOf } from './gateway-module.ts'
import type { World } from './world.ts'

/** A box within reach: through its running gateway, or through its databases. */
export interface Box extends AsyncDisposable {
  readonly kind: 'box'
  readonly operations: Operations
  readonly isRunning: boolean
}

export type Reached =
  | Box
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** No gateway, and no data of one: a mistyped directory more often than a new box. */
  | { readonly kind: 'empty' }

export interface ReachOptions {
  /** A data directory that is not there is made. */
  readonly mayMake: boolean
}

/** The gateway that answers on the directory's control socket. */
export const runningBox = (dataDir: string): Box =>
  box(new ControlClient(join(dataDir, 'control.sock')), true, async () => {})

/** The running gateway of the data directory where one answers on its control socket, else the databases themselves. */
export async function reachBox(dataDir: string, world: World, options: ReachOptions): Promise<Reached> {
  const path = join(dataDir, 'control.sock')
  const knock = await knockAt(path)
  switch (knock) {
    case 'answered':
      return box(new ControlClient(path), true, async () => {})
    case 'forbidden':
      return {
        kind: 'unreachable',
        reason: `${path} is not yours to open: run this with sudo, or as the gateway's user`,
      }
    case 'nobody': {
      const opened = await openDatabases(dataDir, world, options)
      // A gateway has started meanwhile: it is the one to ask.
      const isStarted = opened.kind === 'unreachable' && (await knockAt(path)) === 'answered'
      return isStarted ? box(new ControlClient(path), true, async () => {}) : opened
    }
  }
}

async function openDatabases(dataDir: string, world: World, { mayMake }: ReachOptions): Promise<Reached> {
  const { openOffline, hasData } = await world.loadGateway()
  if (!mayMake && !hasData(dataDir)) return { kind: 'empty' }
  try {
    const operations = await openOffline(dataDir, {
      setupFile: setupOfBox(world.environment, dataDir),
    })
    return box(operations, false, () => operations[Symbol.asyncDispose]())
  } catch (error) {
    const reason = refusalOf(error)
    if (reason === undefined) throw error
    return { kind: 'unreachable', reason }
  }
}

const box = (operations: Operations, isRunning: boolean, close: () => PromiseLike<void>): Box => ({
  kind: 'box',
  operations,
  isRunning,
  [Symbol.asyncDispose]: close,
})

/** Whether a gateway answers at a control socket. */
export function knockAt(path: string): Promise<'answered' | 'forbidden' | 'nobody'> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve('answered')
    })
    socket.once('error', (error) => {
      resolve('code' in error && error.code === 'EACCES' ? 'forbidden' : 'nobody')
    })
  })
}
