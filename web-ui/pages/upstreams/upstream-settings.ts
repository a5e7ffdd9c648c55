import { t } from '../../words/language.ts'
import type { Setting } from '../settings/setting-rows.tsx'

const text = { kind: 'text' } as const
const list = { kind: 'list' } as const

/** What can be set on a way out of this kind, but its sign-in. */
export function upstreamSettings(kind: string): readonly Setting[] {
  if (kind === 'outbox') return [enabled()]
  return [enabled(), ...placeSettings(kind), ...senderSettings(kind), ...paceSettings()]
}

const enabled = (): Setting => ({ key: 'enabled', label: t('upstreams.enabled'), input: { kind: 'flag' } })

function placeSettings(kind: string): readonly Setting[] {
  if (kind === 'acs-email' || kind === 'graph')
    return [
      { key: 'endpoint', label: t('upstreams.endpoint'), hint: t('upstreams.endpoint-hint'), input: text },
    ]
  const security = {
    kind: 'choice',
    options: (['starttls', 'implicit', 'plain'] as const).map((value) => ({
      value,
      label: t(`upstreams.security-${value}`),
    })),
  } as const
  return [
    { key: 'host', label: t('upstreams.host'), input: text },
    { key: 'port', label: t('upstreams.port'), input: { kind: 'number' } },
    ...(kind === 'smarthost' ? [{ key: 'security', label: t('upstreams.security'), input: security }] : []),
    ...(kind === 'exchange-direct' || kind === 'exchange-connector'
      ? []
      : [{ key: 'username', label: t('upstreams.username'), input: text }]),
  ]
}

const senderSettings = (kind: string): readonly Setting[] => [
  { key: 'senders', label: t('upstreams.senders'), hint: t('upstreams.senders-hint'), input: list },
  { key: 'sender', label: t('upstreams.sender'), input: text },
  ...(kind.startsWith('exchange')
    ? [{ key: 'accepted_domains', label: t('upstreams.accepted-domains'), input: list }]
    : []),
]

const paceSettings = (): readonly Setting[] => [
  { key: 'share', label: t('upstreams.share'), hint: t('upstreams.share-hint'), input: text },
  { key: 'connections', label: t('upstreams.connections'), input: { kind: 'number' } },
  { key: 'max_message_size', label: t('upstreams.max-message-size'), hint: t('settings.size'), input: text },
]
