import type { BackupsView } from '../../src/core/backup-operations.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { List } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Told } from '../parts/told.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { formatSize, formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { Decommission } from './backup/decommission.tsx'
import { FromCard } from './backup/from-card.tsx'
import { Identity } from './backup/identity.tsx'
import { MakeBackup } from './backup/make-backup.tsx'
import { Recovery } from './backup/recovery.tsx'
import { Restore } from './backup/restore.tsx'
import { Targets } from './backup/targets.tsx'

/** Copies of this box, and putting one back. */
export function Backup() {
  const known = useAnswer<BackupsView>('/backups')
  return (
    <>
      <PageHead title={t('more.backup')} />
      <Identity />
      <MakeBackup isAfterReset={known.value?.isAfterReset === true} />
      <Answered known={known}>
        {(backups) => (
          <>
            <Recovery recovery={backups.recovery} onChanged={known.reload} />
            <Copies backups={backups} />
          </>
        )}
      </Answered>
      <Targets />
      <Restore />
      <FromCard />
      <Decommission />
    </>
  )
}

function Copies({ backups: { copies, lastCopy } }: { readonly backups: BackupsView }) {
  const trouble = lastCopy?.trouble ?? ''
  return (
    <section>
      <h2>{t('backup.copies')}</h2>
      {trouble !== '' && <Told mood="bad" sentence={t('backup.copy-failed', { reason: trouble })} />}
      <List
        items={copies}
        keyOf={({ name }) => name}
        empty={t('backup.copies-empty')}
        label={t('backup.copies')}
      >
        {({ name, at, octets }) => (
          <div class="row">
            <span class="row-text">
              <bdi>{formatTime(at)}</bdi>
              <span class="row-line">{formatSize(octets)}</span>
            </span>
            <a class="button" href={`/api/v1/backups/${encodeURIComponent(name)}`} download={name}>
              <Icon name="download" />
              {t('backup.download')} <span class="unseen">{formatTime(at)}</span>
            </a>
          </div>
        )}
      </List>
    </section>
  )
}
