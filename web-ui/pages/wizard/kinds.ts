import type { UpstreamKind } from '../../../src/core/setup.ts'
import type { RowChange } from '../../../src/core/setup-operations.ts'
import { typedNumber } from '../../typed-number.ts'
import type { Key } from '../../words/en.ts'

export const sendingKinds = [
  'exchange-smtp',
  'exchange-hve',
  'acs-email',
  'exchange-connector',
  'smarthost',
  'graph',
  'acs-smtp',
  'exchange-direct',
] as const satisfies readonly UpstreamKind[]
export type SendingKind = (typeof sendingKinds)[number]

export const isSendingKind = (text: string): text is SendingKind => sendingKinds.some((kind) => kind === text)

export const kindKey = (kind: SendingKind): Key => `kind.${kind}`

/** How the box can sign in; the first is proposed. */
export type SignIn = 'script' | 'key' | 'password' | 'none'

interface KindForm {
  /** What a way out of this kind is called where nobody says otherwise. */
  readonly name: string
  readonly signIns: readonly SignIn[]
  readonly hasHost?: 'any' | 'mx'
  readonly hasDomains?: true
}

export const kindForms: Readonly<Record<SendingKind, KindForm>> = {
  'acs-email': { name: 'acs', signIns: ['script', 'key'] },
  'acs-smtp': { name: 'acs', signIns: ['script', 'password'] },
  'exchange-smtp': { name: 'exchange', signIns: ['script', 'password'] },
  'exchange-hve': { name: 'hve', signIns: ['script', 'password'], hasDomains: true },
  'exchange-direct': { name: 'direct', signIns: ['none'], hasHost: 'mx', hasDomains: true },
  'exchange-connector': { name: 'connector', signIns: ['none'], hasHost: 'mx' },
  graph: { name: 'graph', signIns: ['script'] },
  smarthost: { name: 'server', signIns: ['password', 'none'], hasHost: 'any' },
}

/** What a person typed into the form of a way out. */
export interface WayOutWish {
  readonly name: string
  readonly sender: string
  readonly signIn: SignIn
  readonly endpoint: string
  readonly key: string
  readonly host: string
  readonly port: string
  readonly security: 'starttls' | 'implicit' | 'plain'
  readonly username: string
  readonly password: string
  readonly domains: string
  readonly caFile: string
}

/** The row of the setup document. By a script it is off until the script's answer completes it. */
export function rowOf(kind: SendingKind, wish: WayOutWish): RowChange {
  const { hasHost, hasDomains } = kindForms[kind]
  const domains = wish.domains.split(/[\s,;]+/).filter((domain) => domain !== '')
  const isServer = kind === 'smarthost'
  return {
    name: wish.name.trim(),
    kind,
    enabled: wish.signIn !== 'script',
    ...(wish.signIn === 'key' && { endpoint: wish.endpoint.trim().replace(/\/+$/, '') }),
    ...(hasHost && { host: wish.host.trim() }),
    ...(isServer && wish.port.trim() !== '' && { port: typedNumber(wish.port) }),
    ...(isServer && { security: wish.security }),
    ...(hasDomains && domains.length > 0 && { accepted_domains: domains }),
    ...(wish.sender.trim() !== '' && { senders: [wish.sender.trim()], sender: wish.sender.trim() }),
    ...(wish.caFile.trim() !== '' && { ca_file: wish.caFile.trim() }),
    ...credentialOf(kind, wish),
  }
}

function credentialOf(kind: SendingKind, { signIn, key, username, password, sender }: WayOutWish): RowChange {
  switch (signIn) {
    case 'script':
      return { ...mailboxName(kind, sender.trim()), credential: { kind: 'client-certificate' } }
    case 'key':
      return { credential: { kind: 'access-key', key: key.trim() } }
    case 'password':
      return { credential: { kind: 'password', username: username.trim(), password } }
    case 'none':
      return {}
  }
}

/** A mailbox at Exchange signs in by its own name, and sends as itself. */
const mailboxName = (kind: SendingKind, sender: string): RowChange =>
  kind === 'exchange-smtp' || kind === 'exchange-hve' ? { username: sender } : {}

/** Keys of the document that have a field of their own here: what is wrong with another one is told in words. */
export function keysShown(kind: SendingKind, { signIn }: WayOutWish): readonly string[] {
  const { hasHost, hasDomains } = kindForms[kind]
  return [
    'name',
    'sender',
    'senders',
    'ca_file',
    ...(hasHost ? ['host'] : []),
    ...(kind === 'smarthost' ? ['port', 'security'] : []),
    ...(hasDomains ? ['accepted_domains'] : []),
    ...(signIn === 'key' ? ['endpoint', 'credential.key'] : []),
    ...(signIn === 'password' ? ['username', 'credential.username', 'credential.password'] : []),
  ]
}
