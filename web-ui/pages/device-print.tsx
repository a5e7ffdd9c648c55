import { useState } from 'preact/hooks'
import type { CardPrint } from '../../src/core/device-operations.ts'
import { ask } from '../box.ts'
import { Field, Form } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { useSubmit } from '../parts/use-submit.ts'
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
  const to = address ?? typed.trim()
  const { isBusy, trouble, submit } = useSubmit(
    () => ask<CardPrint>('POST', deviceApi(name, 'print-card'), { body: { address: to } }),
    ({ sentence }) => tell(sentence),
  )
  return (
    <section class="card">
      <h2>{t('card.print')}</h2>
      <Form
        label={t('card.print')}
        submit={t('card.print-go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
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
