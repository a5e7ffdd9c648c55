import type { DocumentValue } from '../../../src/core/setup-operations.ts'
import { t } from '../../words/language.ts'

/** A value of the setup document as people read it. */
export function valueText(value: DocumentValue | undefined): string {
  if (value === undefined || value === null) return t('settings.default')
  if (value === '') return t('settings.not-set')
  if (typeof value === 'boolean') return t(value ? 'health.yes' : 'health.no')
  if (Array.isArray(value))
    return value.length === 0 ? t('settings.not-set') : value.map(valueText).join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, each]) => `${key} ${valueText(each)}`)
      .join(', ')
  return String(value)
}
