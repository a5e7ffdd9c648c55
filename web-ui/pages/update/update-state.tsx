import type { ComponentChildren } from 'preact'
import type { UpdateState as State, UpdateSheet } from '../../../src/core/update-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tell } from '../../parts/notice.tsx'
import { Said } from '../../parts/said.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { t } from '../../words/language.ts'
import { timeOf } from './update-times.ts'

interface UpdateStateProps {
  readonly sheet: UpdateSheet
  readonly mayChange: boolean
  readonly onChanged: () => void
}

/** How far the next version is, and what may be done with it. */
export function UpdateState({ sheet, mayChange, onChanged }: UpdateStateProps) {
  const { state, percent } = sheet
  const found = foundVersion(sheet)
  if (state.kind === 'none' && found === '') return null
  return (
    <section class="card">
      <h2>{t('update.state')}</h2>
      {state.kind !== 'none' && (
        <p>
          <StateWord mood={moods[state.kind]}>{stateWords(sheet)}</StateWord>
        </p>
      )}
      {percent !== null && (
        <p>
          <progress max={100} value={percent} aria-label={t('update.state')} />{' '}
          {t('update.percent', { percent: String(percent) })}
        </p>
      )}
      <WhatWasWrong state={state} />
      {restarts.includes(state.kind) && <p class="hint">{t('update.restart-hint')}</p>}
      {found !== '' && <p>{t('update.available', { version: found, running: sheet.version })}</p>}
      {mayChange && <Actions sheet={sheet} found={found} onChanged={onChanged} />}
    </section>
  )
}

const moods: Readonly<Record<State['kind'], Mood>> = {
  none: 'idle',
  fetching: 'busy',
  verified: 'good',
  waiting: 'idle',
  installing: 'busy',
  'restart-due': 'idle',
  'on-trial': 'busy',
  kept: 'good',
  'rolled-back': 'bad',
  failed: 'warn',
}

/** What is done next ends in a restart. */
const restarts: readonly State['kind'][] = ['verified', 'waiting', 'installing']

/** What the index names and nobody has fetched yet; empty: nothing, or what did not work here before. */
export function foundVersion({ state, check, version, url }: UpdateSheet): string {
  const newest = check?.newest ?? ''
  const isIdle = state.kind === 'none' || state.kind === 'kept'
  return isIdle && url !== '' && newest !== version ? newest : ''
}

function stateWords({ state, version: running, opensAt }: UpdateSheet): string {
  const opening = timeOf(opensAt)
  switch (state.kind) {
    case 'none':
      return ''
    case 'fetching':
      return t(state.source.kind === 'upload' ? 'update.receiving' : 'update.fetching')
    case 'verified':
      return t('update.verified', { version: state.bundle.version, time: opening })
    case 'waiting': {
      const { version } = state.bundle
      return state.isNow ? t('update.at-once', { version }) : t('update.waiting', { version, time: opening })
    }
    case 'installing':
      return t('update.installing', { version: state.bundle.version })
    case 'restart-due':
      return state.isNow
        ? t('update.restarts', { version: state.version })
        : t('update.restart-due', { version: state.version, time: opening })
    case 'on-trial':
      // The one of before still runs: the restart is under way.
      return t(state.version === running ? 'update.on-trial' : 'update.restarts', { version: state.version })
    case 'kept':
      return t('update.kept', { version: state.version, time: timeOf(state.at) })
    case 'rolled-back': {
      const reason = t(`update.${state.reason}`)
      return t('update.rolled-back', { version: state.version, reason, running })
    }
    case 'failed':
      return t('update.failed', { time: timeOf(state.at) })
  }
}

/** In the words of the box, and what to do about it. */
function WhatWasWrong({ state }: { readonly state: State }) {
  switch (state.kind) {
    case 'failed':
      return <Wrong said={state.sentence}>{t('update.failed-next')}</Wrong>
    case 'rolled-back':
      return (
        <Wrong said={state.trouble}>
          {t(state.reason === 'taken-back' ? 'update.taken-back-next' : 'update.rolled-back-next')}
        </Wrong>
      )
    case 'on-trial':
      return state.trouble === '' ? null : <Wrong said={state.trouble}>{t('update.on-trial-not')}</Wrong>
    default:
      return null
  }
}

function Wrong({ said, children }: { readonly said: string; readonly children: ComponentChildren }) {
  return (
    <>
      {said !== '' && (
        <p class="remedy">
          <Said text={said} />
        </p>
      )}
      <p>{children}</p>
    </>
  )
}

interface ActionsProps {
  readonly sheet: UpdateSheet
  readonly found: string
  readonly onChanged: () => void
}

function Actions({ sheet: { state }, found, onChanged }: ActionsProps) {
  const install = (label: string, isNow: boolean, look?: 'main') => (
    <Action
      label={label}
      {...(look && { look })}
      run={() => ask('POST', '/update/install', { body: { isNow } })}
      onDone={done(t('update.ordered'), onChanged)}
    />
  )
  const isDue = state.kind === 'waiting' || state.kind === 'restart-due'
  const mayCancel = isDue || state.kind === 'verified' || state.kind === 'fetching'
  if (!mayCancel && found === '') return null
  return (
    <p class="actions">
      {found !== '' && (
        <Action
          label={t('update.fetch', { version: found })}
          look="main"
          run={() => ask('POST', '/update/fetch', { body: {} })}
          onDone={onChanged}
        />
      )}
      {state.kind === 'verified' && install(t('update.in-window'), false, 'main')}
      {(state.kind === 'verified' || (state.kind === 'waiting' && !state.isNow)) &&
        install(t('update.install-now'), true)}
      {state.kind === 'restart-due' && !state.isNow && install(t('update.restart-now'), true)}
      {mayCancel && (
        <Action
          label={t('update.cancel')}
          run={() => ask('POST', '/update/cancel')}
          onDone={done(t('update.cancelled'), onChanged)}
        />
      )}
    </p>
  )
}

const done = (words: string, onChanged: () => void) => () => {
  tell(words)
  onChanged()
}
