import { useState } from 'preact/hooks'
import { ask } from '../../box.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Field } from '../../parts/form.tsx'
import { Paper } from '../../parts/paper.tsx'
import { t } from '../../words/language.ts'

interface End {
  readonly text: string
}

/** The end of the box: its name is typed, and what still knows it elsewhere is all that stays. */
export function Decommission() {
  const [name, setName] = useState('')
  const [end, setEnd] = useState<End | undefined>(undefined)
  if (end !== undefined)
    return (
      <section class="card" role="status">
        <h2>{t('decommission.over')}</h2>
        <p>{t('decommission.left')}</p>
        <Paper label={t('decommission.left')} text={end.text} file="decommissioned.sh" />
      </section>
    )
  return (
    <section class="card">
      <h2>{t('decommission.title')}</h2>
      <p>{t('decommission.line')}</p>
      <Field label={t('decommission.name')} value={name} onInput={setName} />
      <Confirm
        label={t('decommission.now')}
        question={t('decommission.question')}
        run={() => ask<End>('POST', '/decommission', { body: { name } })}
        onDone={setEnd}
      >
        <p>{t('decommission.warning')}</p>
      </Confirm>
    </section>
  )
}
