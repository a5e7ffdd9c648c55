import type { SessionRecord } from '../../src/core/spool.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import type { Watching } from './live-book.ts'
import type { Journey } from './live-journey.ts'
import { journeyOf } from './live-record.ts'
import { JourneyView } from './live-view.tsx'
import { watchPlace } from './live-watch.tsx'

/** One session, as it goes on or as it was. */
export function OneSession({ id, watching }: { readonly id: string; readonly watching: Watching }) {
  const journey = watching.book.journeys.get(id)
  return (
    <>{journey ? <Shown journey={journey} watching={watching} /> : <Kept id={id} watching={watching} />}</>
  )
}

/** Of longer ago than the page knows. */
function Kept({ id, watching }: { readonly id: string; readonly watching: Watching }) {
  const known = useAnswer<SessionRecord>(`/sessions/${encodeURIComponent(id)}`)
  return (
    <Answered known={known}>{(record) => <Shown journey={journeyOf(record)} watching={watching} />}</Answered>
  )
}

function Shown({ journey, watching }: { readonly journey: Journey; readonly watching: Watching }) {
  const { device, address, isOver } = journey
  return (
    <>
      <PageHead
        title={<bdi>{device ?? t('live.unknown')}</bdi>}
        from={{ place: ['live'], name: t('nav.live') }}
      />
      <p>
        <bdi>{address}</bdi>
        {!isOver && ` · ${t('live.is-open')}`}
      </p>
      <JourneyView journey={journey} watching={watching} />
      <p class="actions">
        <a class="button" href={watchPlace({ device, address })}>
          <Icon name="activity" />
          {device === undefined ? t('live.at-address', { address }) : t('live.watch-device', { device })}
        </a>
        {device !== undefined && (
          <a class="button" href={to('devices', device)}>
            <Icon name="printer" />
            {t('live.device', { device })}
          </a>
        )}
      </p>
    </>
  )
}
