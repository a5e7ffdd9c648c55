import type { DeviceSettings, DeviceSheet } from '../core/device-view.ts'
import type { HomeView } from '../core/home.ts'
import { told } from '../core/home-words.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { Operations } from '../core/operations.ts'
import type { MailRow, MailStory } from '../core/queue-operations.ts'
import { wallMs } from '../core/time.ts'

/** The same present as that of the other examples. */
const now = Date.UTC(2026, 10, 21, 12, 0, 0)
const ago = (minutes: number) => wallMs(now - minutes * 60_000)

const settings: DeviceSettings = {
  name: 'Front desk scanner',
  username: 'scan1',
  also_known_as: [],
  addresses: ['192.168.7.20'],
  mac: '',
  sender: 'scanner@contoso.com',
  sender_name: '',
  keep_sender: 'reply-to',
  subject_prefix: '',
  allowed_recipients: ['*@contoso.com'],
  max_per_hour: 200,
  raised_per_hour: 0,
  raised_until: '',
  priority: 'normal',
  owner: 'reception@contoso.com',
  route: undefined,
  tls: '',
  require_tls: false,
  weak_until: '',
  certificate: 'auto',
  auth: ['LOGIN', 'PLAIN'],
  charset: 'utf-8',
  data_end: 'crlf',
  enabled: true,
}

const health = { kind: 'fine', word: 'OK', code: 'F1', at: ago(90), session: 'S1' } as const

const sheet: DeviceSheet = {
  settings,
  effective: {
    route: ['acs'],
    owner: 'reception@contoso.com',
    tls: 'legacy',
    maxPerHour: 200,
    login: 'scan1',
  },
  hasPassword: true,
  health,
  lastMail: ago(90),
  address: '192.168.7.20',
  page: 'http://192.168.7.20/',
  maker: 'RICOH COMPANY,LTD.',
  hints: { maker: 'Ricoh', menus: [], limits: [], traps: ['It divides.'] },
  addressWarning: undefined,
  replacement: undefined,
  revision: 4,
}

export const examplePaused = told({
  kind: 'upstream-paused',
  upstream: 'acs',
  reason: 'the client secret has expired',
  remedy: 'Make a new secret in Entra and apply it as next_secret.',
  byOperator: false,
  waiting: 12,
  nextTryInMs: 900_000,
})

const home: HomeView = {
  name: 'branch-07',
  version: '0.2.0',
  at: wallMs(now),
  isClockBelievable: true,
  sentence: examplePaused.sentence,
  problems: [examplePaused],
  queue: { waiting: 12, held: 0, oldest: ago(120), octets: 4_000_000 },
  sentToday: 40,
  devices: [{ name: settings.name, health, lastMail: ago(90) }],
  upstreams: [
    {
      name: 'acs',
      kind: 'acs-email',
      state: 'paused',
      waiting: 12,
      quota: [{ windowMs: 60_000, of: 'messages', limit: 30, left: 12 }],
      forecast: { kind: 'paused', waiting: 12 },
    },
    {
      name: 'exchange',
      kind: 'exchange-smtp',
      state: 'throttled',
      waiting: 12,
      quota: [],
      forecast: { kind: 'leaves', waiting: 12, lastInMs: 1_440_000 },
    },
  ],
  disk: { writable: true, freeBytes: 20e9, mails: 9000 },
  unknownDevices: 1,
  revision: 4,
}

const mail: MailRow = {
  kind: 'mail',
  message: messageIdOf(7),
  mailKind: 'mail',
  device: settings.name,
  subject: 'Scan from the front desk',
  size: 7_340_000,
  acceptedWall: ago(2),
  recipients: ['anna.meier@contoso.com'],
  recipientCount: 1,
  states: { deferred: 1 },
  wait: {
    kind: 'upstream-paused',
    upstream: 'acs',
    until: ago(-15),
    attempts: 1,
    sentence: 'acs is paused: the client secret has expired.',
  },
  undoUntil: undefined,
}

const story: MailStory = {
  message: messageIdOf(7),
  recipients: [
    {
      recipient: 1,
      address: 'anna.meier@contoso.com',
      state: 'deferred',
      ticks: { boxHasIt: true, wayOutTookIt: false, delivered: 'not yet known' },
      wait: mail.wait,
      reply: 'the client secret has expired',
      status: '4.7.0',
    },
  ],
  undoUntil: undefined,
  steps: [{ kind: 'accepted', at: ago(2), session: 'S1' }],
}

const done = { kind: 'done' } as const
const edited = {
  ...done,
  changes: ['device "Front desk scanner": sender changed'],
  remarks: [],
  revision: 5,
}

type Pages = Pick<
  Operations,
  | 'home'
  | 'deviceSheet'
  | 'deviceHistory'
  | 'editDevice'
  | 'raiseLimit'
  | 'replaceDevice'
  | 'printCard'
  | 'boxAddresses'
  | 'confirmAddress'
  | 'search'
  | 'story'
  | 'drop'
  | 'undoDrop'
  | 'upstreamSheet'
  | 'editUpstream'
  | 'addUpstream'
  | 'removeUpstream'
  | 'settingsSheet'
  | 'editSettings'
>

/** What a double answers to the pages' questions. */
export const examplePages: Pages = {
  home: async () => home,
  deviceSheet: async () => ({ ...done, sheet }),
  deviceHistory: async () => ({
    ...done,
    history: {
      days: [
        { date: '2026-11-21', mails: 3, sent: 3, waiting: 0, bounced: 0, dropped: 0, refused: { A5: 2 } },
      ],
      isCut: false,
    },
  }),
  editDevice: async (name) =>
    name === 'nobody'
      ? { kind: 'refused', reason: 'there is no device nobody', trouble: { why: 'unknown' } }
      : { ...edited, settings },
  raiseLimit: async () => edited,
  replaceDevice: async () => ({ ...done, leftMs: 86_400_000 }),
  printCard: async () => ({ ...done, address: '192.168.7.20', sentence: 'The printer took the card.' }),
  boxAddresses: async () => ({
    addresses: [{ address: '192.168.7.2', interface: 'eth0', origin: 'dhcp', isReserved: true }],
    warning: undefined,
  }),
  confirmAddress: async () => done,
  search: async () => ({ ...done, page: { rows: [mail], next: 'm.7', searchedTo: ago(2) } }),
  story: async (id) => (id.startsWith('7') ? story : undefined),
  drop: async (selector) =>
    selector.startsWith('7')
      ? { ...done, count: 1, undoUntil: ago(-2) }
      : { kind: 'refused', reason: `there is no message ${selector}` },
  undoDrop: async () => ({ ...done, count: 1 }),
  upstreamSheet: async () => ({
    ...done,
    sheet: {
      settings: { name: 'acs', kind: 'acs-email' },
      quota: [],
      forecast: { kind: 'nothing-waits' },
      use: {
        month: '2026-11',
        mails: 4,
        recipients: 5,
        octets: 6,
        failed: 0,
        cost: undefined,
        expected: undefined,
      },
      devices: [settings.name],
      revision: 4,
    },
  }),
  editUpstream: async () => edited,
  addUpstream: async () => edited,
  removeUpstream: async () => edited,
  settingsSheet: async () => ({
    tables: {
      gateway: { name: 'branch-07' },
      limits: {},
      history: {},
      console: {},
      large_files: {},
      alerts: {},
    },
    revision: 4,
  }),
  editSettings: async () => edited,
}
