// Facts for the tables of the doctor's findings: everything in order unless a row says otherwise.
import { address, device, setup } from '../../../test/submission/setup.ts'
import type { MachineSigns } from '../../core/machine-troubles.ts'
import type { Setup, UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import { wallMs } from '../../core/time.ts'
import { exampleSetup } from '../../upstream/example-consignment.fixture.ts'
import type { Contact, TlsSight } from './contact.ts'
import type { Destination } from './destinations.ts'

export const now = wallMs(Date.UTC(2026, 10, 21, 12))

/** A machine on which nothing is wrong. */
export const calmMachine: MachineSigns = {
  ownMemory: 60e6,
  temperature: 48.3,
  power: { now: [], sinceBoot: [] },
  throttling: { isNow: false },
  memory: { total: 512e6, available: 256e6, swapUsed: 0, pressure: { some: 0, full: 0 } },
  disk: { total: 16e9, free: 12e9, hoursLeft: 900 },
  fileSystem: { isReadOnly: false, errors: 0 },
  flash: { device: 'mmcblk0', model: 'SC32G', writtenSinceBoot: 1e6, writtenEver: 1e9, lifeUsed: 10 },
  time: { believable: true, synchronised: true, hasBattery: false },
  network: [{ name: 'eth0', isUp: true, addresses: ['192.168.7.5'], mac: 'b8:27:eb:00:00:01' }],
  router: '192.168.7.1',
  nameServers: ['192.168.7.1'],
  doNamesAnswer: true,
}

export const goodTls: TlsSight = {
  protocol: 'TLSv1.3',
  subject: 'smtp.contoso.com',
  names: ['smtp.contoso.com'],
  issuer: 'Example CA',
  validTo: wallMs(Date.UTC(2027, 5, 1)),
  error: '',
}

export const place = (changes: Partial<Destination> = {}): Destination => ({
  host: 'smtp.contoso.com',
  port: 587,
  speaks: 'smtp',
  security: 'starttls',
  caFile: '',
  uses: ['relay'],
  upstreams: ['relay'],
  ...changes,
})

export const contact = (changes: Partial<Contact> = {}, where: Partial<Destination> = {}): Contact => ({
  destination: place(where),
  names: { kind: 'found', values: ['192.0.2.1'] },
  end: { kind: 'reached' },
  proxy: '',
  banner: '',
  ehlo: [],
  tls: goodTls,
  date: { theirs: now, ours: now },
  ...changes,
})

export const upstream = (changes: Partial<UpstreamSetup> = {}): UpstreamSetup =>
  exampleSetup({
    name: 'relay',
    kind: 'smarthost',
    authority: 'https://login.microsoftonline.com',
    host: 'smtp.contoso.com',
    port: 587,
    ...changes,
  })

export const acs = upstream({
  name: 'acs',
  kind: 'acs-email',
  host: '',
  port: 0,
  endpoint: 'https://contoso.communication.azure.com',
  credential: { kind: 'client-secret', tenantId: 't', clientId: 'c', secrets: [], expires: '' },
})

export const direct = upstream({
  name: 'direct',
  kind: 'exchange-direct',
  host: 'contoso-com.mail.protection.outlook.com',
  port: 25,
  acceptedDomains: ['contoso.com'],
})

export const pause = (changes: Partial<Pause> = {}): Pause => ({
  upstream: 'acs',
  sender: undefined,
  code: 'domain-not-linked',
  reason: 'The domain is not linked.',
  remedy: 'Link it.',
  mayProbe: true,
  since: now,
  byOperator: false,
  nextProbeAt: undefined,
  probes: 1,
  ...changes,
})

export const boxWith = (upstreams: readonly UpstreamSetup[], changes: Partial<Setup> = {}): Setup => ({
  ...setup({ devices: [device('Front desk', { sender: address('scan@contoso.com') })] }),
  upstreams,
  ...changes,
})
