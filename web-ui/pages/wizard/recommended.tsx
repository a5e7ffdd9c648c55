import type { Advice, Recommendation } from '../../../src/core/choosing.ts'
import { Said } from '../../parts/said.tsx'
import { to } from '../../router.ts'
import type { Key } from '../../words/en.ts'
import { t } from '../../words/language.ts'

/** What fits the answers, the best first, with what it takes and what it costs. */
export function Recommended({ advice: { recommended, excluded, instead } }: { readonly advice: Advice }) {
  return (
    <>
      <h2>{t(recommended.length > 0 ? 'wizard.fits' : 'wizard.nothing-fits')}</h2>
      {instead !== '' && (
        <p>
          <Said text={instead} />
        </p>
      )}
      {recommended.map((each, index) => (
        <Fitting key={each.kind} recommendation={each} isBest={index === 0} />
      ))}
      {excluded.length > 0 && (
        <details>
          <summary>{t('wizard.fits-not', { count: excluded.length })}</summary>
          <dl class="wizard-facts">
            {excluded.map(({ kind, reason }) => (
              <div key={kind}>
                <dt>{t(`kind.${kind}`)}</dt>
                <dd>
                  <Said text={reason} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}

function Fitting({
  recommendation: { kind, needs, loses, ends },
  isBest,
}: {
  readonly recommendation: Recommendation
  readonly isBest: boolean
}) {
  return (
    <section class="card">
      {isBest && <p class="overline">{t('wizard.fits-best')}</p>}
      <h3>{t(`kind.${kind}`)}</h3>
      <Points title="wizard.needs" points={needs} />
      <Points title="wizard.loses" points={loses} />
      <Points title="wizard.ends" points={ends === '' ? [] : [ends]} />
      <a class={isBest ? 'button main' : 'button'} href={to('wizard', 'way-out', kind)}>
        {t('wizard.take')}
      </a>
    </section>
  )
}

function Points({ title, points }: { readonly title: Key; readonly points: readonly string[] }) {
  if (points.length === 0) return null
  return (
    <>
      <h4>{t(title)}</h4>
      <ul>
        {points.map((point) => (
          <li key={point}>
            <Said text={point} />
          </li>
        ))}
      </ul>
    </>
  )
}
