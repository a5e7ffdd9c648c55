import { useState } from 'preact/hooks'
import { Choice } from '../../parts/check.tsx'
import { Field, Form } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { go } from '../../router.ts'
import { addUpstream } from '../../setup-edits.ts'
import { typedNumber } from '../../typed-number.ts'
import { t } from '../../words/language.ts'
import { CredentialInput, completed, credentialKeys, KindChoice } from './credential.tsx'
import { type CredentialKind, fieldsOf, kindsFor } from './credential-fields.ts'
import { upstreamKinds } from './kinds.ts'
import { upstreamSettings } from './upstream-settings.ts'
import { kindWord } from './upstream-words.ts'

type Typed = Readonly<Record<string, string>>

/** A new way out: where to, and how to sign in. The rest has good defaults and stands on its page. */
export function AddUpstream() {
  const [kind, setKind] = useState<string>('acs-email')
  const [credential, setCredential] = useState<CredentialKind | undefined>(undefined)
  const [typed, setTyped] = useState<Typed>({})
  const [secrets, setSecrets] = useState<Typed>({})
  const kinds = kindsFor(kind)
  const chosen = kinds.find((each) => each === credential) ?? kinds[0] ?? 'none'
  const row = rowOf(kind, typed, completed(chosen, secrets, {}))
  const settings = upstreamSettings(kind)
    // A password has a user name of its own.
    .filter(({ key }) => asked.has(key) && (key !== 'username' || chosen.startsWith('client')))
  const { isBusy, trouble, troubleOf, submit } = useSubmit(() => addUpstream(row), () => {
    tell(t('upstreams.added', { name: row.name }))
    go('upstreams', row.name)
  }, ['name', ...settings.map(({ key }) => key), ...credentialKeys(chosen)])
  return (
    <>
      <PageHead title={t('upstreams.add')} from={{ place: ['upstreams'], name: t('more.upstreams') }} />
      <Form
        label={t('upstreams.add')}
        submit={t('do.add')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Choice
          label={t('upstreams.kind')}
          value={kind}
          choices={upstreamKinds.map((each) => [each, kindWord(each)])}
          onChange={setKind}
        />
        <Field
          label={t('upstreams.name')}
          hint={t('upstreams.name-hint')}
          value={typed['name'] ?? ''}
          onInput={(value) => setTyped({ ...typed, name: value })}
          trouble={troubleOf('name')}
          required
        />
        {settings.map(({ key, label, hint }) => (
          <Field
            key={key}
            label={label}
            hint={hint}
            value={typed[key] ?? ''}
            onInput={(value) => setTyped({ ...typed, [key]: value })}
            trouble={troubleOf(key)}
          />
        ))}
        {kinds.length > 1 && <KindChoice kinds={kinds} kind={chosen} onChoose={setCredential} />}
        {fieldsOf[chosen].map((field) => (
          <CredentialInput
            key={field}
            field={field}
            value={secrets[field] ?? ''}
            isKept={false}
            onInput={(value) => setSecrets({ ...secrets, [field]: value })}
            trouble={troubleOf(`credential.${field}`)}
          />
        ))}
      </Form>
    </>
  )
}

/** Asked at the beginning; the others have defaults. */
const asked: ReadonlySet<string> = new Set([
  'endpoint',
  'host',
  'port',
  'username',
  'senders',
  'sender',
  'accepted_domains',
])

/** As the setup document has it. */
function rowOf(kind: string, typed: Typed, credential: Typed) {
  const given = Object.entries(typed)
    .map(([key, value]) => [key, value.trim()] as const)
    .filter(([key, value]) => value !== '' && key !== 'name')
    .map(([key, value]) => [key, valueFor(key, value)] as const)
  return {
    name: (typed['name'] ?? '').trim(),
    kind,
    ...Object.fromEntries(given),
    ...(credential['kind'] !== 'none' && { credential }),
  }
}

function valueFor(key: string, value: string): string | number | readonly string[] {
  if (key === 'senders' || key === 'accepted_domains') return value.split(/[\s,;]+/)
  return key === 'port' ? typedNumber(value) : value
}
