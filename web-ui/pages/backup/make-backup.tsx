import { useState } from 'preact/hooks'
import { Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import { download } from './octets.ts'

/** One encrypted file, made now. */
export function MakeBackup({ isAfterReset }: { readonly isAfterReset: boolean }) {
  const [passphrase, setPassphrase] = useState('')
  const [withSpool, setWithSpool] = useState(false)
  const { isBusy, trouble, submit } = useSubmit(
    () => download('/backups', { passphrase, withSpool }),
    (value) => {
      setPassphrase('')
      tell(t('backup.made', { name: value }))
    },
  )
  const label = t('backup.make')
  return (
    <section class="card">
      <h2>{label}</h2>
      <p>{t(isAfterReset ? 'answer.backup-after-reset' : 'backup.make-line')}</p>
      <Form label={label} submit={label} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <PasswordField
          label={t('backup.passphrase')}
          hint={t('backup.passphrase-hint')}
          value={passphrase}
          onInput={setPassphrase}
          autocomplete="new-password"
          required
        />
        {!isAfterReset && (
          <label class="check">
            <input
              type="checkbox"
              checked={withSpool}
              onChange={({ currentTarget }) => setWithSpool(currentTarget.checked)}
            />
            {t('backup.with-spool')}
          </label>
        )}
      </Form>
    </section>
  )
}
