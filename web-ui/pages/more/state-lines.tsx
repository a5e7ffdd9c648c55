import { type CalendarEntry, nearnessOf } from '../../../src/core/calendar.ts'
import { type MachineHealth, worstOf } from '../../../src/core/machine-health.ts'
import type { StatusView } from '../../../src/core/operations.ts'
import { wallMs } from '../../../src/core/time.ts'
import { boxNow } from '../../clock.ts'
import { StateWord } from '../../parts/state-word.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatList, formatShare } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { whenOf } from './ending-day.ts'
import { moodOfHealth } from './moods.ts'

/** The box's state, asked for once for all lines. */
interface StatusLineProps {
  readonly value: StatusView | undefined
}

/** Empty while the box is asked or can't say: the page behind the row tells why. */
export function UpstreamsLine({ value }: StatusLineProps) {
  if (value === undefined) return null
  const { upstreams } = value
  const paused = upstreams.filter(({ state }) => state === 'paused').map(({ name }) => name)
  if (upstreams.length === 0) return <StateWord mood="warn">{t('more.no-upstream')}</StateWord>
  if (paused.length > 0)
    return (
      <StateWord mood="bad">
        <bdi>{t('more.some-paused', { names: formatList(paused) })}</bdi>
      </StateWord>
    )
  return <StateWord mood="good">{t('more.all-ready', { count: upstreams.length })}</StateWord>
}

export function QuotasLine({ value }: StatusLineProps) {
  if (value === undefined) return null
  const windows = value.upstreams.flatMap(({ name, quota }) =>
    quota.map(({ left, limit }) => ({ name, share: left / limit })),
  )
  const [least] = windows.toSorted((a, b) => a.share - b.share)
  if (least === undefined) return t('more.no-quota')
  return (
    <StateWord mood={least.share <= 0 ? 'bad' : least.share < 0.2 ? 'warn' : 'good'}>
      <bdi>{t('more.quota-least', { share: formatShare(least.share), name: least.name })}</bdi>
    </StateWord>
  )
}

export function CalendarLine() {
  const { value } = useAnswer<readonly CalendarEntry[]>('/calendar', ['setup'])
  if (value === undefined) return null
  const now = wallMs(boxNow())
  const near = value.find((entry) => nearnessOf(entry, now) !== undefined)
  if (near === undefined) return <StateWord mood="good">{t('more.nothing-ends')}</StateWord>
  return (
    <StateWord mood={nearnessOf(near, now) === 'past' ? 'bad' : 'warn'}>
      <bdi>{t('more.next-end', { when: whenOf(near), what: near.what })}</bdi>
    </StateWord>
  )
}

export function HealthLine() {
  const { value } = useAnswer<MachineHealth>('/health')
  if (value === undefined) return null
  const state = worstOf(value)
  return <StateWord mood={moodOfHealth[state]}>{t(`more.health-${state}`)}</StateWord>
}

export function AlertsLine({ value }: StatusLineProps) {
  if (value === undefined) return null
  const { alerts } = value
  if (alerts.length === 0) return <StateWord mood="good">{t('more.no-alerts')}</StateWord>
  const isGrave = alerts.some(({ severity }) => severity === 'alarm')
  return (
    <StateWord mood={isGrave ? 'bad' : 'warn'}>{t('more.some-alerts', { count: alerts.length })}</StateWord>
  )
}
