import { X509Certificate } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Diagnosis, NameService } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import type { ClientIdentity, Upstream } from '../core/upstream.ts'
import type { Expiry } from '../health/doctor/box-findings.ts'
import { attachedNetworks } from '../platform/network.ts'
import type { TokenSource } from '../upstream/token-source.ts'
import { loadTrust } from '../upstream/trust.ts'
import type { Stores } from './boot.ts'

export interface DoctorWorld {
  readonly stores: Stores
  readonly clock: Clock
  /** Undefined: the machine's DNS. */
  readonly names: NameService | undefined
  readonly identity: ClientIdentity
  readonly tokens: TokenSource
  readonly createUpstream: (setup: UpstreamSetup) => Upstream
  readonly operations: Pick<Operations, 'status' | 'devices' | 'health'>
}

/** Everything that can be asked of the box and of what is around it. Loaded when somebody asks: it is kept nowhere. */
export async function runDoctor(world: DoctorWorld): Promise<Diagnosis> {
  const { stores, clock, identity, tokens, createUpstream: create, operations } = world
  const [{ diagnose }, { DnsNames }, { lookAtSignIn }, { isTimeSynchronised }] = await Promise.all([
    import('../health/doctor/doctor.ts'),
    import('../platform/name-service.ts'),
    import('../upstream/sign-in-look.ts'),
    import('../platform/time-service.ts'),
  ])
  const { setup } = stores.settings
  return diagnose({
    setup,
    clock,
    names: world.names ?? new DnsNames(),
    roots: loadTrust,
    status: operations.status,
    devices: operations.devices,
    machine: operations.health,
    pauses: () => stores.spool.pauses(),
    expiries: () => setup.upstreams.flatMap((upstream) => expiryOf(upstream, identity)),
    attachedNetworks,
    isSynchronised: () => isTimeSynchronised(),
    signIn: (upstream, signal) => lookAtSignIn(upstream, { tokens, create }, signal),
  })
}

/** By the certificate itself where there is one, else by what the setup says. */
function expiryOf({ name, enabled, credential }: UpstreamSetup, identity: ClientIdentity): readonly Expiry[] {
  if (!enabled) return []
  if (credential.kind === 'client-certificate') {
    const opened = identity.open(name)
    const until = opened.kind === 'open' ? new X509Certificate(opened.certificatePem).validToDate : undefined
    if (until) return [{ upstream: name, what: 'certificate', at: wallMs(until.getTime()) }]
  }
  const written = 'expires' in credential ? Date.parse(credential.expires) : Number.NaN
  if (Number.isNaN(written)) return []
  return [{ upstream: name, what: words[credential.kind], at: wallMs(written) }]
}

const words: Readonly<Record<UpstreamSetup['credential']['kind'], string>> = {
  none: 'credential',
  'access-key': 'access key',
  'client-secret': 'client secret',
  'client-certificate': 'certificate',
  password: 'password',
}
