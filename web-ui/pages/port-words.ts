import { t } from '../words/language.ts'

/** How a printer encrypts on a listener of this `security`. */
export function portWords(security: string): string {
  switch (security) {
    case 'implicit':
      return t('port.implicit')
    case 'starttls':
      return t('port.starttls')
    default:
      return t('port.plain')
  }
}
