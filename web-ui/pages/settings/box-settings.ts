import type { SettingsTable } from '../../../src/core/setup-operations.ts'
import { t } from '../../words/language.ts'
import type { Setting } from './setting-rows.tsx'

interface SettingGroup {
  readonly title: string
  readonly table: SettingsTable
  readonly settings: readonly Setting[]
}

const text = { kind: 'text' } as const
const number = { kind: 'number' } as const
const flag = { kind: 'flag' } as const
const list = { kind: 'list' } as const

export const boxSettings = (): readonly SettingGroup[] => [
  ...ofGateway(),
  {
    title: t('settings.limits'),
    table: 'limits',
    settings: [
      { key: 'connections', label: t('settings.connections'), input: number },
      { key: 'connections_per_address', label: t('settings.connections-per-address'), input: number },
      { key: 'recipients', label: t('settings.recipients'), input: number },
      { key: 'memory', label: t('settings.memory'), hint: t('settings.size'), input: text },
    ],
  },
  {
    title: t('settings.history'),
    table: 'history',
    settings: [
      { key: 'keep', label: t('settings.keep'), hint: t('settings.duration'), input: text },
      {
        key: 'keep_transcripts',
        label: t('settings.keep-transcripts'),
        hint: t('settings.duration'),
        input: text,
      },
      { key: 'keep_audit', label: t('settings.keep-audit'), hint: t('settings.duration'), input: text },
      { key: 'keep_subjects', label: t('settings.keep-subjects'), input: flag },
    ],
  },
  {
    title: t('settings.alerts'),
    table: 'alerts',
    settings: [
      { key: 'webhook', label: t('settings.webhook'), hint: t('settings.webhook-hint'), input: text },
      { key: 'syslog', label: t('settings.syslog'), hint: t('settings.syslog-hint'), input: text },
      { key: 'weekly_letter', label: t('settings.weekly-letter'), input: flag },
    ],
  },
  ofConsole(),
]

const ofGateway = (): readonly SettingGroup[] => [
  {
    title: t('settings.name-and-place'),
    table: 'gateway',
    settings: [
      { key: 'name', label: t('settings.name'), hint: t('settings.name-hint'), input: text },
      { key: 'hostname', label: t('settings.hostname'), input: text },
      { key: 'timezone', label: t('settings.timezone'), hint: t('settings.timezone-hint'), input: text },
      { key: 'language', label: t('settings.language'), input: text },
    ],
  },
  {
    title: t('settings.own-mail'),
    table: 'gateway',
    settings: [
      {
        key: 'postmaster',
        label: t('settings.postmaster'),
        hint: t('settings.postmaster-hint'),
        input: text,
      },
      { key: 'sender', label: t('settings.sender'), input: text },
    ],
  },
  {
    title: t('settings.devices'),
    table: 'gateway',
    settings: [
      { key: 'default_domain', label: t('settings.default-domain'), input: text },
      {
        key: 'trusted_networks',
        label: t('settings.trusted-networks'),
        hint: t('settings.trusted-networks-hint'),
        input: list,
      },
      {
        key: 'max_message_size',
        label: t('settings.max-message-size'),
        hint: t('settings.size'),
        input: text,
      },
      {
        key: 'queue_lifetime',
        label: t('settings.queue-lifetime'),
        hint: t('settings.duration'),
        input: text,
      },
      { key: 'proxy', label: t('settings.proxy'), input: text },
      {
        key: 'weakest_tls',
        label: t('settings.weakest-tls'),
        input: { kind: 'fixed', why: t('settings.weakest-tls-why') },
      },
    ],
  },
]

const ofConsole = (): SettingGroup => ({
  title: t('settings.console'),
  table: 'console',
  settings: [
    {
      key: 'networks',
      label: t('settings.console-networks'),
      hint: t('settings.console-networks-hint'),
      input: list,
    },
    {
      key: 'second_factor',
      label: t('settings.second-factor'),
      input: {
        kind: 'choice',
        options: (['optional', 'administrators', 'all'] as const).map((value) => ({
          value,
          label: t(`settings.second-factor-${value}`),
        })),
      },
    },
    { key: 'physical_reset', label: t('settings.physical-reset'), input: flag },
    {
      key: 'address',
      label: t('settings.console-address'),
      input: { kind: 'fixed', why: t('settings.console-address-why') },
    },
    {
      key: 'port',
      label: t('settings.console-port'),
      input: { kind: 'fixed', why: t('settings.console-address-why') },
    },
  ],
})
