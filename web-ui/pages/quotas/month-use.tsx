import { useState } from 'preact/hooks'
import type { Cost } from '../../../src/core/month-use.ts'
import { boxNow } from '../../clock.ts'
import { Answered } from '../../parts/answered.tsx'
import { List } from '../../parts/list.tsx'
import { Paper } from '../../parts/paper.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatSize } from '../../words/formats.ts'
import { language, t } from '../../words/language.ts'

/** The data of `GET /reports/month`. */
interface MonthReport {
  readonly text: string
  readonly data: { readonly upstreams: readonly MonthLine[]; readonly devices: readonly MonthLine[] }
}

interface MonthLine {
  readonly name: string
  readonly mails: number
  readonly recipients: number
  readonly octets: number
  readonly failed: number
  readonly cost?: Cost
}

/** What left in a month, and what that costs. */
export function MonthUse() {
  const months = lastMonths(boxNow())
  const [month, setMonth] = useState(months[0] ?? '')
  const known = useAnswer<MonthReport>(`/reports/month?month=${month}`)
  return (
    <section>
      <h2>{t('quotas.month')}</h2>
      <div class="field">
        <label for="month">{t('quotas.month')}</label>
        <select id="month" value={month} onChange={({ currentTarget }) => setMonth(currentTarget.value)}>
          {months.map((each) => (
            <option key={each} value={each}>
              {monthName(each)}
            </option>
          ))}
        </select>
      </div>
      <Answered known={known}>
        {({ text, data }) => (
          <>
            <Lines title={t('quotas.by-upstream')} lines={data.upstreams} />
            <Lines title={t('quotas.by-device')} lines={data.devices} />
            <details>
              <summary>{t('quotas.text')}</summary>
              <Paper label={t('quotas.month')} text={text} file={`month-${month}.txt`} />
            </details>
          </>
        )}
      </Answered>
    </section>
  )
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly MonthLine[] }) {
  return (
    <>
      <h3>{title}</h3>
      <List items={lines} keyOf={({ name }) => name} empty={t('quotas.month-empty')} label={title}>
        {(line) => <Line line={line} />}
      </List>
    </>
  )
}

function Line({ line: { name, mails, recipients, octets, failed, cost } }: { readonly line: MonthLine }) {
  const facts = [
    t('quotas.mails', { count: mails }),
    t('quotas.recipients', { count: recipients }),
    formatSize(octets),
    ...(failed > 0 ? [t('quotas.failed', { count: failed })] : []),
  ]
  return (
    <div class="row">
      <span class="row-text">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="row-line">{facts.join(' · ')}</span>
      </span>
      {cost && <span class="row-aside">{formatCost(cost)}</span>}
    </div>
  )
}

/** Small sums are told to the last digit that says something. */
const formatCost = ({ amount, currency }: Cost): string =>
  new Intl.NumberFormat(language.value, {
    style: 'currency',
    currency,
    maximumFractionDigits: amount !== 0 && amount < 0.1 ? 4 : 2,
  }).format(amount)

/** `2026-11` and the eleven before it, in UTC as Azure bills. */
function lastMonths(now: number): readonly string[] {
  const date = new Date(now)
  return Array.from({ length: 12 }, (_, back) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  )
}

const monthName = (month: string): string =>
  new Intl.DateTimeFormat(language.value, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${month}-01`),
  )
