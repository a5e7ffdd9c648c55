import { useMemo } from 'preact/hooks'
import type { DeviceView, StatusView, UpstreamView } from '../../../src/core/operations.ts'
import type { QueueRow } from '../../../src/core/spool.ts'
import { get } from '../../box.ts'
import { type Known, useQuestion } from '../../parts/use-answer.ts'

export const steps = ['box', 'way-out', 'test', 'device'] as const
export type Step = (typeof steps)[number]

/** How far a box is, as its settings and its mail say. */
export interface Progress {
  readonly status: StatusView
  readonly devices: readonly DeviceView[]
  /** Ways out that send and are switched on. */
  readonly waysOut: readonly UpstreamView[]
  /** Ways out that wait for what only their service can tell. */
  readonly begun: readonly UpstreamView[]
  /** Which of them took mail already. */
  readonly proved: string | undefined
  readonly done: Readonly<Record<Step, boolean>>
}

/** The name that a box has which nobody named. */
const unnamed = 'inkpost'

export function useProgress(): Known<Progress> {
  return useQuestion(
    useMemo(() => askProgress, []),
    ['setup', 'devices', 'upstreams', 'queue'],
  )
}

const askProgress = async (signal: AbortSignal) => {
  const [status, devices, queue] = await Promise.all([
    get<StatusView>('/status', { signal }),
    get<readonly DeviceView[]>('/devices', { signal }),
    get<readonly QueueRow[]>('/queue?all=true&limit=200', { signal }),
  ])
  if (status.kind === 'failed') return status
  if (devices.kind === 'failed') return devices
  if (queue.kind === 'failed') return queue
  return { kind: 'done', value: progressOf(status.value, devices.value, queue.value) } as const
}

function progressOf(
  status: StatusView,
  devices: readonly DeviceView[],
  queue: readonly QueueRow[],
): Progress {
  const sending = status.upstreams.filter(({ kind }) => kind !== 'outbox')
  const waysOut = sending.filter(({ state }) => state !== 'retired')
  const isTaken = ({ state, upstream }: QueueRow) =>
    (state === 'accepted' || state === 'confirmed') && waysOut.some(({ name }) => name === upstream)
  const proved = queue.find(isTaken)?.upstream
  return {
    status,
    devices,
    waysOut,
    begun: sending.filter(({ state }) => state === 'retired'),
    proved,
    done: {
      box: status.name !== unnamed && status.clock.believable,
      'way-out': waysOut.length > 0,
      test: proved !== undefined,
      device: devices.length > 0,
    },
  }
}
