import { useState } from 'preact/hooks'
import type { DocumentValue, RowChange } from '../../../src/core/setup-operations.ts'
import type { Answer } from '../../box.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, Labelled } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import { tellWithUndo } from '../../parts/notice.tsx'
import { t } from '../../words/language.ts'
import { valueText } from './value-text.ts'

/** A key of the setup document, as a page shows and asks for it. */
export interface Setting {
  readonly key: string
  readonly label: string
  readonly hint?: string
  readonly input:
    | { readonly kind: 'text' }
    | { readonly kind: 'number' }
    | { readonly kind: 'flag' }
    /** One a line. */
    | { readonly kind: 'list' }
    | { readonly kind: 'choice'; readonly options: readonly Option[] }
    /** Why it can't be changed here. */
    | { readonly kind: 'fixed'; readonly why: string }
}

interface Option {
  readonly value: string
  readonly label: string
}

/** Changes keys of one table; null goes back to the default. */
export type Edit = (change: RowChange) => Promise<Answer<unknown>>

interface SettingRowsProps {
  readonly settings: readonly Setting[]
  readonly values: RowChange
  /** Undefined: may only be looked at. */
  readonly edit: Edit | undefined
  readonly onChanged: () => void
}

const undoMs = 15_000

/** Settings where they belong: each with what holds now, changed one at a time, and taken back by a tap. */
export function SettingRows({ settings, values, edit, onChanged }: SettingRowsProps) {
  const [open, setOpen] = useState<Setting | undefined>(undefined)
  const save = async (setting: Setting, value: DocumentValue): Promise<string> => {
    if (edit === undefined) return ''
    const before = values[setting.key] ?? null
    const answer = await edit({ [setting.key]: value })
    if (answer.kind === 'failed') return answer.sentence
    setOpen(undefined)
    onChanged()
    tellWithUndo(t('settings.changed', { what: setting.label }), undoMs, async () => {
      const undone = await edit({ [setting.key]: before })
      onChanged()
      return undone
    })
    return ''
  }
  return (
    <>
      <ul class="rows">
        {settings.map((setting) => (
          <li key={setting.key}>
            <SettingRow
              setting={setting}
              value={values[setting.key]}
              onOpen={edit === undefined ? undefined : () => setOpen(setting)}
            />
          </li>
        ))}
      </ul>
      {open !== undefined && (
        <SettingDialog
          setting={open}
          value={values[open.key]}
          save={(value) => save(open, value)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  )
}

interface SettingRowProps {
  readonly setting: Setting
  readonly value: DocumentValue | undefined
  readonly onOpen: (() => void) | undefined
}

function SettingRow({ setting: { label, input }, value, onOpen }: SettingRowProps) {
  const words = (
    <span class="row-text">
      <strong>{label}</strong>
      <span class="row-line">
        <bdi>{shown(input, value)}</bdi>
      </span>
      {input.kind === 'fixed' && <span class="hint">{input.why}</span>}
    </span>
  )
  if (onOpen === undefined || input.kind === 'fixed') return <div class="row">{words}</div>
  return (
    <button type="button" class="row" onClick={onOpen}>
      {words}
      <Icon name="pencil" />
    </button>
  )
}

function shown(input: Setting['input'], value: DocumentValue | undefined): string {
  const option = input.kind === 'choice' ? input.options.find((each) => each.value === value) : undefined
  return option?.label ?? valueText(value)
}

interface SettingDialogProps {
  readonly setting: Setting
  readonly value: DocumentValue | undefined
  /** Comes back with why it could not be. */
  readonly save: (value: DocumentValue) => Promise<string>
  readonly onClose: () => void
}

function SettingDialog({ setting, value, save, onClose }: SettingDialogProps) {
  const { label, input } = setting
  const [text, setText] = useState(typed(value))
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    setTrouble(await save(documentValue(input, text)))
    setBusy(false)
  }
  return (
    <Dialog title={label} onClose={onClose}>
      <Form label={label} submit={t('do.save')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <SettingInput setting={setting} text={text} onInput={setText} />
      </Form>
    </Dialog>
  )
}

interface SettingInputProps {
  readonly setting: Setting
  readonly text: string
  readonly onInput: (text: string) => void
}

function SettingInput({ setting: { label, hint, input }, text, onInput }: SettingInputProps) {
  switch (input.kind) {
    case 'text':
    case 'fixed':
      return <Field label={label} hint={hint} value={text} onInput={onInput} />
    case 'number':
      return <Field label={label} hint={hint} value={text} onInput={onInput} inputMode="numeric" />
    case 'list':
      return <Lines label={label} hint={hint ?? t('settings.one-a-line')} text={text} onInput={onInput} />
    case 'flag':
      return <Choice label={label} hint={hint} text={text} onInput={onInput} options={yesNo()} />
    case 'choice':
      return <Choice label={label} hint={hint} text={text} onInput={onInput} options={input.options} />
  }
}

const yesNo = (): readonly Option[] => [
  { value: 'true', label: t('health.yes') },
  { value: 'false', label: t('health.no') },
]

interface LinesProps {
  readonly label: string
  readonly hint: string | undefined
  readonly text: string
  readonly onInput: (text: string) => void
}

function Lines({ label, hint, text, onInput }: LinesProps) {
  return (
    <Labelled id="setting" label={label} hint={hint}>
      <textarea
        id="setting"
        rows={6}
        value={text}
        spellcheck={false}
        autocapitalize="none"
        aria-describedby="setting-hint"
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </Labelled>
  )
}

function Choice({
  label,
  hint,
  text,
  onInput,
  options,
}: LinesProps & { readonly options: readonly Option[] }) {
  return (
    <Labelled id="setting" label={label} hint={hint}>
      <select
        id="setting"
        value={text}
        aria-describedby="setting-hint"
        onChange={({ currentTarget }) => onInput(currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

/** As it is typed into a field. */
function typed(value: DocumentValue | undefined): string {
  if (value === undefined || value === null) return ''
  return Array.isArray(value) ? value.join('\n') : String(value)
}

/** What was typed, as the setup document has it; empty goes back to the default. */
function documentValue(input: Setting['input'], text: string): DocumentValue {
  const trimmed = text.trim()
  if (input.kind === 'flag') return trimmed === 'true'
  if (trimmed === '') return null
  // What is no number is left to the box, which says so.
  if (input.kind === 'number') return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed
  if (input.kind === 'list') return trimmed.split(/[\s,;]+/)
  return trimmed
}
