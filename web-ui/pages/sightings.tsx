import type { Sighting } from '../../src/core/learning.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { List } from '../parts/list.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { adoptPlace } from './device-places.ts'
import { watchPlace } from './live-watch.tsx'

/** Printers that nobody knows, each with what it said and one tap to adopt it. */
export function Sightings() {
  const known = useAnswer<readonly Sighting[]>('/sightings', ['sightings', 'setup'])
  return (
    <section>
      <h2>{t('sightings.title')}</h2>
      <Answered known={known}>
        {(sightings) => (
          <List items={sightings} keyOf={({ address }) => address} empty={t('sightings.none')}>
            {(sighting) => <SightingRow sighting={sighting} />}
          </List>
        )}
      </Answered>
    </section>
  )
}

function SightingRow({ sighting }: { readonly sighting: Sighting }) {
  const { address, maker, lastSeen, count, result } = sighting
  return (
    <div class="sighting">
      <p>
        <strong>
          <bdi>{t('sightings.at', { address })}</bdi>
        </strong>{' '}
        <bdi>{maker}</bdi>
      </p>
      <p class="faint">
        <SaidOf sighting={sighting} /> {t('sightings.count', { count })}, <When at={lastSeen} />
      </p>
      <p>
        <bdi>{result}</bdi>
      </p>
      <p class="actions">
        {isAtLeast('technician') && (
          <a class="button" href={adoptPlace(address)}>
            <Icon name="plus" />
            {t('sightings.adopt')}
          </a>
        )}
        <a class="button" href={watchPlace({ address })}>
          <Icon name="activity" />
          {t('sightings.watch')}
        </a>
      </p>
    </div>
  )
}

/** What it said of itself: shown, not trusted. */
function SaidOf({ sighting: { username, helo, mailFrom } }: { readonly sighting: Sighting }) {
  const said = [
    username !== '' && t('sightings.tried', { login: username }),
    mailFrom !== '' && t('sightings.from', { sender: mailFrom }),
    helo !== '' && t('sightings.helo', { helo }),
  ].filter((each) => each !== false)
  return said.map((each) => (
    <span key={each}>
      <bdi>{each}</bdi>,{' '}
    </span>
  ))
}
