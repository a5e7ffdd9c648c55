import { useState } from 'preact/hooks'
import { isAnswer, readAnswer } from '../../../src/core/setup-answer.ts'
import { get, notAsked } from '../../box.ts'
import { Answered } from '../../parts/answered.tsx'
import { Busy } from '../../parts/busy.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Form, Labelled } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { useQuestion } from '../../parts/use-answer.ts'
import { useSubmit } from '../../parts/use-submit.ts'
import { takeAnswer } from '../../setup-edits.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'

interface ScriptProps extends StepProps {
  readonly upstream: string
}

/** What is run at Microsoft once, and the line that comes back. The page may be left between the two. */
export function Script({ upstream, progress, reload, onDone }: ScriptProps) {
  const known = useScript(upstream)
  return (
    <section class="card">
      <h2>{t('wizard.script-title')}</h2>
      <ol class="numbered">
        <li>
          {t('wizard.script-1')}
          {known.value === undefined && known.trouble === '' ? (
            <Busy what={t('wizard.script-busy')} reason={t('wizard.script-busy-reason')} />
          ) : (
            <Answered known={known}>{({ text }) => <ScriptText text={text} />}</Answered>
          )}
        </li>
        <li>
          {t('wizard.script-2')}
          <p>
            <a class="button" href="https://shell.azure.com/bash" target="_blank" rel="noreferrer">
              {t('wizard.script-open')}
            </a>
          </p>
        </li>
        <li>
          {t('wizard.script-3')}
          <AnswerForm
            box={progress.status.name}
            onTaken={() => {
              tell(t('wizard.answer-done'))
              reload()
              onDone()
            }}
          />
        </li>
      </ol>
      <p class="hint">{t('wizard.script-send')}</p>
    </section>
  )
}

const ScriptText = ({ text }: { readonly text: string }) => (
  <>
    <p>
      <Copy text={text} label={t('wizard.script-copy')} />
    </p>
    <details>
      <summary>{t('wizard.script-show')}</summary>
      <textarea dir="ltr" lang="en" readOnly rows={12} aria-label={t('wizard.script-show')} value={text} />
    </details>
  </>
)

interface ScriptAnswer {
  readonly text: string
}

const tries = 15
const betweenMs = 2000

/** A way out that was just made has no certificate yet: it is asked for until it has. */
function useScript(upstream: string) {
  const [question] = useState(() => async (signal: AbortSignal) => {
    const path = `/azure-script?upstream=${encodeURIComponent(upstream)}`
    let answer = await get<ScriptAnswer>(path, { signal })
    for (let tried = 1; tried < tries && answer.kind === 'failed' && answer.status === 409; tried += 1) {
      await new Promise((resolve) => setTimeout(resolve, betweenMs))
      if (signal.aborted) return answer
      answer = await get<ScriptAnswer>(path, { signal })
    }
    return answer
  })
  return useQuestion(question)
}

function AnswerForm({ box, onTaken }: { readonly box: string; readonly onTaken: () => void }) {
  const [line, setLine] = useState('')
  const wrong = line === '' ? '' : wrongWith(line, box)
  const { isBusy, trouble, submit } = useSubmit(
    async () => (wrong === '' ? takeAnswer(line.trim()) : notAsked('')),
    onTaken,
  )
  return (
    <Form
      label={t('wizard.answer')}
      submit={t('wizard.answer-take')}
      isBusy={isBusy}
      trouble={trouble}
      onSubmit={submit}
    >
      <Labelled id="answer" label={t('wizard.answer')} trouble={wrong}>
        <textarea
          id="answer"
          dir="ltr"
          rows={3}
          value={line}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="inkpost-answer:…"
          aria-invalid={wrong === '' ? undefined : true}
          aria-describedby="answer-trouble"
          required
          onInput={({ currentTarget }) => setLine(currentTarget.value)}
        />
      </Labelled>
    </Form>
  )
}

/** What is wrong with the line, before the box is asked: it was pasted on a phone. */
function wrongWith(line: string, box: string): string {
  if (!isAnswer(line)) return t('wizard.answer-empty')
  const read = readAnswer(line)
  if (read.kind === 'unreadable') return t('wizard.answer-damaged')
  return read.answer.box === box ? '' : t('wizard.answer-other-box', { name: read.answer.box })
}
