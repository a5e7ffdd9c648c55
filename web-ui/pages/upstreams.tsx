import type { StatusView, UpstreamView } from '../../src/core/operations.ts'
import { Answered } from '../parts/answered.tsx'
import { List, RowLink } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { Told } from '../parts/told.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { place, to } from '../router.ts'
import { t } from '../words/language.ts'
import { moodOfUpstream } from './more/moods.ts'
import { AddUpstream } from './upstreams/add-upstream.tsx'
import { Upstream } from './upstreams/upstream.tsx'
import { kindWord, stateWord } from './upstreams/upstream-words.ts'

/** Ways out: all of them, or the one of the place. */
export function Upstreams() {
  const [, name] = place.value.parts
  if (name === undefined) return <UpstreamList />
  if (name === 'add' && place.value.parts.length === 3) return <AddUpstream />
  return <Upstream key={name} name={name} />
}

function UpstreamList() {
  const known = useAnswer<StatusView>('/status', ['upstreams', 'queue', 'setup'])
  return (
    <>
      <PageHead title={t('more.upstreams')} />
      <Answered known={known}>
        {({ upstreams }) => (
          <List
            items={upstreams}
            keyOf={({ name }) => name}
            empty={t('upstreams.empty')}
            label={t('more.upstreams')}
          >
            {(upstream) => <UpstreamRow upstream={upstream} />}
          </List>
        )}
      </Answered>
      {isAtLeast('administrator') && (
        <p class="buttons">
          <a class="button main" href={to('upstreams', 'add', 'new')}>
            {t('upstreams.add')}
          </a>
        </p>
      )}
    </>
  )
}

function UpstreamRow({ upstream }: { readonly upstream: UpstreamView }) {
  const { name, kind, state, reason, remedy, waiting } = upstream
  return (
    <>
      <RowLink
        href={to('upstreams', name)}
        aside={<StateWord mood={moodOfUpstream(state)}>{stateWord(state)}</StateWord>}
      >
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="row-line">{kindWord(kind)}</span>
        {waiting > 0 && <span class="row-line">{t('upstreams.waiting', { count: waiting })}</span>}
      </RowLink>
      {state !== 'ready' && reason !== '' && <Told mood="warn" sentence={reason} remedy={remedy} />}
    </>
  )
}
