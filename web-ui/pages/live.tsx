import { useState } from 'preact/hooks'
import type { DeviceView } from '../../src/core/operations.ts'
import { List } from '../parts/list.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { place } from '../router.ts'
import { t } from '../words/language.ts'
import { useAnnouncement } from './live-announcement.ts'
import { useLiveBook, type Watching } from './live-book.ts'
import { type Journey, type Watched, watchedJourneys } from './live-journey.ts'
import { OneSession } from './live-session.tsx'
import { JourneyRow, JourneyView } from './live-view.tsx'
import { Waiting } from './live-waiting.tsx'
import { WatchChoice, watchedIn } from './live-watch.tsx'

/** What happens between printers and the box, now: everybody's, one printer's, or one session's. */
export function Live() {
  const watching = useLiveBook()
  const [, session] = place.value.parts
  return session === undefined ? (
    <Watch watching={watching} />
  ) : (
    <OneSession id={session} watching={watching} />
  )
}

function Watch({ watching }: { readonly watching: Watching }) {
  const devices = useAnswer<readonly DeviceView[]>('/devices', ['devices', 'setup'])
  const watched = watchedIn(place.value.query, devices.value ?? [])
  const journeys = watchedJourneys(watching.book, watched)
  const isOne = watched.device !== undefined || watched.address !== undefined
  return (
    <>
      <h1>{t('nav.live')}</h1>
      <WatchChoice devices={devices.value ?? []} watched={watched} />
      {watching.trouble !== '' && <Trouble sentence={watching.trouble} onRetry={watching.reload} />}
      {watching.leftOut > 0 && <p class="hint">{t('live.left-out', { count: watching.leftOut })}</p>}
      {isOne ? (
        <WatchOne key={`${place.value.query}`} watched={watched} journeys={journeys} watching={watching} />
      ) : (
        <Journeys journeys={journeys} />
      )}
    </>
  )
}

interface WatchOneProps {
  readonly watched: Watched
  readonly journeys: readonly Journey[]
  readonly watching: Watching
}

/** For the person who stands at the printer: the session of now in full, those before it below. */
function WatchOne({ watched, journeys, watching }: WatchOneProps) {
  const [now, ...before] = journeys
  const spoken = useAnnouncement(now)
  return (
    <>
      <p class="unseen" role="status" aria-live="polite">
        {spoken}
      </p>
      <Waiting watched={watched} lastAt={now?.lastAt} />
      {now && <JourneyView journey={now} watching={watching} />}
      {before.length > 0 && (
        <>
          <h2>{t('live.before')}</h2>
          <Journeys journeys={before} />
        </>
      )}
    </>
  )
}

const shownAtOnce = 30

function Journeys({ journeys }: { readonly journeys: readonly Journey[] }) {
  const [shown, setShown] = useState(shownAtOnce)
  return (
    <>
      <List items={journeys.slice(0, shown)} keyOf={({ session }) => session} empty={t('live.nothing-yet')}>
        {(journey) => <JourneyRow journey={journey} />}
      </List>
      {journeys.length > shown && (
        <button type="button" onClick={() => setShown(shown + shownAtOnce)}>
          {t('live.more')}
        </button>
      )}
    </>
  )
}
