import { useState } from 'preact/hooks'
import type { RestoreView } from '../../../src/core/backup-operations.ts'
import { type Answer, refreshStanding } from '../../box.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Facts } from '../../parts/facts.tsx'
import { tell } from '../../parts/notice.tsx'
import { Scrolled } from '../../parts/scrolled.tsx'
import { formatSize, formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

/** What becomes of the mail, as a person ticked it. */
export interface MailWish {
  readonly isWithoutSpool: boolean
  readonly mayPutAsideMail: boolean
}

interface PreviewProps {
  readonly found: RestoreView
  readonly restore: (wish: MailWish) => Promise<Answer<unknown>>
}

/** What is in a backup, or on a card, and the button that takes it. */
export function RestorePreview({ found, restore }: PreviewProps) {
  const [isWithoutSpool, setWithoutSpool] = useState(false)
  const [mayPutAsideMail, setMayPutAside] = useState(false)
  const done = () => {
    tell(t('backup.restored'))
    void refreshStanding()
  }
  return (
    <div role="status">
      <Facts facts={factsOf(found)} />
      {found.goingOn > 0 && <p>{t('backup.going-on', { count: found.goingOn })}</p>}
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
        run={() => restore({ isWithoutSpool, mayPutAsideMail })}
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
  ...(version === '' ? [] : [{ label: t('backup.version'), value: <bdi>{version}</bdi> }]),
  { label: t('backup.size'), value: formatSize(octets) },
  { label: t('backup.contents'), value: <bdi>{contents.join(', ')}</bdi> },
]
