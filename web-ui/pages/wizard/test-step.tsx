import { useState } from 'preact/hooks'
import { StateWord } from '../../parts/state-word.tsx'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'
import { TestMail } from '../test-mail.tsx'
import type { StepProps } from '../wizard.tsx'

/** A real mail by one way out, with what its service said. */
export function TestStep({ progress: { waysOut, proved } }: StepProps) {
  const [isSent, setSent] = useState(false)
  if (waysOut.length === 0)
    return (
      <section class="card">
        <p>{t('wizard.test-none')}</p>
        <a class="button main" href={to('wizard', 'way-out')}>
          {t('wizard.way-out')}
        </a>
      </section>
    )
  return (
    <section class="card">
      {proved !== undefined && !isSent && (
        <p>
          <StateWord mood="good">{t('wizard.test-was-done', { name: proved })}</StateWord>
        </p>
      )}
      <TestMail
        waysOut={waysOut.map(({ name }) => name)}
        changedAt={(name) => to('upstreams', name)}
        onSent={() => setSent(true)}
      />
    </section>
  )
}
