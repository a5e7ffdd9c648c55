import type { SettingsSheet } from '../../../src/core/setup-operations.ts'
import { Answered } from '../../parts/answered.tsx'
import { Facts } from '../../parts/facts.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { t } from '../../words/language.ts'
import { valueText } from './value-text.ts'

/** What holds now, by the keys of the setup document. */
export function EffectiveSettings() {
  const known = useAnswer<SettingsSheet>('/settings', ['setup'])
  return (
    <details>
      <summary>{t('setup.effective')}</summary>
      <p>{t('setup.effective-line')}</p>
      <Answered known={known}>
        {({ tables }) => (
          <>
            {Object.entries(tables).map(([table, values]) => (
              <section key={table}>
                <h3>
                  <code>[{table}]</code>
                </h3>
                <Facts
                  facts={Object.entries(values).map(([key, value]) => ({
                    label: key,
                    value: <bdi>{valueText(value)}</bdi>,
                  }))}
                />
              </section>
            ))}
          </>
        )}
      </Answered>
    </details>
  )
}
