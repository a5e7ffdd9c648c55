import type { DeviceDay, DeviceHistory } from '../../src/core/device-view.ts'
import { Answered } from '../parts/answered.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { formatDay } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { deviceApi } from './device-places.ts'

/** The strip of 14 days, and the same as a table for who does not see it. */
export function History({ name }: { readonly name: string }) {
  const known = useAnswer<{ readonly history: DeviceHistory }>(deviceApi(name, 'history'), ['queue'])
  return (
    <section>
      <h2>{t('history.title')}</h2>
      <Answered known={known}>
        {({ history: { days, isCut } }) => (
          <>
            {days.every((day) => day.mails === 0 && refusedOf(day) === 0) ? (
              <p class="hint">{t('history.none')}</p>
            ) : (
              <Strip days={days} />
            )}
            {isCut && <p class="hint">{t('history.cut')}</p>}
            <DayTable days={days} />
          </>
        )}
      </Answered>
    </section>
  )
}

const refusedOf = ({ refused }: DeviceDay): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0)

/** A date of the box's calendar, which no time zone of a phone may shift. */
const dayOf = (date: string): number => Date.parse(`${date}T12:00:00`)

const height = 60
const width = 10

function Strip({ days }: { readonly days: readonly DeviceDay[] }) {
  const most = Math.max(1, ...days.map((day) => day.mails + refusedOf(day)))
  return (
    <figure class="strip">
      <svg viewBox={`0 0 ${days.length * width} ${height + 2}`} preserveAspectRatio="none" aria-hidden="true">
        {days.map((day, index) => (
          <DayBar key={day.date} day={day} x={index * width} scale={height / most} />
        ))}
      </svg>
      <figcaption>
        <span class="key mails">{t('history.mail-key')}</span>{' '}
        <span class="key refused">{t('history.refused-key')}</span>
      </figcaption>
    </figure>
  )
}

interface DayBarProps {
  readonly day: DeviceDay
  readonly x: number
  readonly scale: number
}

function DayBar({ day, x, scale }: DayBarProps) {
  const [good, bad] = [day.mails * scale, refusedOf(day) * scale]
  return (
    <g>
      <title>
        {t('history.bar', { day: formatDay(dayOf(day.date)), mails: day.mails, refused: refusedOf(day) })}
      </title>
      <rect class="nothing" x={x + 1} y={height} width={width - 2} height={2} />
      <rect class="mails" x={x + 1} y={height - good} width={width - 2} height={good} />
      <rect class="refused" x={x + 1} y={height - good - bad} width={width - 2} height={bad} />
    </g>
  )
}

function DayTable({ days }: { readonly days: readonly DeviceDay[] }) {
  return (
    <details>
      <summary>{t('history.table')}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys (WCAG 2.1.1) */}
      <section class="scroll" tabIndex={0} aria-label={t('history.caption')}>
        <table>
          <caption>{t('history.caption')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('history.day')}</th>
              <th scope="col">{t('history.mails')}</th>
              <th scope="col">{t('history.sent')}</th>
              <th scope="col">{t('history.waiting')}</th>
              <th scope="col">{t('history.bounced')}</th>
              <th scope="col">{t('history.refused')}</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.date}>
                <th scope="row">
                  <bdi>{formatDay(dayOf(day.date))}</bdi>
                </th>
                <td>{day.mails}</td>
                <td>{day.sent}</td>
                <td>{day.waiting}</td>
                <td>{day.bounced}</td>
                <td>
                  {refusedOf(day)} <bdi class="faint">{Object.keys(day.refused).join(' ')}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
