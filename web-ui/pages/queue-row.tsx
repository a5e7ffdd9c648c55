import type { MailRow, SearchRow, SessionRow } from '../../src/core/queue-operations.ts'
import { RowLink } from '../parts/list.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { When } from '../parts/when.tsx'
import { to } from '../router.ts'
import { formatSize } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { moodOfState, waitWords, worstState } from './queue-words.ts'

export function FoundRow({ row }: { readonly row: SearchRow }) {
  switch (row.kind) {
    case 'mail':
      return <Mail row={row} />
    case 'session':
      return <Refused row={row} />
  }
}

function Mail({ row }: { readonly row: MailRow }) {
  const { message, device, subject, size, acceptedWall, states, wait } = row
  const state = worstState(states)
  return (
    <RowLink href={to('queue', message)}>
      <bdi class="row-name">{device ?? t('queue.own')}</bdi>{' '}
      <span class="faint">
        <When at={acceptedWall} /> · <bdi>{formatSize(size)}</bdi>
      </span>
      <br />
      <bdi class="one-line">{subject === '' ? t('queue.no-subject') : subject}</bdi>
      <bdi class="one-line faint">{t('queue.to', { recipients: recipientsOf(row) })}</bdi>
      {state && <StateWord mood={moodOfState(state)}>{t(`delivery.${state}`)}</StateWord>}
      {wait && (
        <>
          <br />
          <bdi class="faint">{waitWords(wait)}</bdi>
        </>
      )}
    </RowLink>
  )
}

function recipientsOf({ recipients, recipientCount }: MailRow): string {
  const more = recipientCount - recipients.length
  return [...recipients, ...(more > 0 ? [t('queue.and-more', { count: more })] : [])].join(', ')
}

function Refused({ row: { session, device, address, at, code, sentence } }: { readonly row: SessionRow }) {
  return (
    <RowLink href={to('live', session)}>
      <bdi class="row-name">{device ?? address}</bdi>{' '}
      <span class="faint">
        <When at={at} />
      </span>
      <br />
      <StateWord mood="bad">{t(`state.${code}`)}</StateWord>
      <br />
      <bdi class="faint">{sentence}</bdi>
    </RowLink>
  )
}
