import { useState } from 'preact/hooks'
import type { AuditChange, AuditEntry, AuditVerification } from '../../src/core/audit.ts'
import { ask, get } from '../box.ts'
import { Action } from '../parts/action.tsx'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { formatTime } from '../words/formats.ts'
import { formatNumber, t } from '../words/language.ts'

interface Wanted {
  readonly text: string
  readonly who: string
  readonly weakens: boolean
}

const pageSize = 50

/** Who did what, from where, with what stood there before and after. */
export function Audit() {
  const [wanted, setWanted] = useState<Wanted>({ text: '', who: '', weakens: false })
  const query = queryOf(wanted)
  return (
    <>
      <PageHead title={t('more.audit')} />
      <p>{t('audit.line')}</p>
      <Search wanted={wanted} onChange={setWanted} />
      <p class="buttons">
        <a class="button" href={`/api/v1/audit.csv?${query}`} download="audit.csv">
          <Icon name="download" />
          {t('audit.csv')}
        </a>
      </p>
      <Chain />
      <Entries key={query.toString()} query={query} />
    </>
  )
}

function queryOf({ text, who, weakens }: Wanted): URLSearchParams {
  const query = new URLSearchParams()
  if (text !== '') query.set('text', text)
  if (who !== '') query.set('who', who)
  if (weakens) query.set('weakens', 'true')
  return query
}

interface SearchProps {
  readonly wanted: Wanted
  readonly onChange: (wanted: Wanted) => void
}

function Search({ wanted, onChange }: SearchProps) {
  return (
    <search class="card">
      <div class="field">
        <label for="audit-text">{t('audit.text')}</label>
        <input
          id="audit-text"
          type="search"
          value={wanted.text}
          onInput={({ currentTarget }) => onChange({ ...wanted, text: currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for="audit-who">{t('audit.who')}</label>
        <input
          id="audit-who"
          type="search"
          value={wanted.who}
          onInput={({ currentTarget }) => onChange({ ...wanted, who: currentTarget.value })}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={wanted.weakens}
          onChange={({ currentTarget }) => onChange({ ...wanted, weakens: currentTarget.checked })}
        />
        {t('audit.weakens-only')}
      </label>
    </search>
  )
}

/** Whether what stands here is what was written. */
function Chain() {
  const [found, setFound] = useState<AuditVerification | undefined>(undefined)
  return (
    <div class="buttons">
      <Action
        label={t('audit.verify')}
        icon="shield"
        run={() =>
          ask<AuditVerification>('POST', '/audit/verify', { body: { witnesses: [] }, patienceMs: 60_000 })
        }
        onDone={setFound}
      />
      <span role="status">
        {found?.kind === 'intact' && (
          <StateWord mood="good">{t('audit.intact', { count: found.entries })}</StateWord>
        )}
        {found?.kind === 'broken' && (
          <StateWord mood="bad">
            <bdi>{t('audit.broken', { id: formatNumber(found.id), sentence: found.sentence })}</bdi>
          </StateWord>
        )}
      </span>
    </div>
  )
}

function Entries({ query }: { readonly query: URLSearchParams }) {
  const known = useAnswer<readonly AuditEntry[]>(`/audit?limit=${pageSize}&${query}`)
  const [older, setOlder] = useState<readonly AuditEntry[]>([])
  const [hasMore, setMore] = useState(true)
  return (
    <Answered known={known}>
      {(newest) => {
        const entries = [...newest, ...older]
        if (entries.length === 0) return <p class="empty">{t('audit.empty')}</p>
        const before = entries.at(-1)?.id
        return (
          <>
            <ol class="rows">
              {entries.map((entry) => (
                <li key={entry.id}>
                  <Entry entry={entry} />
                </li>
              ))}
            </ol>
            {hasMore && newest.length === pageSize && (
              <Action
                label={t('audit.older')}
                run={() => get<readonly AuditEntry[]>(`/audit?limit=${pageSize}&before=${before}&${query}`)}
                onDone={(next) => {
                  setOlder([...older, ...next])
                  setMore(next.length === pageSize)
                }}
              />
            )}
          </>
        )
      }}
    </Answered>
  )
}

function Entry({ entry: { at, who, place, what, changes, weakens } }: { readonly entry: AuditEntry }) {
  const [name] = who.split(' at the ')
  return (
    <div class="ending">
      <p class="hint">
        <bdi>{formatTime(at)}</bdi> · <bdi>{name}</bdi>
        {place !== '' && (
          <>
            {' '}
            · <bdi>{place}</bdi>
          </>
        )}
      </p>
      <p>
        <bdi>{what}</bdi>
      </p>
      {weakens && <StateWord mood="warn">{t('audit.weakens')}</StateWord>}
      {changes.length > 0 && (
        <details>
          <summary>{t('audit.before-and-after')}</summary>
          <ul class="changes">
            {changes.map((change) => (
              <li key={change.what}>
                <Change change={change} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function Change({ change: { what, before, after } }: { readonly change: AuditChange }) {
  return (
    <>
      <bdi>{what}</bdi>: <span class="unseen">{t('audit.before')}</span>
      <del>
        <bdi>{before === '' ? t('audit.nothing') : before}</bdi>
      </del>{' '}
      <span aria-hidden="true">→</span> <span class="unseen">{t('audit.after')}</span>
      <ins>
        <bdi>{after === '' ? t('audit.nothing') : after}</bdi>
      </ins>
    </>
  )
}
