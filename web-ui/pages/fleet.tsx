import { useState } from 'preact/hooks'
import type { BoxMood, FleetBoxView, FleetView, Managed } from '../../src/core/fleet.ts'
import { ownedRowTables } from '../../src/core/fleet.ts'
import { ask } from '../box.ts'
import { Action } from '../parts/action.tsx'
import { Answered } from '../parts/answered.tsx'
import { Copy } from '../parts/copy.tsx'
import { Facts } from '../parts/facts.tsx'
import { List } from '../parts/list.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { type Mood, StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'

/** How this box stands with its head office, and the other boxes that it lists. */
export function Fleet() {
  const known = useAnswer<FleetView>('/fleet', ['setup', 'alerts'])
  const boxes = useAnswer<readonly FleetBoxView[]>('/fleet/boxes')
  return (
    <>
      <PageHead title={t('more.fleet')} />
      <Answered known={known}>{(view) => <Office view={view} onPulled={known.reload} />}</Answered>
      <section>
        <h2>{t('fleet.boxes')}</h2>
        <Answered known={boxes}>
          {(list) => (
            <List items={list} keyOf={({ name }) => name} empty={t('fleet.empty')} label={t('fleet.boxes')}>
              {(box) => <Box box={box} />}
            </List>
          )}
        </Answered>
      </section>
    </>
  )
}

const stateMoods: Readonly<Record<FleetView['state'], Mood>> = {
  off: 'idle',
  waiting: 'idle',
  current: 'good',
  refused: 'warn',
  'rolled-back': 'bad',
}

function Office({ view, onPulled }: { readonly view: FleetView; readonly onPulled: () => void }) {
  const { state, detail, managed, canary } = view
  const words = { serial: managed?.serial ?? 0, fleet: managed?.fleet ?? '' }
  return (
    <section>
      <h2>{t('fleet.office')}</h2>
      <p>
        <StateWord mood={stateMoods[state]}>{t(`fleet.state-${state}`, words)}</StateWord>
      </p>
      {detail !== '' && (
        <p class="remedy">
          <bdi>{detail}</bdi>
        </p>
      )}
      {canary && <p>{t('fleet.canary')}</p>}
      {managed && <ManagedParts managed={managed} />}
      {state !== 'off' && <Looks view={view} />}
      {state !== 'off' && isAtLeast('administrator') && (
        <Action
          label={t('fleet.pull')}
          run={() => ask('POST', '/fleet/pull')}
          onDone={() => {
            tell(t('fleet.pulled'))
            onPulled()
          }}
        />
      )}
      {isAtLeast('administrator') && <Identity />}
    </section>
  )
}

function ManagedParts({ managed: { contact, tables, rows } }: { readonly managed: Managed }) {
  const named = ownedRowTables.flatMap((table) => rows[table].map((name) => ({ table, name })))
  return (
    <>
      <h3>{t('fleet.managed')}</h3>
      <p>{contact === '' ? t('fleet.ask-office') : t('fleet.ask', { contact: `\u2068${contact}\u2069` })}</p>
      <ul>
        {tables.map((table) => (
          <li key={table}>
            <code>{`[${table}]`}</code>
          </li>
        ))}
        {named.map(({ table, name }) => (
          <li key={`${table} ${name}`}>
            {t(`fleet.row-${table}`)} <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </>
  )
}

const timeOf = (at: number | undefined) => (at === undefined ? t('fleet.never') : <When at={at} />)

function Looks({ view }: { readonly view: FleetView }) {
  const { pulledAt, pullTrouble, toldAt, tellTrouble, healthySince } = view
  return (
    <Facts
      facts={[
        { label: t('fleet.looked'), value: <Tried at={pulledAt} trouble={pullTrouble} /> },
        { label: t('fleet.told'), value: <Tried at={toldAt} trouble={tellTrouble} /> },
        {
          label: t('fleet.well'),
          value: healthySince === undefined ? t('fleet.not-well') : <When at={healthySince} />,
        },
      ]}
    />
  )
}

function Tried({ at, trouble }: { readonly at: number | undefined; readonly trouble: string }) {
  return (
    <>
      {timeOf(at)} {trouble !== '' && <bdi>{trouble}</bdi>}
    </>
  )
}

function Identity() {
  const [identity, setIdentity] = useState('')
  return (
    <>
      <h3>{t('fleet.identity')}</h3>
      <p>{t('fleet.identity-line')}</p>
      {identity === '' ? (
        <Action
          label={t('fleet.identity-show')}
          run={() => ask<{ readonly identity: string }>('GET', '/fleet/identity')}
          onDone={(shown) => setIdentity(shown.identity)}
        />
      ) : (
        <>
          <p>
            <code dir="ltr">{identity}</code>
          </p>
          <Copy text={identity} />
        </>
      )}
    </>
  )
}

const moods: Readonly<Record<BoxMood, Mood>> = { good: 'good', warn: 'warn', bad: 'bad', silent: 'unknown' }

/** Its name leads to its own console. */
function Box({ box }: { readonly box: FleetBoxView }) {
  const { name, address, mood, seenAt, trouble, facts, serial } = box
  return (
    <div class="row">
      <span class="row-text">
        <a href={`https://${address}/`}>
          <bdi>{name}</bdi>
        </a>
        {facts && <span class="row-line">{t('fleet.facts', { ...facts })}</span>}
        {serial > 0 && <span class="row-line">{t('fleet.serial', { serial })}</span>}
        {trouble !== '' && (
          <span class="row-line">
            <bdi>{trouble}</bdi>
          </span>
        )}
        <span class="row-line">
          {t('fleet.seen')}: {timeOf(seenAt)}
        </span>
      </span>
      <span class="row-aside">
        <StateWord mood={moods[mood]}>{t(`fleet.mood-${mood}`)}</StateWord>
      </span>
    </div>
  )
}
