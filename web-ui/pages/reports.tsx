import { useState } from 'preact/hooks'
import type { Report, StatusView } from '../../src/core/operations.ts'
import { Answered } from '../parts/answered.tsx'
import { RowLink } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Paper } from '../parts/paper.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { place, to } from '../router.ts'
import { t } from '../words/language.ts'
import { SecurityReport } from './reports/security-report.tsx'

const kinds = ['firewall', 'quota', 'month', 'security'] as const
type Kind = (typeof kinds)[number]

/** Texts for other people. */
export function Reports() {
  const [, wanted] = place.value.parts
  const kind = kinds.find((each) => each === wanted)
  if (kind === undefined) return <ReportList />
  return (
    <>
      <PageHead title={t(`reports.${kind}`)} from={{ place: ['reports'], name: t('more.reports') }} />
      <p class="screen-only">{t(`reports.${kind}-line`)}</p>
      <OneReport kind={kind} />
    </>
  )
}

function ReportList() {
  return (
    <>
      <PageHead title={t('more.reports')} />
      <ul class="rows">
        {kinds.map((kind) => (
          <li key={kind}>
            <RowLink href={to('reports', kind)}>
              <strong>{t(`reports.${kind}`)}</strong>
              <span class="row-line">{t(`reports.${kind}-line`)}</span>
            </RowLink>
          </li>
        ))}
      </ul>
    </>
  )
}

function OneReport({ kind }: { readonly kind: Kind }) {
  switch (kind) {
    case 'quota':
      return <QuotaReport />
    case 'security':
      return <SecurityReport />
    case 'firewall':
    case 'month':
      return <TextReport path={`/reports/${kind}`} kind={kind} />
  }
}

function TextReport({ path, kind }: { readonly path: string; readonly kind: Kind }) {
  const known = useAnswer<Report>(path)
  return (
    <Answered known={known}>
      {({ text }) => <Paper label={t(`reports.${kind}`)} text={text} file={`${kind}.txt`} />}
    </Answered>
  )
}

/** Only Communication Services has a limit that is raised on request. */
function QuotaReport() {
  const status = useAnswer<StatusView>('/status')
  const [chosen, setChosen] = useState('')
  return (
    <Answered known={status}>
      {({ upstreams }) => {
        const azure = upstreams.filter(({ kind }) => kind === 'acs-email' || kind === 'acs-smtp')
        const name = chosen === '' ? azure[0]?.name : chosen
        const query = name === undefined ? '' : `?upstream=${encodeURIComponent(name)}`
        return (
          <>
            {azure.length > 1 && (
              <div class="field">
                <label for="report-upstream">{t('reports.upstream')}</label>
                <select
                  id="report-upstream"
                  value={name}
                  onChange={({ currentTarget }) => setChosen(currentTarget.value)}
                >
                  {azure.map((upstream) => (
                    <option key={upstream.name}>{upstream.name}</option>
                  ))}
                </select>
              </div>
            )}
            <TextReport path={`/reports/quota${query}`} kind="quota" />
          </>
        )
      }}
    </Answered>
  )
}
