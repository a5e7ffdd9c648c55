import { Readable } from 'node:stream'
import type { Clock } from '../core/clock.ts'
import { wallMs } from '../core/time.ts'
import { systemClock } from '../platform/clock.ts'
import type { GatewayModule } from './gateway-module.ts'
import { exampleNow } from './operations-double.fixture.ts'
import type { Screen, World } from './world.ts'

/** A world for tests that keeps what was written. */
export interface TestWorld extends World {
  readonly written: { out: string; err: string }
  readonly exits: number[]
  /** As if the process got SIGTERM. */
  signal(): void
}

/** Real time, so that sockets keep pace, but the wall clock stands at the double's present. */
const clock: Clock = { ...systemClock(wallMs(0)), wall: () => exampleNow }

export function testWorld(options: Partial<World> & { readonly typed?: string } = {}): TestWorld {
  const written = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const exits: number[] = []
  const { typed = '', ...world } = options
  const screen = (name: 'out' | 'err'): Screen => ({
    isTerminal: false,
    async write(octets) {
      written[name] += Buffer.from(octets)
    },
  })
  return {
    out: screen('out'),
    err: screen('err'),
    input: Readable.from(typed === '' ? [] : [Buffer.from(typed)]),
    environment: {},
    clock,
    who: 'a test',
    onStopSignal(callback) {
      const listener = (): void => callback('SIGTERM')
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onExit: () => undefined,
    exit: (status) => void exits.push(status),
    machine: async () => ({ manufacturer: 'Raspberry Pi', model: '4 Model B', serial: '' }),
    loadGateway: () => Promise.reject(new Error('no gateway in this test')),
    ...world,
    written,
    exits,
    signal: () => {
      for (const listener of listeners) listener()
    },
  }
}

/** A gateway that nobody asks for anything, on a directory that has data; `parts` say what is asked. */
export const gatewayModule = (parts: Partial<GatewayModule> = {}): GatewayModule => ({
  startGateway: () => Promise.reject(new Error('not asked')),
  standIn: () => Promise.reject(new Error('not asked')),
  openOffline: () => Promise.reject(new Error('not asked')),
  hasData: () => true,
  finishDecommission: async () => undefined,
  restoreBox: () => Promise.reject(new Error('not asked')),
  oldBoxInFolder: () => Promise.reject(new Error('not asked')),
  checkAlone: () => {
    throw new Error('not asked')
  },
  headOffice: () => Promise.reject(new Error('not asked')),
  ...parts,
})

/** As `gateway.ts` says that a start is refused. */
export const startRefused = (sentence: string, isWrongInput = false, isStorage = false): Error =>
  Object.assign(new Error(sentence), { name: 'StartRefused', isWrongInput, isStorage })
