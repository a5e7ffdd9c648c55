import type { CredentialSetup, UpstreamKind } from './setup.ts'

/** Something that a service has said it will end. */
export interface ServiceEnd {
  readonly id: string
  readonly kinds: readonly UpstreamKind[]
  /** With these credentials only; undefined: with any. */
  readonly credentials?: readonly CredentialSetup['kind'][]
  /** As the subject of a sentence. */
  readonly what: string
  readonly certainty: 'fixed' | 'announced'
  /** The last day on which it surely works as today, `2028-09-30`; undefined: nobody has named one. Of `announced` never shown. */
  readonly due: string | undefined
  /** What is said of the time, in the words of the source. */
  readonly when: string
  readonly remedy: string
  readonly source: string
  /** When the source was read. */
  readonly read: string
}

const exchangeTimeline =
  'Exchange Team Blog, 27 Jan 2026: Updated Exchange Online SMTP AUTH Basic Authentication Deprecation Timeline (techcommunity.microsoft.com/blog/exchange/…/4489835)'
const basicKinds = ['exchange-smtp'] as const
const byPassword = ['password'] as const

/** Ends of services that concern a kind of way out. What Microsoft still moves is `announced`. */
export const serviceEnds: readonly ServiceEnd[] = [
  {
    id: 'acs-email',
    kinds: ['acs-email', 'acs-smtp'],
    what: 'Azure Communication Services Email ends',
    certainty: 'fixed',
    due: '2028-09-30',
    when: '30 Sep 2028',
    remedy:
      'Choose the next way out in good time (Exchange Online, Graph or a smarthost), add it as [[upstream]] and put it first in a route; no device has to be touched.',
    source: 'Azure Communication Services, retirement and breaking changes guide (learn.microsoft.com)',
    read: '2026-11',
  },
  {
    id: 'smtp-auth-basic-default',
    kinds: basicKinds,
    credentials: byPassword,
    what: 'Exchange Online switches SMTP AUTH by password off by default',
    certainty: 'announced',
    due: '2026-12-31',
    when: 'end of December 2026, as announced; an administrator can switch it on again',
    remedy:
      'Give this upstream a client-secret or client-certificate; until then an administrator of the tenant can allow SMTP AUTH by password again.',
    source: exchangeTimeline,
    read: '2026-11-28',
  },
  {
    id: 'smtp-auth-basic-removal',
    kinds: basicKinds,
    credentials: byPassword,
    what: 'Exchange Online removes SMTP AUTH by password for good',
    certainty: 'announced',
    due: undefined,
    when: 'no date yet: Microsoft will announce it in the second half of 2027',
    remedy: 'Give this upstream a client-secret or client-certificate.',
    source: exchangeTimeline,
    read: '2026-11-28',
  },
]
