import type { ComponentChildren, TargetedInputEvent } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly hint?: string | undefined
  /** Why the value can not stand; empty where it can. */
  readonly trouble?: string | undefined
  readonly autocomplete?: string
  readonly inputMode?: 'text' | 'numeric' | 'email' | 'url'
  readonly required?: boolean
  readonly maxLength?: number
  /** Addresses and the like are read so in every language. */
  readonly dir?: 'ltr'
}

/** A labelled line of text, with its hint and its trouble told to a screen reader too. */
export function Field(props: FieldProps) {
  const { label, value, onInput, required = false } = props
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={props.hint} trouble={props.trouble}>
      <input
        id={id}
        type="text"
        value={value}
        required={required}
        autocomplete={props.autocomplete ?? 'off'}
        inputMode={props.inputMode}
        dir={props.dir}
        maxLength={props.maxLength}
        aria-invalid={props.trouble ? true : undefined}
        aria-describedby={`${id}-hint ${id}-trouble`}
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  )
}

/** A password that can be looked at: it is typed on a phone, standing. */
export function PasswordField(props: Omit<FieldProps, 'inputMode' | 'maxLength' | 'dir'>) {
  const [isShown, setShown] = useState(false)
  const id = useId()
  const attributes = {
    id,
    value: props.value,
    required: props.required ?? false,
    autocomplete: props.autocomplete ?? 'current-password',
    'aria-invalid': props.trouble ? true : undefined,
    'aria-describedby': `${id}-hint ${id}-trouble`,
    autocapitalize: 'none',
    spellcheck: false,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => props.onInput(event.currentTarget.value),
  } as const
  const word = isShown ? t('password.hide') : t('password.show')
  return (
    <Labelled id={id} label={props.label} hint={props.hint} trouble={props.trouble}>
      <span class="with-button">
        {isShown ? <input {...attributes} type="text" /> : <input {...attributes} type="password" />}
        <button type="button" class="quiet" aria-label={word} title={word} onClick={() => setShown(!isShown)}>
          <Icon name={isShown ? 'eye-off' : 'eye'} />
        </button>
      </span>
    </Labelled>
  )
}

interface LabelledProps {
  readonly id: string
  readonly label: string
  readonly hint?: string | undefined
  readonly trouble?: string | undefined
  readonly children: ComponentChildren
}

export function Labelled({ id, label, hint, trouble, children }: LabelledProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <p id={`${id}-hint`} class="hint">
        {hint}
      </p>
      <FieldTrouble id={id} trouble={trouble} />
    </div>
  )
}

/** Of the field with this `id`, which is described by `<id>-trouble`. */
export const FieldTrouble = ({
  id,
  trouble,
}: {
  readonly id: string
  readonly trouble?: string | undefined
}) => (
  <p id={`${id}-trouble`} class="field-trouble" role={trouble ? 'alert' : undefined}>
    {trouble && <bdi>{trouble}</bdi>}
  </p>
)

interface FormProps {
  readonly label: string
  readonly submit: string
  readonly isBusy: boolean
  /** What went wrong; empty where nothing did. */
  readonly trouble: string
  readonly onSubmit: () => Promise<void>
  readonly children: ComponentChildren
}

/** What is typed and sent. After an answer the focus is in the first field that is wrong: on a phone it may be far above. */
export function Form({ label, submit, isBusy, trouble, onSubmit, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [answers, setAnswers] = useState(0)
  useEffect(() => focusWrong(form.current), [answers])
  return (
    <form
      ref={form}
      aria-label={label}
      onSubmit={async (event) => {
        event.preventDefault()
        await onSubmit()
        setAnswers(answers + 1)
      }}
    >
      {children}
      {trouble !== '' && (
        <p class="trouble" role="alert">
          <bdi>{trouble}</bdi>
        </p>
      )}
      <button type="submit" class="main" aria-disabled={isBusy}>
        {isBusy ? t('state.busy') : submit}
      </button>
    </form>
  )
}

function focusWrong(form: HTMLFormElement | null): void {
  const wrong = form?.querySelector<HTMLElement>('[aria-invalid=true]')
  wrong?.closest('details')?.setAttribute('open', '')
  wrong?.focus()
}
