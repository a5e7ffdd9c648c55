import { useState } from 'preact/hooks'
import type { CardPrint } from '../../src/core/device-operations.ts'
import { ask } from '../box.ts'
import { Field, Form } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { t } from '../words/language.ts'
import { deviceApi } from './device-places.ts'

interface PrintProps {
  readonly name: string
  /** Where the printer is; undefined: not known, so it is asked for. */
  readonly address: string | undefined
}

/** The card on paper out of the printer that it is for: nothing to copy from a phone with one hand. */
export function PrintAtPrinter({ name, address }: PrintProps) {
  const [typed, setTyped] = useState('')
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const send = async () => {
    setBusy(true)
    const to = address ?? typed.trim()
    const answer = await ask<CardPrint>('POST', deviceApi(name, 'print-card'), { body: { address: to } })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') tell(answer.value.sentence)
  }
  return (
    <section class="card">
      <h2>{t('card.print')}</h2>
      <Form
        label={t('card.print')}
        submit={t('card.print-go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={send}
      >
        {address === undefined ? (
          <Field label={t('card.print-address')} value={typed} onInput={setTyped} required />
        ) : (
          <p class="hint">
            <bdi>{t('card.print-hint', { address })}</bdi>
          </p>
        )}
      </Form>
    </section>
  )
}
