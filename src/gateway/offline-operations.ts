import { ClientIdentities } from '../certificates/client-identity.ts'
import type { Clock } from '../core/clock.ts'
import type { Operations, UpstreamView } from '../core/operations.ts'
import type { Pause } from '../core/spool.ts'
import { build } from '../platform/build.ts'
import type { Stores } from './boot.ts'
import { queueOperations } from './queue-operations.ts'
import { settingsOperations } from './settings-operations.ts'

/** What can be done while no gateway runs: settings, queue and history; nothing is sent. */
export function offlineOperations(stores: Stores, clock: Clock): Operations {
  const { settings, operators, spool } = stores
  const notRunning = {
    kind: 'refused',
    reason: 'the gateway is not running: start it with `inkpost serve`',
  } as const
  return {
    ...settingsOperations(settings, operators),
    ...queueOperations({
      spool,
      now: () => clock.wall(),
      onChange: () => {},
      record: (who, what) => settings.record(who, [what]),
    }),
    async status() {
      const { setup } = settings
      const [queue, disk, alerts, pauses] = await Promise.all([
        spool.counts(),
        spool.isWritable(),
        spool.alerts(),
        spool.pauses(),
      ])
      return {
        version: build.version,
        name: setup.gateway.name,
        running: false,
        since: undefined,
        clock: { wall: clock.wall(), believable: clock.isBelievable() },
        console: '',
        listeners: setup.listeners.map(({ name, address, port, security }) => ({
          name,
          address,
          port,
          security,
          trouble: 'not running',
        })),
        upstreams: setup.upstreams.map(({ name, kind }) =>
          upstreamView(
            name,
            kind,
            pauses.find((pause) => pause.upstream === name),
            queue.waitingByUpstream[name] ?? 0,
          ),
        ),
        queue,
        disk,
        alerts,
        vault: settings.vaultState.kind === 'open' ? 'open' : 'locked',
        revision: settings.revision,
      }
    },
    async pause(upstream) {
      if (!settings.setup.upstreams.some(({ name }) => name === upstream))
        return { kind: 'refused', reason: `there is no upstream ${upstream}` }
      await spool.setPause({
        upstream,
        sender: undefined,
        code: 'paused-by-hand',
        reason: 'paused by hand',
        remedy: 'Resume it when it may send again.',
        mayProbe: false,
        since: clock.wall(),
        byOperator: true,
        nextProbeAt: undefined,
        probes: 0,
      })
      return { kind: 'done' }
    },
    async resume(upstream) {
      for (const pause of await spool.pauses()) {
        if (pause.upstream === upstream) await spool.clearPause(upstream, pause.sender)
      }
      return { kind: 'done' }
    },
    sendTest: async () => notRunning,
    async certificate(upstream) {
      const { credential } = settings.setup.upstreams.find(({ name }) => name === upstream) ?? {}
      if (credential?.kind !== 'client-certificate')
        return { kind: 'refused', reason: `${upstream} is not known by a certificate` }
      const identities = new ClientIdentities(stores.sealedFiles, clock)
      const opened = await identities.prepare({
        upstream,
        hostname: settings.setup.gateway.hostname,
        certificateFile: credential.certificateFile,
      })
      return opened.kind === 'open'
        ? { kind: 'done', pem: opened.certificatePem }
        : { kind: 'refused', reason: opened.detail }
    },
  }
}

const upstreamView = (
  name: string,
  kind: string,
  pause: Pause | undefined,
  waiting: number,
): UpstreamView => ({
  name,
  kind,
  state: pause ? 'paused' : 'not running',
  reason: pause?.reason ?? '',
  remedy: pause?.remedy ?? '',
  inFlight: 0,
  waiting,
  nextTryInMs: undefined,
  quota: [],
})
