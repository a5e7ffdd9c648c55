import { useState } from 'preact/hooks'
import type { RestoreView } from '../../../src/core/backup-operations.ts'
import { Form, Labelled, PasswordField } from '../../parts/form.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import { sendBackup } from './octets.ts'
import { RestorePreview } from './restore-preview.tsx'

/** Looks into a backup, and puts it in the place of what is here. */
export function Restore() {
  const [file, setFile] = useState<File | undefined>(undefined)
  const [secret, setSecret] = useState('')
  const [found, setFound] = useState<RestoreView | undefined>(undefined)
  const { isBusy, trouble, submit } = useSubmit(
    (chosen: File) => {
      setFound(undefined)
      return sendBackup(chosen, { secret, ...trial })
    },
    ({ restored }) => setFound(restored),
  )
  return (
    <section class="card">
      <h2>{t('backup.restore')}</h2>
      <p>{t('backup.restore-line')}</p>
      <Form
        label={t('backup.restore')}
        submit={t('backup.look')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={async () => file && submit(file)}
      >
        <Labelled id="backup-file" label={t('backup.file')}>
          <input
            id="backup-file"
            type="file"
            required
            onChange={({ currentTarget }) => {
              setFile(currentTarget.files?.[0])
              setFound(undefined)
            }}
          />
        </Labelled>
        <PasswordField
          label={t('backup.secret')}
          value={secret}
          onInput={setSecret}
          autocomplete="off"
          required
        />
      </Form>
      {found && file && (
        <RestorePreview
          found={found}
          restore={(wish) => sendBackup(file, { secret, isTrial: false, mayReplace: true, ...wish })}
        />
      )}
    </section>
  )
}

const trial = {
  isTrial: true,
  mayReplace: true,
  mayPutAsideMail: false,
  isWithoutSpool: false,
} as const
