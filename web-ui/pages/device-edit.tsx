import { useState } from 'preact/hooks'
import type { DeviceSettings, DeviceSheet } from '../../src/core/device-view.ts'
import type { SiteKey } from '../../src/core/fleet.ts'
import type { DocumentValue, RowChange } from '../../src/core/setup-operations.ts'
import { Answered } from '../parts/answered.tsx'
import { Check, Choice } from '../parts/check.tsx'
import { Field, Form } from '../parts/form.tsx'
import { isSiteKey, Owned } from '../parts/managed.tsx'
import { tell } from '../parts/notice.tsx'
import { type Submitting, useSubmit } from '../parts/use-submit.ts'
import { typedNumber } from '../typed-number.ts'
import { t } from '../words/language.ts'
import type { DeviceKnown } from './device.tsx'
import { changeDevice } from './device-change.ts'
import { deviceTab, listOf } from './device-places.ts'

/** How a device is set up, its settings on itself and nowhere else. */
export function SettingsTab({ known }: { readonly known: DeviceKnown }) {
  const { sheet } = known
  return (
    <Answered known={sheet}>
      {(value) => <Edit key={value.sheet.revision} known={known} sheet={value.sheet} />}
    </Answered>
  )
}

/** What a person types, before it is a setting. */
interface Draft {
  readonly name: string
  readonly sender: string
  readonly sender_name: string
  readonly keep_sender: DeviceSettings['keep_sender']
  readonly subject_prefix: string
  readonly allowed_recipients: string
  readonly also_known_as: string
  readonly addresses: string
  readonly mac: string
  readonly owner: string
  readonly max_per_hour: string
  readonly priority: DeviceSettings['priority']
  readonly route: string
  readonly tls: DeviceSettings['tls']
  readonly require_tls: boolean
}

const draftOf = (settings: DeviceSettings): Draft => ({
  ...settings,
  sender: settings.sender ?? '',
  owner: settings.owner ?? '',
  allowed_recipients: settings.allowed_recipients.join(', '),
  also_known_as: settings.also_known_as.join(', '),
  addresses: settings.addresses.join(', '),
  max_per_hour: String(settings.max_per_hour),
  route: (settings.route ?? []).join(', '),
})

/** Only what was changed: another person may be changing the rest. */
function changeOf(draft: Draft, before: Draft): RowChange {
  const all: Readonly<Record<keyof Draft, DocumentValue>> = {
    ...draft,
    sender: draft.sender.trim() || null,
    owner: draft.owner.trim() || null,
    allowed_recipients: listOf(draft.allowed_recipients),
    also_known_as: draft.also_known_as.split(',').flatMap((login) => login.trim() || []),
    addresses: listOf(draft.addresses),
    max_per_hour: draft.max_per_hour.trim() === '' ? null : typedNumber(draft.max_per_hour),
    route: listOf(draft.route).length === 0 ? null : draft.route.split(',').map((way) => way.trim()),
  }
  const changed = Object.entries(all).filter(([key]) => !isSame(draft, before, key))
  return Object.fromEntries(changed)
}

const isSame = (draft: Draft, before: Draft, key: string): boolean =>
  Object.entries(draft).every(
    ([name, value]) => name !== key || value === new Map(Object.entries(before)).get(name),
  )

interface EditProps {
  readonly known: DeviceKnown
  readonly sheet: DeviceSheet
}

function Edit({ known, sheet: { settings, revision } }: EditProps) {
  const before = draftOf(settings)
  const [draft, setDraft] = useState(before)
  const put = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const {
    isBusy,
    trouble,
    troubleOf,
    submit: save,
  } = useSubmit(
    () => changeDevice(known.name, changeOf(draft, before), revision),
    (value) => {
      const { changes, remarks } = value
      tell(changes.length === 0 ? t('edit.nothing') : [t('edit.saved'), ...remarks].join(' '))
      if (draft.name.trim() === known.name) known.sheet.reload()
      else location.hash = deviceTab(draft.name.trim(), 'settings')
    },
    Object.keys(before),
  )
  const isOpen = (key: SiteKey): boolean => isSiteKey(known.managed, known.name, key)
  const isLocked = known.managed !== undefined
  const fields = { draft, put, troubleOf }
  return (
    <Form label={t('edit.title')} submit={t('do.save')} isBusy={isBusy} trouble={trouble} onSubmit={save}>
      <Owned isLocked={isLocked}>
        <Field
          label={t('edit.name')}
          value={draft.name}
          onInput={(name) => put({ name })}
          trouble={troubleOf('name')}
          required
        />
        <SenderFields {...fields} />
      </Owned>
      <WhereFields {...fields} isOpen={isOpen} />
      <Owned isLocked={isLocked}>
        <RuleFields {...fields} />
      </Owned>
    </Form>
  )
}

interface FieldsProps {
  readonly draft: Draft
  readonly put: (part: Partial<Draft>) => void
  readonly troubleOf: Submitting['troubleOf']
}

function SenderFields({ draft, put, troubleOf }: FieldsProps) {
  return (
    <>
      <Field
        label={t('edit.sender')}
        value={draft.sender}
        onInput={(sender) => put({ sender })}
        trouble={troubleOf('sender')}
        inputMode="email"
      />
      <Field
        label={t('edit.sender-name')}
        value={draft.sender_name}
        onInput={(sender_name) => put({ sender_name })}
        trouble={troubleOf('sender_name')}
      />
      <Choice
        label={t('edit.keep-sender')}
        value={draft.keep_sender}
        choices={(['reply-to', 'never', 'when-allowed'] as const).map((each) => [
          each,
          t(`edit.keep-sender.${each}`),
        ])}
        onChange={(keep_sender) => put({ keep_sender })}
        trouble={troubleOf('keep_sender')}
      />
      <Field
        label={t('edit.subject-prefix')}
        value={draft.subject_prefix}
        onInput={(subject_prefix) => put({ subject_prefix })}
        trouble={troubleOf('subject_prefix')}
      />
      <Field
        label={t('edit.recipients')}
        hint={t('edit.recipients-hint')}
        value={draft.allowed_recipients}
        onInput={(allowed_recipients) => put({ allowed_recipients })}
        trouble={troubleOf('allowed_recipients')}
      />
      <Field
        label={t('edit.owner')}
        value={draft.owner}
        onInput={(owner) => put({ owner })}
        trouble={troubleOf('owner')}
        inputMode="email"
      />
    </>
  )
}

interface WhereFieldsProps extends FieldsProps {
  readonly isOpen: (key: SiteKey) => boolean
}

/** Who it is. */
function WhereFields({ draft, put, troubleOf, isOpen }: WhereFieldsProps) {
  return (
    <>
      <Owned isLocked={!isOpen('also_known_as')}>
        <Field
          label={t('edit.also')}
          hint={t('edit.also-hint')}
          value={draft.also_known_as}
          onInput={(also_known_as) => put({ also_known_as })}
          trouble={troubleOf('also_known_as')}
        />
      </Owned>
      <Owned isLocked={!isOpen('addresses')}>
        <Field
          label={t('edit.addresses')}
          hint={t('edit.addresses-hint')}
          value={draft.addresses}
          onInput={(addresses) => put({ addresses })}
          trouble={troubleOf('addresses')}
        />
      </Owned>
      <Owned isLocked={!isOpen('mac')}>
        <Field
          label={t('edit.mac')}
          value={draft.mac}
          onInput={(mac) => put({ mac })}
          trouble={troubleOf('mac')}
        />
      </Owned>
    </>
  )
}

function RuleFields({ draft, put, troubleOf }: FieldsProps) {
  return (
    <>
      <Field
        label={t('edit.limit')}
        hint={t('edit.limit-hint')}
        value={draft.max_per_hour}
        onInput={(max_per_hour) => put({ max_per_hour })}
        trouble={troubleOf('max_per_hour')}
        inputMode="numeric"
      />
      <Choice
        label={t('edit.priority')}
        value={draft.priority}
        choices={(['alarm', 'normal', 'bulk'] as const).map((each) => [each, t(`edit.priority.${each}`)])}
        onChange={(priority) => put({ priority })}
        trouble={troubleOf('priority')}
      />
      <Field
        label={t('edit.route')}
        hint={t('edit.route-hint')}
        value={draft.route}
        onInput={(route) => put({ route })}
        trouble={troubleOf('route')}
      />
      <Choice
        label={t('edit.tls')}
        value={draft.tls}
        choices={(['', 'modern', 'legacy', 'vintage', 'plain'] as const).map((each) => [
          each,
          t(`edit.tls.${each}`),
        ])}
        onChange={(tls) => put({ tls })}
        trouble={troubleOf('tls')}
      />
      <Check
        label={t('edit.require-tls')}
        isOn={draft.require_tls}
        onChange={(require_tls) => put({ require_tls })}
        trouble={troubleOf('require_tls')}
      />
    </>
  )
}
