import { useState } from 'preact/hooks'
import type { Enrolled, Enrolment } from '../../../src/core/console-session.ts'
import { Copy } from '../../parts/copy.tsx'
import { Door } from '../../parts/door.tsx'
import { Field, Form } from '../../parts/form.tsx'
import { Qr } from '../../parts/qr.tsx'
import { t } from '../../words/language.ts'
import type { Entrance, Half } from './entrance.ts'

/** The password was right; the box wants a second factor. */
export function Halfway({ entrance, half }: { readonly entrance: Entrance; readonly half: Half }) {
  switch (half.kind) {
    case 'code-wanted':
      return (
        <CodeDoor entrance={entrance} ticket={half.ticket} path="/session/code" title={t('code.title')} />
      )
    case 'enrolment-wanted':
      return (
        <CodeDoor
          entrance={entrance}
          ticket={half.ticket}
          path="/session/enrol"
          title={t('enrol.title')}
          enrolment={half.enrolment}
        />
      )
    case 'enrolled':
      return <RecoveryCodes entrance={entrance} enrolled={half} />
  }
}

interface CodeDoorProps {
  readonly entrance: Entrance
  readonly ticket: string
  readonly path: string
  readonly title: string
  readonly enrolment?: Enrolment
}

function CodeDoor({ entrance, ticket, path, title, enrolment }: CodeDoorProps) {
  const [code, setCode] = useState('')
  return (
    <Door title={title}>
      {enrolment && <Secret enrolment={enrolment} />}
      <Form
        label={title}
        submit={t('code.go')}
        isBusy={entrance.isBusy}
        trouble={entrance.trouble}
        onSubmit={() => entrance.ask(path, { ticket, code: code.replace(/\s/g, '') })}
      >
        <Field
          label={t('code.code')}
          hint={enrolment ? undefined : t('code.hint')}
          value={code}
          onInput={setCode}
          autocomplete="one-time-code"
          required
        />
      </Form>
      <button type="button" class="quiet" onClick={entrance.startOver}>
        {t('do.cancel')}
      </button>
    </Door>
  )
}

const Secret = ({ enrolment: { secret, uri } }: { readonly enrolment: Enrolment }) => (
  <>
    <p>{t('enrol.explain')}</p>
    <p>
      <Qr text={uri} label={t('enrol.qr')} />
    </p>
    <p>
      <a class="line" href={uri}>
        {t('enrol.here')}
      </a>
    </p>
    <p>
      {t('enrol.by-hand')} <code dir="ltr">{secret}</code>
    </p>
    <Copy text={secret} />
  </>
)

function RecoveryCodes({ entrance, enrolled }: { readonly entrance: Entrance; readonly enrolled: Enrolled }) {
  return (
    <Door title={t('enrol.codes')}>
      <p>{t('enrol.codes-explain')}</p>
      <ul class="codes" dir="ltr">
        {enrolled.recoveryCodes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <p class="buttons">
        <Copy text={enrolled.recoveryCodes.join('\n')} />
      </p>
      <button type="button" class="main" onClick={() => entrance.enter(enrolled)}>
        {t('enrol.codes-kept')}
      </button>
    </Door>
  )
}
