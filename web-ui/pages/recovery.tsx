import { useEffect, useState } from 'preact/hooks'
import { type Answer, ask } from '../box.ts'
import { Busy } from '../parts/busy.tsx'
import { Copy } from '../parts/copy.tsx'
import { Field, Form } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { useSubmit } from '../parts/use-submit.ts'
import { go, to } from '../router.ts'
import { t } from '../words/language.ts'

interface Minted {
  readonly code: string
}

/** The code that opens the nightly copies: shown once, and confirmed by its end. */
export function Recovery() {
  const [minted, setMinted] = useState<Answer<Minted> | undefined>(undefined)
  const mint = (signal?: AbortSignal) => {
    setMinted(undefined)
    void ask<Minted>('POST', '/recovery-code').then((answer) => {
      if (signal?.aborted) return
      // A box that keeps no copies has no code for them, one that was reset makes it by a command only.
      if (answer.kind === 'failed' && (answer.status === 404 || answer.status === 403)) go('wizard')
      else setMinted(answer)
    })
  }
  useEffect(() => {
    const left = new AbortController()
    mint(left.signal)
    return () => left.abort()
  }, [])
  return (
    <>
      <h1>{t('recovery.title')}</h1>
      <p>{t('recovery.explain')}</p>
      {minted === undefined && <Busy />}
      {minted?.kind === 'failed' && <Trouble sentence={minted.sentence} onRetry={() => mint()} />}
      {minted?.kind === 'done' && <Code code={minted.value.code} />}
      <a class="button" href={to('wizard')}>
        {t('do.later')}
      </a>
    </>
  )
}

function Code({ code }: { readonly code: string }) {
  const [part, setPart] = useState('')
  const {
    isBusy,
    trouble,
    submit: confirm,
  } = useSubmit(
    () => ask('POST', '/recovery-code/confirm', { body: { part: part.trim() } }),
    () => {
      tell(t('recovery.confirmed'))
      go('wizard')
    },
  )
  return (
    <section class="card">
      <p class="recovery" dir="ltr">
        {code}
      </p>
      <p class="buttons">
        <Copy text={code} />
      </p>
      <Form
        label={t('recovery.title')}
        submit={t('recovery.confirm')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={confirm}
      >
        <Field
          label={t('recovery.part')}
          hint={t('recovery.part-hint')}
          value={part}
          onInput={setPart}
          required
        />
      </Form>
    </section>
  )
}
