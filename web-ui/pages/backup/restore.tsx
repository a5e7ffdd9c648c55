import { useState } from 'preact/hooks'
import type { RestoreView } from '../../../src/core/backup-operations.ts'
import { refreshStanding } from '../../box.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Form, Labelled, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { Scrolled } from '../../parts/scrolled.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { formatSize, formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { sendBackup } from './octets.ts'

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
      {found && file && <Preview found={found} file={file} secret={secret} />}
    </section>
  )
}

const trial = {
  isTrial: true,
  mayReplace: true,
  mayPutAsideMail: false,
  isWithoutSpool: false,
} as const

interface PreviewProps {
  readonly found: RestoreView
  readonly file: File
  readonly secret: string
}

function Preview({ found, file, secret }: PreviewProps) {
  const [isWithoutSpool, setWithoutSpool] = useState(false)
  const [mayPutAsideMail, setMayPutAside] = useState(false)
  const restore = () =>
    sendBackup(file, { secret, isTrial: false, mayReplace: true, mayPutAsideMail, isWithoutSpool })
  const done = () => {
    tell(t('backup.restored'))
    void refreshStanding()
  }
  return (
    <div role="status">
      <Facts facts={factsOf(found)} />
      {found.held > 0 && <p>{t('backup.restore-held', { count: found.held })}</p>}
      {found.remarks.length > 0 && (
        <>
          <p>{t('backup.remarks')}</p>
          <ul>
            {found.remarks.map((remark) => (
              <li key={remark}>
                <bdi>{remark}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>{t('more.setup')}</summary>
        <Scrolled label={t('more.setup')} text={found.setup} />
      </details>
      <label class="check">
        <input
          type="checkbox"
          checked={isWithoutSpool}
          onChange={({ currentTarget }) => setWithoutSpool(currentTarget.checked)}
        />
        {t('backup.without-spool')}
      </label>
      {found.putAside > 0 && !isWithoutSpool && (
        <label class="check">
          <input
            type="checkbox"
            checked={mayPutAsideMail}
            onChange={({ currentTarget }) => setMayPutAside(currentTarget.checked)}
          />
          {t('backup.may-put-aside', { count: found.putAside })}
        </label>
      )}
      <Confirm
        label={t('backup.restore-now')}
        question={t('backup.restore-question', { box: found.box })}
        run={restore}
        onDone={done}
      >
        <p>{t('backup.restore-warning')}</p>
      </Confirm>
    </div>
  )
}

const factsOf = ({ box, made, version, octets, contents }: RestoreView) => [
  { label: t('backup.box'), value: <bdi>{box}</bdi> },
  { label: t('backup.made-at'), value: <bdi>{formatTime(Date.parse(made))}</bdi> },
  { label: t('backup.version'), value: <bdi>{version}</bdi> },
  { label: t('backup.size'), value: formatSize(octets) },
  { label: t('backup.contents'), value: <bdi>{contents.join(', ')}</bdi> },
]
