import type { ComponentType } from 'preact'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { place, to } from '../router.ts'
import type { Key } from '../words/en.ts'
import { t } from '../words/language.ts'
import { BoxStep } from './wizard/box-step.tsx'
import { DeviceStep } from './wizard/device-step.tsx'
import { type Progress, type Step, steps, useProgress } from './wizard/progress.ts'
import { TestStep } from './wizard/test-step.tsx'
import { WayOutStep } from './wizard/way-out-step.tsx'

const pages: Readonly<Record<Step, { readonly label: Key; readonly Page: ComponentType<StepProps> }>> = {
  box: { label: 'wizard.box', Page: BoxStep },
  'way-out': { label: 'wizard.way-out', Page: WayOutStep },
  test: { label: 'wizard.test', Page: TestStep },
  device: { label: 'wizard.device', Page: DeviceStep },
}

export interface StepProps {
  readonly progress: Progress
  readonly reload: () => void
  readonly onDone: () => void
}

/**
 * From a claimed box to the first scan. What is done is read from the box, never remembered here: it goes on from any
 * phone, and whatever was set up in another way counts.
 */
export function Wizard() {
  const known = useProgress()
  return (
    <Answered known={known}>{(progress) => <Steps progress={progress} reload={known.reload} />}</Answered>
  )
}

function Steps({ progress, reload }: Pick<StepProps, 'progress' | 'reload'>) {
  const [, named] = place.value.parts
  const step = steps.find((each) => each === named) ?? steps.find((each) => !progress.done[each]) ?? 'box'
  const number = steps.indexOf(step)
  const next = steps[number + 1]
  const onward = next === undefined ? to('home') : to('wizard', next)
  const onDone = () => {
    reload()
    location.hash = onward
  }
  const { label, Page } = pages[step]
  return (
    <>
      <StepList here={step} progress={progress} />
      <p class="overline">{t('wizard.step', { number: number + 1, count: steps.length })}</p>
      <h1>{t(label)}</h1>
      <Page key={step} progress={progress} reload={reload} onDone={onDone} />
      <nav class="onward" aria-label={t('wizard.steps')}>
        {number > 0 && (
          <a class="button" href={to('wizard', steps[number - 1] ?? 'box')}>
            {t('do.back')}
          </a>
        )}
        <a class="button" href={onward}>
          {next === undefined ? t('wizard.finish') : progress.done[step] ? t('do.next') : t('do.later')}
        </a>
      </nav>
      <section>
        <h2>{t('wizard.other-ways')}</h2>
        <p>
          <a class="line" href={to('backup')}>
            {t('wizard.restore')}
          </a>
          <a class="line" href={to('setup')}>
            {t('wizard.effective')}
          </a>
        </p>
      </section>
    </>
  )
}

function StepList({ here, progress }: { readonly here: Step; readonly progress: Progress }) {
  return (
    <nav aria-label={t('wizard.title')}>
      <ol class="wizard-steps">
        {steps.map((step) => (
          <li key={step}>
            <a href={to('wizard', step)} aria-current={step === here ? 'step' : undefined}>
              <Icon name={progress.done[step] ? 'circle-check' : 'circle'} />
              <span>
                {t(pages[step].label)}
                <span class="unseen"> {progress.done[step] ? t('wizard.done') : t('wizard.open')}</span>
              </span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  )
}
