import { ClientIdentities } from '../certificates/client-identity.ts'
import type { Clock } from '../core/clock.ts'
import type { Diagnosis, NameService } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import type { Upstream } from '../core/upstream.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import { createUpstream } from '../upstream/drivers.ts'
import { TokenSource } from '../upstream/token-source.ts'
import type { Stores } from './boot.ts'
import { runDoctor } from './doctor.ts'

/** The doctor while no gateway runs: with a token source and drivers of its own, gone when it is done. */
export async function runOfflineDoctor(
  stores: Stores,
  clock: Clock,
  operations: Pick<Operations, 'status' | 'devices' | 'health'>,
  names: NameService | undefined,
): Promise<Diagnosis> {
  const { settings, spool } = stores
  const { gateway, limits, upstreams } = settings.setup
  const identity = new ClientIdentities(stores.sealedFiles, clock)
  for (const { name, credential } of upstreams) {
    if (credential.kind !== 'client-certificate') continue
    const { certificateFile } = credential
    await identity.prepare({ upstream: name, hostname: gateway.hostname, certificateFile })
  }
  using tokens = new TokenSource({
    clock,
    secrets: settings,
    identity,
    proxy: gateway.proxy,
    timeoutMs: 6 * second,
  })
  const parts = {
    gateway,
    clock,
    log: { write() {} },
    memory: new MemoryBudget(limits.memory),
    secrets: settings,
    identity,
    tokens,
    outbox: spool,
  }
  const create = (setup: UpstreamSetup): Upstream => createUpstream(setup, parts)
  return await runDoctor({ stores, clock, names, identity, tokens, createUpstream: create, operations })
}
