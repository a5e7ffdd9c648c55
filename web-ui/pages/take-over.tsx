import { useId, useState } from 'preact/hooks'
import type { TakeOverView } from '../../src/core/learning.ts'
import { hour, minute } from '../../src/core/time.ts'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Field, Form } from '../parts/form.tsx'
import { tell, tellTrouble } from '../parts/notice.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { formatSize, formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'

/** The window in which unknown printers are let in, their mail held. */
export function TakeOver() {
  const known = useAnswer<TakeOverView>('/takeover', ['sightings', 'queue'])
  return (
    <section>
      <h2>{t('takeover.title')}</h2>
      <p class="hint">{t('takeover.explain')}</p>
      <Answered known={known}>
        {({ open, waiting }) => (
          <>
            {waiting.map(({ address, mails, octets, droppedAt }) => (
              <p key={address}>
                <bdi>{t('takeover.waits', { count: mails, address, size: formatSize(octets) })}</bdi>,{' '}
                {t('takeover.dropped')} <When at={droppedAt} />
              </p>
            ))}
            {open ? <OpenWindow open={open} known={known} /> : <OpenForm known={known} />}
          </>
        )}
      </Answered>
    </section>
  )
}

interface WindowProps {
  readonly open: NonNullable<TakeOverView['open']>
  readonly known: Known<TakeOverView>
}

function OpenWindow({ open: { subnet, leftMs }, known }: WindowProps) {
  const close = async () => {
    const answer = await ask('DELETE', '/takeover')
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('takeover.closed'))
    known.reload()
  }
  return (
    <p class="actions">
      <bdi>{t('takeover.open', { subnet, span: formatSpan(leftMs) })}</bdi>
      <button type="button" onClick={close}>
        {t('takeover.close')}
      </button>
    </p>
  )
}

const spansMs = [30 * minute, hour, 4 * hour, 8 * hour]

function OpenForm({ known }: { readonly known: Known<TakeOverView> }) {
  const [subnet, setSubnet] = useState('')
  const [forMs, setForMs] = useState(hour)
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const id = useId()
  const open = async () => {
    setBusy(true)
    const answer = await ask('POST', '/takeover', { body: { subnet, forMs } })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') tell(t('takeover.opened'))
    known.reload()
  }
  return (
    <details>
      <summary>{t('takeover.go')}</summary>
      <Form
        label={t('takeover.title')}
        submit={t('takeover.go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={open}
      >
        <Field
          label={t('takeover.subnet')}
          hint={t('takeover.subnet-hint')}
          value={subnet}
          onInput={setSubnet}
          required
        />
        <div class="field">
          <label for={id}>{t('takeover.for')}</label>
          <select
            id={id}
            value={forMs}
            onChange={({ currentTarget }) => setForMs(Number(currentTarget.value))}
          >
            {spansMs.map((span) => (
              <option key={span} value={span}>
                {formatSpan(span)}
              </option>
            ))}
          </select>
        </div>
      </Form>
    </details>
  )
}
