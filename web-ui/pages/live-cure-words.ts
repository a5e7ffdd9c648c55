import type { TlsFloor } from '../../src/core/setup.ts'
import type { Cure } from '../../src/core/verdict.ts'
import { formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'

type OneTap = Exclude<Cure, { readonly kind: 'advice' }>

/** What a tap changes is a setting of the whole box, not of one device. */
export const isForEverybody = (cure: OneTap): boolean => cure.kind === 'setting'

const oldest: Readonly<Record<TlsFloor | 'plain', string>> = {
  modern: 'TLS 1.2',
  legacy: 'TLS 1.0',
  vintage: 'SSL 3.0',
  plain: '',
}

/** What the button says: the act, for whom, and for how long. `forMs` undefined: it stays. */
export function cureWords(cure: OneTap, forMs: number | undefined): string {
  const what = actWords(cure)
  return forMs === undefined ? what : t('cure.with-span', { what, span: formatSpan(forMs) })
}

function actWords(cure: OneTap): string {
  switch (cure.kind) {
    case 'adopt':
      return cure.tls === undefined ? t('cure.adopt') : t('cure.adopt-tls', { version: oldest[cure.tls] })
    case 'setting':
      return t('cure.trust-network', { address: cure.adds })
    case 'device-setting':
      return settingWords(cure)
  }
}

function settingWords(cure: Extract<OneTap, { readonly kind: 'device-setting' }>): string {
  const { device } = cure
  switch (cure.key) {
    case 'tls':
      return cure.value === 'plain' ? t('cure.plain') : t('cure.tls', { version: oldest[cure.value], device })
    case 'weak_until':
      return t('cure.weak-again', { device })
    case 'enabled':
      return t('cure.enable', { device })
    case 'data_end':
      return t('cure.data-end', { device })
    case 'mac':
      return t('cure.mac', { device, mac: cure.value })
    case 'max_per_hour':
      return t('cure.limit', { count: cure.value })
    case 'sender':
      return t('cure.sender', { sender: cure.value })
    case 'addresses':
      return t('cure.address', { address: cure.adds, device })
    case 'auth':
      return t('cure.auth', { mechanism: cure.adds })
    case 'allowed_recipients':
      return t('cure.recipient', { address: cure.adds })
  }
}
