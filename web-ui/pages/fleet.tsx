import { useState } from 'preact/hooks'
import { type FleetView, type Managed, ownedRowTables } from '../../src/core/fleet.ts'
import { ask } from '../box.ts'
import { Action } from '../parts/action.tsx'
import { Answered } from '../parts/answered.tsx'
import { Copy } from '../parts/copy.tsx'
import { Facts } from '../parts/facts.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Said } from '../parts/said.tsx'
import { type Mood, StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import { OtherBoxes } from './fleet/other-boxes.tsx'

/** How this box stands with its head office, and the other boxes that it lists. */
export function Fleet() {
  const known = useAnswer<FleetView>('/fleet', ['setup', 'alerts'])
  return (
    <>
      <PageHead title={t('more.fleet')} />
      <Answered known={known}>{(view) => <Office view={view} onPulled={known.reload} />}</Answered>
      <OtherBoxes />
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
  const { state, managed, canary } = view
  return (
    <section>
      <h2>{t('fleet.office')}</h2>
      <p>
        {isUnreached(view) ? (
          <StateWord mood="warn">{t('fleet.state-unreached')}</StateWord>
        ) : (
          <StateWord mood={stateMoods[state]}>{stateWords(view)}</StateWord>
        )}
      </p>
      <Why view={view} />
      {state === 'off' && (
        <p>
          {t('fleet.join')} <a href={to('setup')}>{t('more.setup')}</a>
        </p>
      )}
      {canary && <p>{t('fleet.canary')}</p>}
      {state !== 'off' && <Looks view={view} />}
      {state !== 'off' && isAtLeast('administrator') && (
        <p class="actions">
          <Action
            label={t('fleet.pull')}
            run={() => ask('POST', '/fleet/pull')}
            onDone={() => {
              tell(t('fleet.pulled'))
              onPulled()
            }}
          />
        </p>
      )}
      {managed && <ManagedParts managed={managed} />}
      {isAtLeast('administrator') && <Identity />}
    </section>
  )
}

/** What is published there nobody knows. */
const isUnreached = ({ state, pulledAt, pullTrouble }: FleetView): boolean =>
  state === 'waiting' && pulledAt === undefined && pullTrouble !== ''

const stateWords = ({ state, managed }: FleetView): string =>
  t(`fleet.state-${state}`, { serial: managed?.serial ?? 0, fleet: `\u2068${managed?.fleet ?? ''}\u2069` })

/** Why what was published does not hold, and where. */
function Why({ view: { reason, detail } }: { readonly view: FleetView }) {
  if (reason === undefined) return null
  return (
    <div class="remedy">
      <p>{t(`fleet.reason-${reason}`)}</p>
      {detail !== '' && (
        <p>
          <Said text={detail} />
        </p>
      )}
    </div>
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
            {t(`fleet.table-${table}`)} <code>{`[${table}]`}</code>
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
      {timeOf(at)}
      {trouble !== '' && (
        <span class="row-line">
          <Said text={trouble} />
        </span>
      )}
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
