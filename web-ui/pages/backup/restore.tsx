import { useState } from 'preact/hooks'
import type { RestoreView } from '../../../src/core/backup-operations.ts'
import { Form, Labelled, PasswordField } from '../../parts/form.tsx'
import { t } from '../../words/language.ts'
import { sendBackup } from './octets.ts'
import { RestorePreview } from './restore-preview.tsx'

/** Looks into a backup, and puts it in the place of what is here. */
export function Restore() {
  const [file, setFile] = useState<File | undefined>(undefined)
  const [secret, setSecret] = useState('')
  const [found, setFound] = useState<RestoreView | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const look = async () => {
    if (file === undefined) return
    setBusy(true)
    setFound(undefined)
    const answer = await sendBackup(file, {
      secret,
      isTrial: true,
      mayReplace: true,
      mayPutAsideMail: false,
      isWithoutSpool: false,
    })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') setFound(answer.value.restored)
  }
  return (
    <section class="card">
      <h2>{t('backup.restore')}</h2>
      <p>{t('backup.restore-line')}</p>
      <Form
        label={t('backup.restore')}
        submit={t('backup.look')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={look}
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
