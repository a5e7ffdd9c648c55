import { useState } from 'preact/hooks'
import { type Diagnosis as DiagnosisView, type Finding, needsDoing } from '../../src/core/diagnosis.ts'
import { ask } from '../box.ts'
import { Busy } from '../parts/busy.tsx'
import { Evidence } from '../parts/evidence.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Paper } from '../parts/paper.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { moodOfFinding } from './more/moods.ts'

type Run =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly sentence: string }

/** Runs every check and says in plain words what to do. */
export function Diagnosis() {
  const [run, setRun] = useState<Run>({ kind: 'idle' })
  const [found, setFound] = useState<DiagnosisView | undefined>(undefined)
  const begin = async () => {
    if (run.kind === 'busy') return
    setRun({ kind: 'busy' })
    const answer = await ask<DiagnosisView>('POST', '/doctor', { patienceMs: 40_000 })
    setRun(answer.kind === 'failed' ? { kind: 'failed', sentence: answer.sentence } : { kind: 'idle' })
    if (answer.kind === 'done') setFound(answer.value)
  }
  return (
    <>
      <PageHead title={t('more.diagnosis')} />
      <p>{t('diagnosis.line')}</p>
      {run.kind === 'failed' && <Trouble sentence={run.sentence} />}
      {run.kind === 'busy' ? (
        <Busy what={t('diagnosis.busy')} />
      ) : (
        <button type="button" class="main" onClick={begin}>
          <Icon name="stethoscope" />
          {t(found === undefined ? 'diagnosis.run' : 'diagnosis.again')}
        </button>
      )}
      {found !== undefined && <Findings diagnosis={found} />}
    </>
  )
}

function Findings({ diagnosis: { at, findings } }: { readonly diagnosis: DiagnosisView }) {
  const count = findings.filter(needsDoing).length
  return (
    <>
      <p role="status">
        <StateWord mood={count === 0 ? 'good' : 'bad'}>
          {count === 0 ? t('diagnosis.all-well') : t('diagnosis.needs-doing', { count })}
        </StateWord>{' '}
        <bdi>{t('diagnosis.at', { time: formatTime(at) })}</bdi>
      </p>
      <ul class="rows">
        {findings.map((finding) => (
          <li key={finding.id}>
            <FindingLine finding={finding} />
          </li>
        ))}
      </ul>
      <details>
        <summary>{t('diagnosis.share')}</summary>
        <Paper label={t('more.diagnosis')} text={diagnosisText({ at, findings })} file="diagnosis.txt" />
      </details>
    </>
  )
}

function FindingLine({ finding }: { readonly finding: Finding }) {
  const { area, state, sentence, remedy, evidence } = finding
  return (
    <div class="ending">
      <p>
        <StateWord mood={moodOfFinding[state]}>{t(`diagnosis.${state}`)}</StateWord>{' '}
        <span class="hint">{t(`diagnosis.${area}`)}</span>
      </p>
      <p>
        <bdi>{sentence}</bdi>
      </p>
      {remedy !== '' && (
        <p class="remedy">
          <bdi>{remedy}</bdi>
        </p>
      )}
      <Evidence title={t('diagnosis.evidence')} lines={evidence} />
    </div>
  )
}

/** What somebody else needs to help. */
function diagnosisText({ at, findings }: Pick<DiagnosisView, 'at' | 'findings'>): string {
  const lines = findings.flatMap(({ state, area, sentence, remedy, evidence }) => [
    `[${t(`diagnosis.${state}`)}] ${t(`diagnosis.${area}`)}: ${sentence}`,
    ...(remedy === '' ? [] : [`  > ${remedy}`]),
    ...evidence.map((each) => `  - ${each}`),
  ])
  return [t('diagnosis.at', { time: formatTime(at) }), '', ...lines, ''].join('\n')
}
