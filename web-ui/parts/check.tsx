import { useId } from 'preact/hooks'
import { FieldTrouble, Labelled } from './form.tsx'

interface CheckProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly trouble?: string | undefined
}

/** Yes or no, with a label that can be tapped. */
export function Check({ label, isOn, onChange, trouble }: CheckProps) {
  const id = useId()
  return (
    <>
      <div class="check">
        <input
          id={id}
          type="checkbox"
          checked={isOn}
          aria-invalid={trouble ? true : undefined}
          aria-describedby={`${id}-trouble`}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <label for={id}>{label}</label>
      </div>
      <FieldTrouble id={id} trouble={trouble} />
    </>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value
  /** Values and what they are called. */
  readonly choices: readonly (readonly [Value, string])[]
  readonly onChange: (value: Value) => void
  readonly hint?: string | undefined
  readonly trouble?: string | undefined
}

/** One of a few. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, value, choices, onChange, hint, trouble } = props
  const id = useId()
  const choose = (chosen: string) => {
    const found = choices.find(([each]) => each === chosen)
    if (found) onChange(found[0])
  }
  return (
    <Labelled id={id} label={label} hint={hint} trouble={trouble}>
      <select
        id={id}
        value={value}
        aria-invalid={trouble ? true : undefined}
        aria-describedby={`${id}-hint ${id}-trouble`}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        {choices.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
