import { useState } from 'preact/hooks'
import { get } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { Paper } from '../../parts/paper.tsx'
import { t } from '../../words/language.ts'

/** The paste that makes at Microsoft what this way out needs. */
export function AzureScript({ name }: { readonly name: string }) {
  const [text, setText] = useState('')
  return (
    <section>
      <h2>{t('upstreams.script')}</h2>
      <p>{t('upstreams.script-line')}</p>
      {text === '' ? (
        <Action
          label={t('upstreams.script')}
          run={() => get<{ readonly text: string }>(`/azure-script?upstream=${encodeURIComponent(name)}`)}
          onDone={(made) => setText(made.text)}
        />
      ) : (
        <Paper label={t('upstreams.script')} text={text} file={`${name}.sh`} />
      )}
    </section>
  )
}
