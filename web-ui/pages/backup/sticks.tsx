import type { StickView } from '../../../src/core/machine-stick.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { List } from '../../parts/list.tsx'
import { isManagedRow, ManagedNote, useManaged } from '../../parts/managed.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatSize } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

interface SticksProps {
  /** What the settings call the copies on a stick; undefined: there are none. */
  readonly used: string | undefined
  readonly onChanged: () => void
}

/** The row that a tap here makes. */
const stickName = 'stick'

/** Copies on a stick in the box: nothing is shown where the machine has nobody who writes on one. */
export function Sticks({ used, onChanged }: SticksProps) {
  const known = useAnswer<{ readonly sticks: readonly StickView[] }>('/backup-sticks')
  const managed = useManaged()
  const isManaged = isManagedRow(managed, 'backup', used ?? stickName)
  if (known.value === undefined) return null
  const label = t('backup.stick')
  return (
    <section class="card">
      <h2>{label}</h2>
      <p>{t('backup.stick-line')}</p>
      <List
        items={known.value.sticks}
        keyOf={({ storage }) => storage}
        empty={t('backup.stick-none')}
        label={label}
      >
        {({ storage, model, octets, isReadOnly }) => (
          <div class="row">
            <span class="row-text">
              <bdi>{`${model} (${storage})`.trim()}</bdi>
              <span class="row-line">{formatSize(octets)}</span>
              {isReadOnly && <span class="row-line">{t('backup.stick-protected')}</span>}
            </span>
          </div>
        )}
      </List>
      {managed && isManaged && <ManagedNote managed={managed} />}
      <p class="buttons">
        {!isManaged && (
          <Action
            label={t(used === undefined ? 'backup.stick-use' : 'backup.stick-leave')}
            run={() => ask('PUT', '/backup-sticks', { body: { isWanted: used === undefined } })}
            onDone={onChanged}
          />
        )}
        <button type="button" onClick={known.reload}>
          {t('backup.card-again')}
        </button>
      </p>
    </section>
  )
}
