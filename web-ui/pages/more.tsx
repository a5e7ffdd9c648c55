import { ask, refreshStanding } from '../box.ts'
import { t } from '../words/language.ts'

/** What is needed seldom. */
export function More() {
  const signOut = async () => {
    await ask('DELETE', '/session')
    await refreshStanding()
  }
  return (
    <>
      <h1>{t('nav.more')}</h1>
      <button type="button" onClick={signOut}>
        {t('sign-in.out')}
      </button>
    </>
  )
}
