import { useState } from 'preact/hooks'
import type { ApplyResult, Remark } from '../../src/core/operations.ts'
import { type Answer, ask, get } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { ManagedNote, useManaged } from '../parts/managed.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Save } from '../parts/paper.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { t } from '../words/language.ts'
import { EffectiveSettings } from './settings/effective-settings.tsx'

/** The whole setup as one text, for who wants it. */
export function Setup() {
  const known = useAnswer<{ readonly text: string }>('/setup', ['setup'])
  const managed = useManaged()
  return (
    <>
      <PageHead title={t('more.setup')} />
      <p>{t('setup.line')}</p>
      {managed && (
        <ManagedNote managed={managed}>
          <p>{t('managed.parts')}</p>
        </ManagedNote>
      )}
      <Answered known={known}>{({ text }) => <Editor initial={text} />}</Answered>
      <EffectiveSettings />
    </>
  )
}

function Editor({ initial }: { readonly initial: string }) {
  const [text, setText] = useState(initial)
  /** Undefined: the text was touched since. */
  const [result, setResult] = useState<ApplyResult | undefined>(undefined)
  const sending = useSubmit(
    async (check: boolean) => told(await ask<ApplyResult>('POST', '/setup', { body: { text, check } })),
    setResult,
  )
  const touch = (changed: string) => {
    setText(changed)
    setResult(undefined)
    sending.forget()
  }
  const reading = useSubmit(
    () => get<{ readonly text: string }>('/setup'),
    (answer) => touch(answer.text),
  )
  const isChecked = result?.kind === 'valid'
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
          onInput={({ currentTarget }) => touch(currentTarget.value)}
        />
      </div>
      <Verdict result={result} trouble={sending.trouble || reading.trouble} />
      <p class="buttons">
        <button
          type="button"
          class={isChecked ? undefined : 'main'}
          aria-disabled={sending.isBusy}
          onClick={() => sending.submit(true)}
        >
          {sending.isBusy ? t('state.busy') : t('setup.check')}
        </button>
        {isChecked && (
          <button
            type="button"
            class="main"
            aria-disabled={sending.isBusy}
            onClick={() => sending.submit(false)}
          >
            {t('setup.apply')}
          </button>
        )}
        <button type="button" onClick={reading.submit}>
          {t('setup.reload')}
        </button>
        <Save text={text} file="inkpost.toml" />
      </p>
    </>
  )
}

/** A document that is wrong is answered with 422 and its remarks. */
const told = (answer: Answer<ApplyResult>): Answer<ApplyResult> =>
  answer.kind === 'failed' && isApplyResult(answer.body) ? { kind: 'done', value: answer.body } : answer

const isApplyResult = (value: unknown): value is ApplyResult =>
  typeof value === 'object' && value !== null && 'kind' in value && 'remarks' in value

interface VerdictProps {
  readonly result: ApplyResult | undefined
  /** Empty, or why there is none. */
  readonly trouble: string
}

function Verdict({ result, trouble }: VerdictProps) {
  if (trouble !== '') return <Trouble sentence={trouble} />
  if (result === undefined) return <div role="status" />
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
