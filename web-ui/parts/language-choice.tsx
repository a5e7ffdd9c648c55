import { useId } from 'preact/hooks'
import { chooseLanguage, language, t } from '../words/language.ts'
import { isLanguage, languages } from '../words/languages.ts'
import { Labelled } from './form.tsx'

/** Languages by their own names: who reads none of the others finds theirs. */
export function LanguageChoice() {
  const id = useId()
  return (
    <Labelled id={id} label={t('language.choose')}>
      <select
        id={id}
        value={language.value}
        onChange={({ currentTarget }) => {
          if (isLanguage(currentTarget.value)) void chooseLanguage(currentTarget.value)
        }}
      >
        {Object.entries(languages).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
