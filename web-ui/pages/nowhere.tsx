import { to } from '../router.ts'
import { t } from '../words/language.ts'

export function Nowhere() {
  return (
    <>
      <h1>{t('nowhere.title')}</h1>
      <p>
        <a href={to('home')}>{t('nav.home')}</a>
      </p>
    </>
  )
}
