import { useState } from 'preact/hooks'
import { Choice } from '../../parts/check.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Field, Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import {
  type CredentialField,
  type CredentialKind,
  credentialOf,
  fieldsOf,
  kept,
  kindsFor,
  secretFields,
} from './credential-fields.ts'
import { credentialWord } from './upstream-words.ts'
import { editUpstream, type WayOut } from './way-out.ts'

/** How the box signs in there. Secrets go in, and never come out. */
export function Credential({ wayOut, mayChange }: { readonly wayOut: WayOut; readonly mayChange: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const credential = credentialOf(wayOut.sheet.settings)
  const shown = Object.entries(credential).filter(([key, value]) => key !== 'kind' && value !== kept)
  return (
    <section>
      <h2>{t('upstreams.credential')}</h2>
      <p>{credentialWord(String(credential['kind']))}</p>
      <Facts
        facts={shown.map(([key, value]) => ({ label: fieldLabel(key), value: <bdi>{String(value)}</bdi> }))}
      />
      {mayChange && (
        <button type="button" onClick={() => setOpen(true)}>
          {t('upstreams.credential-change')}
        </button>
      )}
      {isOpen && <CredentialDialog wayOut={wayOut} onClose={() => setOpen(false)} />}
    </section>
  )
}

interface CredentialDialogProps {
  readonly wayOut: WayOut
  readonly onClose: () => void
}

function CredentialDialog({ wayOut, onClose }: CredentialDialogProps) {
  const { view, sheet, reload } = wayOut
  const present = credentialOf(sheet.settings)
  const kinds = kindsFor(view.kind)
  const [kind, setKind] = useState<CredentialKind>(
    kinds.find((each) => each === present['kind']) ?? kinds[0] ?? 'none',
  )
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () => editUpstream(view.name, { credential: completed(kind, typed, present) }),
    () => {
      onClose()
      reload()
      tell(t('upstreams.credential-changed', { name: view.name }))
    },
    credentialKeys(kind),
  )
  return (
    <Dialog title={t('upstreams.credential-change')} onClose={onClose}>
      <p>{t('upstreams.credential-line')}</p>
      <Form
        label={t('upstreams.credential-change')}
        submit={t('do.save')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <KindChoice kinds={kinds} kind={kind} onChoose={setKind} />
        {fieldsOf[kind].map((field) => (
          <CredentialInput
            key={`${kind} ${field}`}
            field={field}
            value={typed[field] ?? (secretFields.has(field) ? '' : String(present[field] ?? ''))}
            isKept={present['kind'] === kind && present[field] === kept}
            onInput={(value) => setTyped({ ...typed, [field]: value })}
            trouble={troubleOf(`credential.${field}`)}
          />
        ))}
      </Form>
    </Dialog>
  )
}

interface KindChoiceProps {
  readonly kinds: readonly CredentialKind[]
  readonly kind: CredentialKind
  readonly onChoose: (kind: CredentialKind) => void
}

export const KindChoice = ({ kinds, kind, onChoose }: KindChoiceProps) => (
  <Choice
    label={t('upstreams.credential')}
    value={kind}
    choices={kinds.map((each) => [each, credentialWord(each)])}
    onChange={onChoose}
  />
)

interface CredentialInputProps {
  readonly field: CredentialField
  readonly value: string
  /** The box has one: left empty, it stays. */
  readonly isKept: boolean
  readonly onInput: (value: string) => void
  readonly trouble: string | undefined
}

export function CredentialInput({ field, value, isKept, onInput, trouble }: CredentialInputProps) {
  const common = { label: fieldLabel(field), value, onInput, trouble, autocomplete: 'off' } as const
  if (secretFields.has(field))
    return <PasswordField {...common} hint={isKept ? t('upstreams.kept') : undefined} />
  return <Field {...common} hint={field === 'expires' ? t('upstreams.expires-hint') : undefined} />
}

/** Keys of the setup document that have a field of their own. */
export const credentialKeys = (kind: CredentialKind): readonly string[] =>
  fieldsOf[kind].map((field) => `credential.${field}`)

/** The credential as a whole: what was left empty is kept where it was there, else left out. */
export function completed(
  kind: CredentialKind,
  typed: Readonly<Record<string, string>>,
  present: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const isSame = present['kind'] === kind
  const fields = fieldsOf[kind].flatMap((field) => {
    const before = isSame || !secretFields.has(field) ? String(present[field] ?? '') : ''
    const value = (typed[field] ?? '').trim()
    const isLeft = value === '' && (secretFields.has(field) || typed[field] === undefined)
    const next = isLeft ? before : value
    return next === '' ? [] : [[field, next] as const]
  })
  return { kind, ...others(present, isSame), ...Object.fromEntries(fields) }
}

/** Keys that this page does not ask for, such as the name of a file, stay as they are. */
function others(
  present: Readonly<Record<string, unknown>>,
  isSame: boolean,
): Readonly<Record<string, string>> {
  if (!isSame) return {}
  const files = Object.entries(present).filter(([key]) => key.endsWith('_file'))
  return Object.fromEntries(files.map(([key, value]) => [key, String(value)]))
}

const isField = (key: string): key is CredentialField =>
  Object.values(fieldsOf).some((fields) => fields.some((field) => field === key))

const fieldLabel = (key: string): string => (isField(key) ? t(`upstreams.${key}`) : key)
