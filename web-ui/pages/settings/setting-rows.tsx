import { useState } from 'preact/hooks'
import type { DocumentValue, RowChange } from '../../../src/core/setup-operations.ts'
import type { Answer } from '../../box.ts'
import { Choice } from '../../parts/check.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, Labelled } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import { tellWithUndo } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { typedNumber } from '../../typed-number.ts'
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
  const done = (setting: Setting, change: Edit) => {
    const before = values[setting.key] ?? null
    setOpen(undefined)
    onChanged()
    tellWithUndo(t('settings.changed', { what: setting.label }), undoMs, async () => {
      const undone = await change({ [setting.key]: before })
      onChanged()
      return undone
    })
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
      {open !== undefined && edit !== undefined && (
        <SettingDialog
          setting={open}
          value={values[open.key]}
          edit={edit}
          onDone={() => done(open, edit)}
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
  readonly edit: Edit
  readonly onDone: () => void
  readonly onClose: () => void
}

function SettingDialog({ setting, value, edit, onDone, onClose }: SettingDialogProps) {
  const { key, label, input } = setting
  const [text, setText] = useState(typed(value))
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () => edit({ [key]: documentValue(input, text) }),
    onDone,
    [key],
  )
  return (
    <Dialog title={label} onClose={onClose}>
      <Form label={label} submit={t('do.save')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <SettingInput setting={setting} text={text} onInput={setText} trouble={troubleOf(key)} />
      </Form>
    </Dialog>
  )
}

interface SettingInputProps {
  readonly setting: Setting
  readonly text: string
  readonly onInput: (text: string) => void
  readonly trouble: string | undefined
}

function SettingInput({ setting: { label, hint, input }, text, onInput, trouble }: SettingInputProps) {
  const field = { label, hint, value: text, onInput, trouble }
  switch (input.kind) {
    case 'text':
    case 'fixed':
      return <Field {...field} />
    case 'number':
      return <Field {...field} inputMode="numeric" />
    case 'list':
      return <Lines {...field} hint={hint ?? t('settings.one-a-line')} />
    case 'flag':
      return <Choice {...field} onChange={onInput} choices={choicesOf(yesNo())} />
    case 'choice':
      return <Choice {...field} onChange={onInput} choices={choicesOf(input.options)} />
  }
}

const yesNo = (): readonly Option[] => [
  { value: 'true', label: t('health.yes') },
  { value: 'false', label: t('health.no') },
]

const choicesOf = (options: readonly Option[]) => options.map(({ value, label }) => [value, label] as const)

interface LinesProps {
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly onInput: (text: string) => void
  readonly trouble: string | undefined
}

function Lines({ label, hint, value, onInput, trouble }: LinesProps) {
  return (
    <Labelled id="setting" label={label} hint={hint} trouble={trouble}>
      <textarea
        id="setting"
        rows={6}
        value={value}
        spellcheck={false}
        autocapitalize="none"
        aria-invalid={trouble ? true : undefined}
        aria-describedby="setting-hint setting-trouble"
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
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
  if (input.kind === 'number') return typedNumber(trimmed)
  if (input.kind === 'list') return trimmed.split(/[\s,;]+/)
  return trimmed
}
