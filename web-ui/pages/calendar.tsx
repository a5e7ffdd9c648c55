import { type CalendarEntry, type Nearness, nearnessOf } from '../../src/core/calendar.ts'
import { day, wallMs } from '../../src/core/time.ts'
import { boxNow } from '../clock.ts'
import { Answered } from '../parts/answered.tsx'
import { List } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { formatSpan } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { whenOf } from './more/ending-day.ts'

/** What ends, the nearest first. */
export function Calendar() {
  const known = useAnswer<readonly CalendarEntry[]>('/calendar', ['setup'])
  return (
    <>
      <PageHead title={t('more.calendar')} />
      <p>{t('calendar.intro')}</p>
      <Answered known={known}>
        {(entries) => (
          <List
            items={entries}
            keyOf={({ key }) => key}
            empty={t('calendar.empty')}
            label={t('more.calendar')}
          >
            {(entry) => <Ending entry={entry} />}
          </List>
        )}
      </Answered>
    </>
  )
}

/** Something that ends, with the next step where that is near. */
export function Ending({ entry }: { readonly entry: CalendarEntry }) {
  const nearness = nearnessOf(entry, wallMs(boxNow()))
  const isPressing = nearness !== undefined || entry.certainty === 'unknown'
  return (
    <div class="ending">
      <p>
        <strong>
          <bdi>{entry.what}</bdi>
        </strong>
      </p>
      <p>
        <bdi>{whenOf(entry)}</bdi> <NearnessWord entry={entry} nearness={nearness} />
      </p>
      {isPressing && (
        <p class="remedy">
          <bdi>{entry.remedy}</bdi>
        </p>
      )}
      <p class="hint">
        <bdi>{entry.source}</bdi>
      </p>
    </div>
  )
}

interface NearnessProps {
  readonly entry: CalendarEntry
  readonly nearness: Nearness | undefined
}

function NearnessWord({ entry: { certainty }, nearness }: NearnessProps) {
  if (certainty === 'unknown') return <StateWord mood="warn">{t('calendar.unknown')}</StateWord>
  if (nearness === 'past') return <StateWord mood="bad">{t('calendar.over')}</StateWord>
  if (nearness !== undefined)
    return (
      <StateWord mood={nearness <= 7 ? 'bad' : 'warn'}>
        {t('calendar.within', { span: formatSpan(nearness * day) })}
      </StateWord>
    )
  return <StateWord mood="good">{t(`calendar.${certainty}`)}</StateWord>
}
