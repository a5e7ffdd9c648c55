import type { HomeView, ToldProblem } from '../../../src/core/home.ts'
import { Icon } from '../../parts/icon.tsx'
import { Said } from '../../parts/said.tsx'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'
import { Cure } from './cure.tsx'
import { wordsOf } from './problem-words.ts'

/** One sentence, and what to do about it. */
export function Problems({ view, reload }: { readonly view: HomeView; readonly reload: () => void }) {
  const [worst, ...others] = view.problems
  return (
    <>
      {worst === undefined ? (
        <div class="headline good">
          <Icon name="circle-check" />
          <h1>{t('home.fine')}</h1>
        </div>
      ) : (
        <Problem told={worst} reload={reload} isWorst />
      )}
      {needsSetup(view) && (
        <p>
          <a class="button main" href={to('wizard')}>
            {t('home.finish')}
          </a>
        </p>
      )}
      {others.length > 0 && (
        <details>
          <summary>{t('home.also', { count: others.length })}</summary>
          {others.map((told) => (
            <Problem key={keyOf(told)} told={told} reload={reload} />
          ))}
        </details>
      )}
    </>
  )
}

const needsSetup = ({ upstreams, devices }: HomeView): boolean =>
  devices.length === 0 || upstreams.every(({ kind }) => kind === 'outbox')

const keyOf = ({ problem }: ToldProblem): string => JSON.stringify(problem)

const looks = { alarm: 'bad', warning: 'warn', notice: 'idle' } as const

interface ProblemProps {
  readonly told: ToldProblem
  readonly reload: () => void
  readonly isWorst?: boolean
}

function Problem({ told, reload, isWorst = false }: ProblemProps) {
  const { sentence, said, remedy, isRemedySaid } = wordsOf(told)
  const look = looks[told.severity]
  return (
    <section class={`problem ${look}`}>
      <div class="headline">
        <Icon name={look === 'bad' ? 'circle-alert' : look === 'warn' ? 'triangle-alert' : 'info'} />
        {isWorst ? <h1>{sentence}</h1> : <h2>{sentence}</h2>}
      </div>
      {said !== '' && (
        <p>
          <Said text={said} />
        </p>
      )}
      {remedy !== '' && <p>{isRemedySaid ? <Said text={remedy} /> : remedy}</p>}
      <Cure cure={told.cure} reload={reload} />
    </section>
  )
}
