import { useState } from 'preact/hooks'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Field, Form } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { isManagedRow, ManagedNote, useManaged } from '../parts/managed.tsx'
import { tell, tellTrouble, tellWithUndo, undoBy } from '../parts/notice.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { t } from '../words/language.ts'
import { listOf } from './device-places.ts'

interface Alias {
  readonly name: string
  readonly to: readonly string[]
}

/** Names that are short enough for a panel: any printer may send to them. */
export function Aliases() {
  const known = useAnswer<readonly Alias[]>('/aliases', ['setup'])
  const managed = useManaged()
  const isManaged = ({ name }: Alias): boolean => isManagedRow(managed, 'alias', name)
  return (
    <section>
      <h2>{t('alias.title')}</h2>
      <p class="hint">{t('alias.explain')}</p>
      <Answered known={known}>
        {(aliases) => (
          <>
            {aliases
              .filter((alias) => !isManaged(alias))
              .map((alias) => (
                <Row key={alias.name} alias={alias} known={known} />
              ))}
            {managed && aliases.some(isManaged) && (
              <ManagedNote managed={managed}>
                {aliases.filter(isManaged).map(({ name, to }) => (
                  <p key={name}>
                    <bdi>{t('alias.to', { name, to: to.join(', ') })}</bdi>
                  </p>
                ))}
              </ManagedNote>
            )}
          </>
        )}
      </Answered>
      <Add known={known} />
    </section>
  )
}

const undoMs = 10_000

function Row({ alias, known }: { readonly alias: Alias; readonly known: Known<readonly Alias[]> }) {
  const { name, to } = alias
  const remove = async () => {
    const answer = await ask('DELETE', `/aliases/${encodeURIComponent(name)}`)
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tellWithUndo(t('alias.removed', { name }), undoMs, undoBy('POST', '/aliases', { body: alias }))
    known.reload()
  }
  return (
    <p class="actions">
      <bdi>{t('alias.to', { name, to: to.join(', ') })}</bdi>
      <button type="button" aria-label={`${t('device.remove')} ${name}`} onClick={remove}>
        <Icon name="trash" />
      </button>
    </p>
  )
}

function Add({ known }: { readonly known: Known<readonly Alias[]> }) {
  const [name, setName] = useState('')
  const [to, setTo] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => ask('POST', '/aliases', { body: { name: name.trim(), to: listOf(to) } }),
    () => {
      tell(t('alias.added', { name }))
      known.reload()
    },
  )
  return (
    <details>
      <summary>{t('alias.add')}</summary>
      <Form
        label={t('alias.title')}
        submit={t('alias.add')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field label={t('alias.name')} value={name} onInput={setName} required />
        <Field label={t('alias.targets')} value={to} onInput={setTo} inputMode="email" required />
      </Form>
    </details>
  )
}
