import type { UpdateSheet } from '../../../src/core/update-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tell } from '../../parts/notice.tsx'
import { Said } from '../../parts/said.tsx'
import { formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

interface UpdateStateProps {
  readonly sheet: UpdateSheet
  readonly mayChange: boolean
  readonly onChanged: () => void
}

/** How far the next version is, and what may be done with it. */
export function UpdateState({ sheet, mayChange, onChanged }: UpdateStateProps) {
  const { state, percent } = sheet
  if (state.kind === 'none') return null
  return (
    <section class="card">
      <h2>{t('update.state')}</h2>
      <p>{stateWords(sheet)}</p>
      {percent !== null && (
        <p>
          <progress max={100} value={percent} aria-label={t('update.state')} />{' '}
          {t('update.percent', { percent: String(percent) })}
        </p>
      )}
      <WhatWasWrong sheet={sheet} />
      {mayChange && <Actions sheet={sheet} onChanged={onChanged} />}
    </section>
  )
}

function stateWords({ state, version: running, opensAt }: UpdateSheet): string {
  const opening = formatTime(opensAt)
  switch (state.kind) {
    case 'none':
      return ''
    case 'fetching':
      return t('update.fetching')
    case 'verified':
      return t('update.verified', { version: state.bundle.version })
    case 'waiting': {
      const { version } = state.bundle
      return state.isNow ? t('update.at-once', { version }) : t('update.waiting', { version, time: opening })
    }
    case 'installing':
      return t('update.installing', { version: state.bundle.version })
    case 'restart-due':
      return state.isNow
        ? t('update.at-once', { version: state.version })
        : t('update.restart-due', { version: state.version, time: opening })
    case 'on-trial':
      return t('update.on-trial', { version: state.version })
    case 'kept':
      return t('update.kept', { version: state.version, time: formatTime(state.at) })
    case 'rolled-back': {
      const reason = t(`update.${state.reason}`)
      return t('update.rolled-back', { version: state.version, reason, running })
    }
    case 'failed':
      return t('update.failed', { time: formatTime(state.at) })
  }
}

/** In the words of the box. */
function WhatWasWrong({ sheet: { state } }: { readonly sheet: UpdateSheet }) {
  if (state.kind === 'failed') return <Said text={state.sentence} />
  const trouble = state.kind === 'on-trial' || state.kind === 'rolled-back' ? state.trouble : ''
  if (trouble === '') return null
  if (state.kind === 'on-trial') return <p>{t('update.on-trial-not', { reason: trouble })}</p>
  return <Said text={trouble} />
}

function Actions({ sheet: { state }, onChanged }: Pick<UpdateStateProps, 'sheet' | 'onChanged'>) {
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
  return (
    <p class="actions">
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
