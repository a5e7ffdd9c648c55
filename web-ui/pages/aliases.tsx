import { useState } from 'preact/hooks'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Field, Form, Labelled } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { List } from '../parts/list.tsx'
import { tell, tellTrouble, tellWithUndo } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { may } from '../role.ts'
import { t } from '../words/language.ts'

interface Alias {
  readonly name: string
  readonly to: readonly string[]
}

const undoMs = 15_000

/** Short names to which a printer may send. */
export function Aliases() {
  const known = useAnswer<readonly Alias[]>('/aliases', ['setup'])
  return (
    <>
      <PageHead title={t('more.aliases')} />
      <p>{t('aliases.line')}</p>
      <Answered known={known}>
        {(aliases) => (
          <List
            items={aliases}
            keyOf={({ name }) => name}
            empty={t('aliases.empty')}
            label={t('more.aliases')}
          >
            {(alias) => <AliasRow alias={alias} onChanged={known.reload} />}
          </List>
        )}
      </Answered>
      {may('technician') && <NewAlias onAdded={known.reload} />}
    </>
  )
}

interface AliasRowProps {
  readonly alias: Alias
  readonly onChanged: () => void
}

function AliasRow({ alias, onChanged }: AliasRowProps) {
  const { name, to } = alias
  const remove = async () => {
    const answer = await ask('DELETE', `/aliases/${encodeURIComponent(name)}`)
    if (answer.kind === 'failed') return tellTrouble(answer.sentence)
    onChanged()
    tellWithUndo(t('aliases.removed', { name }), undoMs, async () => {
      const undone = await ask('POST', '/aliases', { body: alias })
      onChanged()
      return undone
    })
  }
  return (
    <div class="row">
      <span class="row-text">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="row-line">
          <bdi>{to.join(', ')}</bdi>
        </span>
      </span>
      {may('technician') && (
        <button type="button" class="quiet" aria-label={`${t('do.remove')}: ${name}`} onClick={remove}>
          <Icon name="trash" />
        </button>
      )}
    </div>
  )
}

function NewAlias({ onAdded }: { readonly onAdded: () => void }) {
  const [name, setName] = useState('')
  const [to, setTo] = useState('')
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const answer = await ask('POST', '/aliases', {
      body: { name: name.trim(), to: to.split(/[\s,;]+/).filter(Boolean) },
    })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'failed') return
    tell(t('aliases.added', { name }))
    setName('')
    setTo('')
    onAdded()
  }
  return (
    <section class="card">
      <Form label={t('do.add')} submit={t('do.add')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <Field label={t('aliases.name')} value={name} onInput={setName} required />
        <Labelled id="alias-to" label={t('aliases.to')} hint={t('aliases.to-hint')}>
          <textarea
            id="alias-to"
            rows={3}
            value={to}
            required
            spellcheck={false}
            autocapitalize="none"
            inputMode="email"
            aria-describedby="alias-to-hint"
            onInput={({ currentTarget }) => setTo(currentTarget.value)}
          />
        </Labelled>
      </Form>
    </section>
  )
}
