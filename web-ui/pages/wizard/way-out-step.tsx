import { LazyPart } from '../../parts/lazy.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { place, to } from '../../router.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import { Choosing } from './choosing.tsx'
import { isSendingKind } from './kinds.ts'
import { Script } from './script.tsx'

const loadChosen = async () => (await import('./chosen.tsx')).Chosen

/** Where mail goes: `#/wizard/way-out/KIND` is the form of a kind, `#/wizard/way-out/script/NAME` what is run at Microsoft. */
export function WayOutStep(props: StepProps) {
  const [, , what = '', name = ''] = place.value.parts
  const { waysOut, begun } = props.progress
  if (what === 'script' && name !== '') return <Script upstream={name} {...props} />
  if (isSendingKind(what))
    return <LazyPart load={loadChosen}>{(Chosen) => <Chosen kind={what} {...props} />}</LazyPart>
  if (waysOut.length === 0 && begun.length === 0) return <Choosing />
  if (what === 'choose') return <Choosing />
  return (
    <section class="card">
      {waysOut.map((upstream) => (
        <p key={upstream.name}>
          <StateWord mood={upstream.state === 'paused' ? 'bad' : 'good'}>
            {t('wizard.way-out-ready', { name: upstream.name })}
          </StateWord>
        </p>
      ))}
      {begun.map((upstream) => (
        <p key={upstream.name}>
          <a class="button" href={to('wizard', 'way-out', 'script', upstream.name)}>
            {t('wizard.go-on-with', { name: upstream.name })}
          </a>
        </p>
      ))}
      <a class="line" href={to('wizard', 'way-out', 'choose')}>
        {t('wizard.another')}
      </a>
    </section>
  )
}
