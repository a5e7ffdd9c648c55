import { useState } from 'preact/hooks'
import type { ApplyResult, Remark } from '../../src/core/operations.ts'
import { type Answer, ask, get } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Save } from '../parts/paper.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { t } from '../words/language.ts'
import { EffectiveSettings } from './settings/effective-settings.tsx'

/** The whole setup as one text, for who wants it. */
export function Setup() {
  const known = useAnswer<{ readonly text: string }>('/setup', ['setup'])
  return (
    <>
      <PageHead title={t('more.setup')} />
      <p>{t('setup.line')}</p>
      <Answered known={known}>{({ text }) => <Editor initial={text} />}</Answered>
      <EffectiveSettings />
    </>
  )
}

/** `stale`: the text was touched since it was checked. */
type Verdict = { readonly kind: 'none' } | { readonly kind: 'told'; readonly result: ApplyResult } | Failed

interface Failed {
  readonly kind: 'failed'
  readonly sentence: string
}

function Editor({ initial }: { readonly initial: string }) {
  const [text, setText] = useState(initial)
  const [verdict, setVerdict] = useState<Verdict>({ kind: 'none' })
  const [isBusy, setBusy] = useState(false)
  const send = async (check: boolean) => {
    if (isBusy) return
    setBusy(true)
    setVerdict(verdictOf(await ask<ApplyResult>('POST', '/setup', { body: { text, check } })))
    setBusy(false)
  }
  const reload = async () => {
    const answer = await get<{ readonly text: string }>('/setup')
    if (answer.kind === 'failed') return setVerdict(answer)
    setText(answer.value.text)
    setVerdict({ kind: 'none' })
  }
  const isChecked = verdict.kind === 'told' && verdict.result.kind === 'valid'
  return (
    <>
      <div class="field">
        <label for="setup-text">{t('setup.document')}</label>
        <textarea
          id="setup-text"
          class="mono"
          rows={18}
          spellcheck={false}
          autocapitalize="none"
          dir="ltr"
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setVerdict({ kind: 'none' })
          }}
        />
      </div>
      <VerdictBox verdict={verdict} />
      <p class="buttons">
        <button
          type="button"
          class={isChecked ? undefined : 'main'}
          aria-disabled={isBusy}
          onClick={() => send(true)}
        >
          {isBusy ? t('state.busy') : t('setup.check')}
        </button>
        {isChecked && (
          <button type="button" class="main" aria-disabled={isBusy} onClick={() => send(false)}>
            {t('setup.apply')}
          </button>
        )}
        <button type="button" onClick={reload}>
          {t('setup.reload')}
        </button>
        <Save text={text} file="inkpost.toml" />
      </p>
    </>
  )
}

/** A document that is wrong is answered with 422 and its remarks. */
function verdictOf(answer: Answer<ApplyResult>): Verdict {
  if (answer.kind === 'done') return { kind: 'told', result: answer.value }
  const { body } = answer
  if (isApplyResult(body)) return { kind: 'told', result: body }
  return answer
}

const isApplyResult = (value: unknown): value is ApplyResult =>
  typeof value === 'object' && value !== null && 'kind' in value && 'remarks' in value

function VerdictBox({ verdict }: { readonly verdict: Verdict }) {
  if (verdict.kind === 'none') return <div role="status" />
  if (verdict.kind === 'failed')
    return (
      <p class="trouble" role="alert">
        {verdict.sentence}
      </p>
    )
  const { result } = verdict
  return (
    <div class="card" role="status">
      {result.kind === 'invalid' ? (
        <Remarks title={t('setup.invalid')} remarks={result.remarks} />
      ) : (
        <>
          {result.kind === 'applied' && <p>{t('setup.applied')}</p>}
          <Changes changes={result.changes} />
          <Remarks title={t('setup.remarks')} remarks={result.remarks} />
        </>
      )}
    </div>
  )
}

function Changes({ changes }: { readonly changes: readonly string[] }) {
  if (changes.length === 0) return <p>{t('setup.no-changes')}</p>
  return (
    <>
      <p>{t('setup.changes')}</p>
      <ul>
        {changes.map((change) => (
          <li key={change}>
            <bdi>{change}</bdi>
          </li>
        ))}
      </ul>
    </>
  )
}

function Remarks({ title, remarks }: { readonly title: string; readonly remarks: readonly Remark[] }) {
  if (remarks.length === 0) return null
  return (
    <>
      <p>{title}</p>
      <ul>
        {remarks.map(({ place, sentence }) => (
          <li key={`${place} ${sentence}`}>
            <bdi>{place}</bdi>: <bdi>{sentence}</bdi>
          </li>
        ))}
      </ul>
    </>
  )
}
