import { useState } from 'preact/hooks'
import type { TakeOverView } from '../../src/core/learning.ts'
import { hour, minute } from '../../src/core/time.ts'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Choice } from '../parts/check.tsx'
import { Field, Form } from '../parts/form.tsx'
import { tell, tellTrouble } from '../parts/notice.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
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
  const { isBusy, trouble, submit } = useSubmit(
    () => ask('POST', '/takeover', { body: { subnet, forMs } }),
    () => {
      tell(t('takeover.opened'))
      known.reload()
    },
  )
  return (
    <details>
      <summary>{t('takeover.go')}</summary>
      <Form
        label={t('takeover.title')}
        submit={t('takeover.go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field
          label={t('takeover.subnet')}
          hint={t('takeover.subnet-hint')}
          value={subnet}
          onInput={setSubnet}
          required
        />
        <Choice
          label={t('takeover.for')}
          value={`${forMs}`}
          choices={spansMs.map((span) => [`${span}`, formatSpan(span)])}
          onChange={(span) => setForMs(Number(span))}
        />
      </Form>
    </details>
  )
}
