import type { TokenView } from '../core/access-operations.ts'
import { parseAddress } from '../core/address.ts'
import type { BackupsView, RestoreView } from '../core/backup-operations.ts'
import type { CureView } from '../core/cure-operations.ts'
import type { FleetView } from '../core/fleet.ts'
import type { Sighting, Whereabouts } from '../core/learning.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { DeviceMail, DeviceView, Operations, StatusView } from '../core/operations.ts'
import type { Rehearsal } from '../core/rehearsal.ts'
import type { MessageView, QueueRow, SessionRecord } from '../core/spool.ts'
import { wallMs } from '../core/time.ts'
import { exampleNetwork } from './network-double.fixture.ts'
import { examplePages } from './pages-double.fixture.ts'
import { exampleUpdates } from './update-double.fixture.ts'

/** What the double was asked, as `method` and arguments. */
export type Asked = readonly [method: string, ...values: readonly unknown[]]

/** A box for tests: answers are fixed and may be replaced, questions are kept. */
export function operationsDouble(answers: Partial<Operations> = {}): {
  readonly operations: Operations
  readonly asked: Asked[]
} {
  const asked: Asked[] = []
  const all: Operations = { ...exampleAnswers, ...answers }
  const operations = new Proxy(all, {
    get(target, name) {
      const answer: unknown = Reflect.get(target, name)
      if (typeof answer !== 'function') return answer
      return (...values: readonly unknown[]) => {
        asked.push([String(name), ...values])
        return Reflect.apply(answer, target, values)
      }
    },
  })
  return { operations, asked }
}

/** The double's present: a time far enough from every zone's change of day. */
export const exampleNow = wallMs(Date.UTC(2026, 10, 21, 12, 0, 0))
const minutesAgo = (n: number) => wallMs(exampleNow - n * 60_000)

export const exampleCure: CureView = {
  id: 'c0ffee0042',
  session: 'S1',
  code: 'T2',
  who: 'control socket',
  at: minutesAgo(2),
  until: wallMs(Date.UTC(2026, 10, 29)),
  changes: ['device "Front desk scanner": tls "" → "legacy"'],
}

export const exampleRow: QueueRow = {
  message: messageIdOf(7),
  recipient: 1,
  address: 'anna.meier@contoso.com',
  device: 'Front desk scanner',
  kind: 'mail',
  size: 7_340_000,
  subject: 'Scan from the front desk',
  state: 'deferred',
  reason: 'The client secret has expired.',
  upstream: 'acs',
  acceptedWall: minutesAgo(2),
  dueAt: undefined,
  waitingFor: 'acs',
  attempts: 1,
}

export const exampleMessage: MessageView = {
  id: messageIdOf(7),
  kind: 'mail',
  device: 'Front desk scanner',
  session: 'S1',
  from: 'scanner@contoso.com',
  reversePath: 'scanner@contoso.com',
  subject: 'Scan from the front desk',
  headerMessageId: 'abc@branch-07.local',
  size: 7_340_000,
  acceptedWall: minutesAgo(2),
  clockBelievable: true,
  hasBody: true,
  fidelity: ['from-name'],
  files: [{ name: 'Scän.pdf', type: 'application/pdf', size: 5_200_000 }],
  recipients: [{ ...exampleRow, status: '4.7.0', said: 'anna' }],
  parts: [
    {
      message: messageIdOf(7),
      upstream: 'acs',
      number: 1,
      generation: 1,
      operationId: '0f0c1b6e-7f6e-5c0b-9a53-1c1c2b3d4e5f',
      bodySha256: 'ab'.repeat(32),
      state: 'open',
      recipients: [1],
      sends: 1,
      asks: 0,
      nextAskAt: undefined,
      startedAt: minutesAgo(1),
    },
  ],
  attempts: [
    {
      at: minutesAgo(1),
      upstream: 'acs',
      number: 1,
      outcome: 'paused',
      detail: 'AADSTS7000222: the client secret has expired',
      tookMs: 420,
      part: 1,
    },
  ],
  outbox: undefined,
}

const exampleSession: SessionRecord = {
  id: 'S1',
  startedAt: minutesAgo(2),
  endedAt: wallMs(minutesAgo(2) + 1500),
  address: '192.168.7.20',
  listener: 'submission',
  device: 'Front desk scanner',
  helo: 'MFP-4F',
  tls: 'TLSv1',
  messages: [messageIdOf(7)],
  result: '1 message accepted',
  verdict: {
    code: 'F1',
    sentence: 'Its mail was accepted.',
    evidence: ['1 mail was accepted', 'before that A5: The password for Front desk scanner is wrong.'],
    cure: undefined,
  },
  lines: [
    { at: 0, from: 'note', text: 'connected' },
    { at: 3, from: 'box', text: '220 branch-07.local' },
    { at: 40, from: 'device', text: 'AUTH PLAIN ****' },
  ],
}

export const exampleStatus: StatusView = {
  version: '0.1.0-test',
  name: 'branch-07',
  running: true,
  since: minutesAgo(60),
  clock: { wall: exampleNow, believable: true },
  console: 'http://127.0.0.1:8025',
  listeners: [
    {
      name: 'submission',
      address: '0.0.0.0',
      port: 2525,
      protocol: 'smtp',
      security: 'starttls',
      trouble: '',
    },
    {
      name: 'submissions',
      address: '::',
      port: 2465,
      protocol: 'smtp',
      security: 'implicit',
      trouble: 'the port is in use',
    },
  ],
  upstreams: [
    {
      name: 'acs',
      kind: 'acs-email',
      state: 'paused',
      reason: 'The client secret has expired.',
      remedy: 'Make a new secret in Entra and apply it as next_secret.',
      inFlight: 0,
      waiting: 12,
      nextTryInMs: 15 * 60_000,
      byOperator: false,
      forecast: { kind: 'paused', waiting: 12 },
      quota: [
        { window: 'messages in 1 min', windowMs: 60_000, of: 'messages', limit: 30, left: 12 },
        { window: 'messages in 60 min', windowMs: 3_600_000, of: 'messages', limit: 100, left: 80 },
      ],
    },
  ],
  queue: {
    byState: { deferred: 12, accepted: 400 },
    oldestOpen: minutesAgo(90),
    waitingByUpstream: { acs: 12 },
    bytes: 88_000_000,
  },
  disk: { writable: true, freeBytes: 12_000_000_000, detail: '' },
  alerts: [
    {
      key: 'upstream-paused/acs',
      severity: 'warning',
      sentence: 'acs is paused: The client secret has expired.',
      remedy: 'Make a new secret in Entra and apply it as next_secret.',
      since: minutesAgo(90),
    },
  ],
  vault: 'open',
  takeOver: undefined,
  revision: 3,
}

const done = { kind: 'done' } as const
const card = ['User name  h7k2m', 'Password   1234 5678'] as const

const noDevice = { kind: 'refused', reason: 'there is no device nobody' } as const

const exampleDevice: DeviceView = {
  name: 'Front desk scanner',
  username: 'h7k2m',
  addresses: [],
  sender: parseAddress('scanner@contoso.com'),
  owner: undefined,
  enabled: true,
  allowedRecipients: [],
  hasPassword: true,
  seen: {
    device: 'Front desk scanner',
    address: '192.168.7.20',
    lastSeen: minutesAgo(90),
    lastSession: 'S1',
    tls: 'TLSv1 AES128-SHA',
    mechanism: 'LOGIN',
    repairs: [{ name: 'mail-space', at: minutesAgo(90) }],
  },
  weak: 'TLSv1',
  health: { kind: 'fine', word: 'OK', code: 'F1', at: minutesAgo(90), session: 'S1' },
  lastMail: minutesAgo(90),
}

const exampleMail: DeviceMail = {
  lastDay: { sent: 0, delivered: 0, failed: 0, suppressed: 0 },
  lastMonth: { sent: 40, delivered: 30, failed: 3, suppressed: 2 },
  suppressed: [{ address: 'old@contoso.com', at: minutesAgo(90), mails: 2 }],
}
const exampleWhereabouts: Whereabouts = {
  kind: 'silent',
  address: '192.168.7.20',
  lastSeen: minutesAgo(90),
}

export const exampleToken: TokenView = {
  id: '0a1b2c3d4e5f',
  name: 'monitoring',
  role: 'viewer',
  maker: 'anna',
  madeAt: wallMs(exampleNow - 30 * 24 * 3_600_000),
  endsAt: wallMs(exampleNow + 335 * 24 * 3_600_000),
  usedAt: undefined,
}

const exampleSighting: Sighting = {
  address: '192.168.7.23',
  mac: '00:26:73:00:00:01',
  maker: 'RICOH COMPANY,LTD.',
  helo: 'MFP-4F',
  username: 'scanner',
  triedAuth: true,
  mailFrom: 'scan@contoso.com',
  rcptDomain: 'contoso.com',
  tls: '',
  result: '530 5.7.0 Sign in first',
  firstSeen: minutesAgo(120),
  lastSeen: minutesAgo(5),
  count: 3,
}

const outside = parseAddress('eve@elsewhere.example')
if (outside === undefined) throw new Error('an example is no address')

export const exampleRehearsal: Rehearsal = {
  upstream: 'direct',
  kind: 'exchange-direct',
  since: wallMs(exampleNow - 30 * 86_400_000),
  until: exampleNow,
  mails: 120,
  deliveries: 130,
  refused: [
    {
      why: 'external-recipient',
      mails: 2,
      deliveries: 2,
      devices: ['Front desk scanner'],
      examples: [{ message: messageIdOf(7), recipient: outside }],
    },
  ],
  otherSenders: [{ from: 'scanner@contoso.com', sender: 'noreply@contoso.com', mails: 9 }],
  losses: [],
  pace: { mostPerMinute: 4, mostPerHour: 20, mostPerDay: 60, waited: 3, longestWaitMs: 120_000 },
}

const exampleBackups: BackupsView = {
  recovery: { kind: 'confirmed', since: minutesAgo(600) },
  copies: [{ name: 'nightly-2026-11-21.inkpost-backup', at: minutesAgo(500), octets: 80_000 }],
  lastCopy: { at: minutesAgo(500), trouble: '' },
}

export const exampleRestored: RestoreView = {
  version: '0.1.0',
  box: 'branch-07',
  made: '2026-11-20T03:00:00.000Z',
  contents: ['settings', 'secrets', 'certificates'],
  octets: 80_000,
  sealedFor: ['passphrase'],
  setup: 'schema = 1\n',
  remarks: [],
  held: 0,
  goingOn: 0,
  putAside: 0,
  isTaken: false,
}

const exampleFleet: FleetView = {
  state: 'off',
  reason: undefined,
  detail: '',
  managed: undefined,
  canary: false,
  published: undefined,
  takenAt: undefined,
  healthySince: undefined,
  pulledAt: undefined,
  pullTrouble: '',
  toldAt: undefined,
  tellTrouble: '',
  box: { name: 'branch-07', version: '0.1.0', alarms: 0, warnings: 0, waiting: 0, paused: 0 },
}

const exampleAnswers: Operations = {
  ...examplePages,
  ...exampleNetwork,
  ...exampleUpdates,
  status: async () => exampleStatus,
  queue: async () => [exampleRow],
  message: async (id) => (id.startsWith('7') ? exampleMessage : undefined),
  async content(id) {
    return id.startsWith('7') ? pieces(['Subject: Scan\r\n\r\n', 'body\r\n']) : undefined
  },
  act: async (_action, selector) =>
    selector === 'all' || selector.startsWith('7')
      ? { ...done, count: 2 }
      : { kind: 'refused', reason: `there is no message ${selector}` },
  pause: async () => ({ ...done, isChanged: true }),
  resume: async (name) =>
    name === 'acs'
      ? { ...done, isChanged: true }
      : { kind: 'refused', reason: `there is no way out ${name}` },
  sessions: async () => [exampleSession],
  session: async (id) => (id === 'S1' ? exampleSession : undefined),
  applySetup: async (text, { check }) => {
    if (text.includes('wrong')) {
      const remark = { place: 'device 2 "Front desk": username', sentence: 'is longer than 15 characters' }
      return { kind: 'invalid', remarks: [{ ...remark, severity: 'error' }] }
    }
    const changes = ['device "Front desk" is new']
    return check
      ? { kind: 'valid', changes, remarks: [] }
      : { kind: 'applied', changes, remarks: [], revision: 4 }
  },
  exportSetup: async () => 'schema = 1\n',
  audit: async () => [
    {
      id: 7,
      at: minutesAgo(5),
      who: 'anna',
      place: 'command line',
      what: 'device "Front desk" is new',
      changes: [{ what: 'device "Front desk"', before: '', after: '{"name":"Front desk"}' }],
      weakens: false,
    },
  ],
  verifyAudit: async () => ({
    kind: 'intact',
    entries: 7,
    oldest: minutesAgo(600),
    head: { id: 7, hash: 'ab'.repeat(32) },
    witnesses: 1,
  }),
  backups: async () => exampleBackups,
  makeBackup: async () => ({ ...done, name: 'branch-07.inkpost-backup', octets: pieces(['a backup']) }),
  backupFile: async () => ({ ...done, octets: pieces(['a nightly copy']) }),
  restore: async (octets) => {
    await Array.fromAsync(octets)
    return { ...done, restored: exampleRestored }
  },
  storages: async () => ({
    ...done,
    storages: [{ storage: 'sda2', fileSystem: 'ext4', octets: 32e9, model: 'Card Reader' }],
  }),
  takeOverStorage: async () => ({ ...done, restored: { ...exampleRestored, version: '' } }),
  fleet: async () => exampleFleet,
  pullFleet: async () => ({ ...done, view: exampleFleet }),
  managed: async () => ({ managed: null }),
  fleetIdentity: async () => ({ ...done, identity: 'inkpost-box:seal.sign' }),
  fleetBoxes: async () => [],
  backupTargets: async () => [
    { name: 'nas', kind: 'smb', place: '//nas/backups', arrivedAt: minutesAgo(60), trouble: '' },
    {
      name: 'cloud',
      kind: 'https',
      place: 'https://backup.contoso.com/b',
      arrivedAt: undefined,
      trouble: 'it answered 403',
    },
  ],
  sticks: async () => ({
    ...done,
    sticks: [{ storage: 'sdb1', fileSystem: 'vfat', octets: 16e9, model: 'Stick', isReadOnly: false }],
  }),
  useStick: async () => done,
  testBackupTarget: async (name) =>
    name === 'nas' ? done : { kind: 'refused', reason: 'cloud: it answered 403' },
  identity: async () => ({ generation: 1, since: minutesAgo(5), stoodDown: undefined, isLocked: false }),
  keepIdentity: async () => done,
  recoveryCode: async () => ({ ...done, code: 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ12' }),
  confirmRecovery: async (part) =>
    part === 'TVWXYZ12' ? done : { kind: 'refused', isWrongInput: true, reason: 'that is another part' },
  devices: async () => [exampleDevice],
  device: async (name) =>
    name === 'nobody'
      ? noDevice
      : {
          ...done,
          device: exampleDevice,
          whereabouts: exampleWhereabouts,
          mail: exampleMail,
        },
  findDevice: async (name) => (name === 'nobody' ? noDevice : { ...done, whereabouts: exampleWhereabouts }),
  sightings: async () => [exampleSighting],
  adopt: async ({ address }) =>
    address === exampleSighting.address
      ? { ...done, card, released: 2 }
      : { kind: 'refused', reason: `${address} was not seen` },
  cure: async (session) => ({ kind: 'done', cure: { ...exampleCure, session } }),
  undoCure: async () => ({ kind: 'done', changes: exampleCure.changes }),
  cures: async () => [exampleCure],
  takeOver: async () => ({
    open: { subnet: '192.168.7.0/24', openedBy: 'anna', leftMs: 40 * 60_000 },
    waiting: [
      {
        address: '192.168.7.23',
        mails: 2,
        octets: 4_000_000,
        oldest: minutesAgo(60),
        heldMs: 60 * 60_000,
        droppedAt: wallMs(exampleNow + 23 * 60 * 60_000),
      },
    ],
  }),
  openTakeOver: async (subnet, forMs) =>
    subnet === '192.168.7.0/24'
      ? { ...done, leftMs: forMs }
      : { kind: 'refused', reason: `${subnet} is in no trusted network` },
  closeTakeOver: async () => done,
  addDevice: async () => ({ ...done, card }),
  removeDevice: async () => done,
  card: async (name) =>
    name === 'nobody' ? { kind: 'refused', reason: 'there is no device nobody' } : { ...done, card },
  rotateDevice: async () => ({ ...done, card }),
  aliases: async () => [{ name: 'anna', to: ['anna.meier@contoso.com'] }],
  addAlias: async () => done,
  removeAlias: async () => done,
  operators: async () => [{ name: 'anna', role: 'administrator', hasSecondFactor: true }],
  removeSecondFactor: async () => done,
  tokens: async () => [exampleToken],
  addToken: async () => ({ ...done, token: 'inkpost_example', id: exampleToken.id }),
  removeToken: async () => done,
  addOperator: async () => done,
  setOperatorPassword: async () => done,
  removeOperator: async () => done,
  claim: async () => ({ code: 'ABCD2345', isClaimed: false }),
  decommission: async () => ({ kind: 'done', text: '# The mail gateway is decommissioned.\n' }),
  resetBox: async () => ({ kind: 'done', code: 'EFGH2345' }),
  alerts: async () => ({ active: exampleStatus.alerts, past: [] }),
  testAlert: async () => ({
    ...done,
    answers: [
      { channel: 'mail', answer: { kind: 'off', detail: 'gateway.postmaster is not set' } },
      { channel: 'webhook', answer: { kind: 'told', detail: 'answered 204' } },
      { channel: 'syslog', answer: { kind: 'failed', detail: 'refused' } },
    ],
  }),
  health: async () => ({
    machine: { manufacturer: '', model: '', serial: '' },
    ownMemory: 60_000_000,
    time: { believable: true, hasBattery: false },
    network: [],
    updates: [],
    checkUpdate: [],
    fetchUpdate: [],
    beginBundle: [],
    uploadBundle: [],
    updateSticks: [],
    installUpdate: [],
    cancelUpdate: [],
    rollBackUpdate: [],
    nameServers: [],
  }),
  calendar: async () => [],
  sendTest: async () => ({ ...done, message: '7' }),
  azureScript: async () => ({ ...done, text: '#!/usr/bin/env bash\n' }),
  certificateRequest: async () => ({ ...done, pem: '-----BEGIN CERTIFICATE REQUEST-----\n' }),
  doctor: async () => ({ at: exampleNow, findings: [], needsDoing: false }),
  sendThrough: async () => ({ ...done, message: '7' }),
  replaceSecret: async () => ({
    ...done,
    pem: '-----BEGIN CERTIFICATE-----\n',
    steps: ['Upload it.'],
  }),
  renewCertificate: async () => ({ ...done, pem: '-----BEGIN CERTIFICATE-----\n' }),
  cancelCertificate: async () => done,
  certificate: async () => ({ ...done, pem: '-----BEGIN CERTIFICATE-----\n' }),
  supportBundle: async () => ({ text: 'Support bundle\n' }),
  forget: async () => ({ ...done, count: 3 }),
  rehearse: async () => ({ ...done, rehearsal: exampleRehearsal }),
  report: async () => ({ ...done, text: 'Firewall list\n\nnothing\n', data: { destinations: [] } }),
}

async function* pieces(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}
