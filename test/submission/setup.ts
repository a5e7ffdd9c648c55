import { type Address, parseAddress } from '../../src/core/address.ts'
import { type SecretName, secretName } from '../../src/core/secret.ts'
import type { DeviceSetup, GatewaySetup, ListenerSetup, Setup } from '../../src/core/setup.ts'
import { day } from '../../src/core/time.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Error(`no address: ${text}`)
  return parsed
}

export const passwordOf = (device: string): SecretName => secretName('device', device, 'password')

export function device(name: string, changes: Partial<DeviceSetup> = {}): DeviceSetup {
  return {
    name,
    username: undefined,
    password: undefined,
    alsoKnownAs: [],
    addresses: [],
    mac: '',
    sender: undefined,
    senderName: '',
    keepSender: 'reply-to',
    subjectPrefix: '',
    allowedRecipients: [],
    maxPerHour: 200,
    raisedPerHour: 0,
    raisedUntil: '',
    priority: 'normal',
    owner: undefined,
    route: undefined,
    tls: undefined,
    requireTls: false,
    weakUntil: '',
    certificate: 'auto',
    auth: ['LOGIN', 'PLAIN'],
    charset: 'utf-8',
    dataEnd: 'crlf',
    enabled: true,
    ...changes,
  }
}

export function listener(name: string, changes: Partial<ListenerSetup> = {}): ListenerSetup {
  return {
    name,
    address: '127.0.0.1',
    port: 0,
    security: 'starttls',
    tls: 'legacy',
    protocol: 'smtp',
    ...changes,
  }
}

export interface SetupChanges extends Partial<Omit<Setup, 'gateway'>> {
  readonly gateway?: Partial<GatewaySetup>
}

export function setup(changes: SetupChanges = {}): Setup {
  const { gateway, ...rest } = changes
  return {
    gateway: {
      name: 'box',
      hostname: 'box.local',
      postmaster: address('it@contoso.com'),
      sender: undefined,
      defaultDomain: 'contoso.com',
      language: 'en',
      timezone: 'UTC',
      queueLifetimeMs: 5 * day,
      maxMessageSize: 35e6,
      weakestTls: 'legacy',
      trustedNetworks: ['127.0.0.0/8', '::1'],
      proxy: '',
      ...gateway,
    },
    limits: { connections: 500, connectionsPerAddress: 50, recipients: 1000, memory: 48e6 },
    history: { keepMs: 30 * day, keepTranscriptsMs: 7 * day, keepAuditMs: 400 * day, keepSubjects: true },
    console: {
      address: '127.0.0.1',
      port: 8025,
      tls: 'off',
      certificateFile: '',
      networks: [],
      secondFactor: 'optional',
      physicalReset: true,
    },
    operators: [],
    listeners: [listener('submission')],
    aliases: [],
    devices: [],
    upstreams: [],
    largeFiles: { account: '', container: 'scans', linkLifetimeMs: 30 * day },
    backups: [],
    alerts: { webhook: '', syslog: '', caFile: '', weeklyLetter: true },
    ...rest,
  }
}
