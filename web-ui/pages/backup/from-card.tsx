import { useState } from 'preact/hooks'
import type { RestoreView, RestoreWish } from '../../../src/core/backup-operations.ts'
import type { StorageView } from '../../../src/core/machine.ts'
import { Action } from '../../parts/action.tsx'
import { List } from '../../parts/list.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatSize } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { takeOverCard } from './octets.ts'
import { RestorePreview } from './restore-preview.tsx'

interface Found {
  readonly storage: string
  readonly view: RestoreView
}

/** The card of an old box in a reader: nothing is shown where the machine has nobody who reads one. */
export function FromCard() {
  const known = useAnswer<{ readonly storages: readonly StorageView[] }>('/storages')
  const [found, setFound] = useState<Found | undefined>(undefined)
  const [mayHaveGoneOn, setGoneOn] = useState(false)
  if (known.value === undefined) return null
  const wish: RestoreWish = {
    secret: '',
    isTrial: true,
    mayReplace: true,
    mayPutAsideMail: false,
    isWithoutSpool: false,
    oldBox: { mayHaveGoneOn },
  }
  return (
    <section class="card">
      <h2>{t('backup.card')}</h2>
      <p>{t('backup.card-line')}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={mayHaveGoneOn}
          onChange={({ currentTarget }) => {
            setGoneOn(currentTarget.checked)
            setFound(undefined)
          }}
        />
        {t('backup.card-went-on')}
      </label>
      <List
        items={known.value.storages}
        keyOf={({ storage }) => storage}
        empty={t('backup.card-none')}
        label={t('backup.card')}
      >
        {({ storage, model, octets }) => (
          <div class="row">
            <span class="row-text">
              <bdi>{`${storage} ${model}`}</bdi>
              <span class="row-line">{formatSize(octets)}</span>
            </span>
            <Action
              label={t('backup.look')}
              run={() => takeOverCard(storage, wish)}
              onDone={({ restored }) => setFound({ storage, view: restored })}
            />
          </div>
        )}
      </List>
      <button type="button" onClick={known.reload}>
        {t('backup.card-again')}
      </button>
      {found && (
        <RestorePreview
          found={found.view}
          restore={(mail) => takeOverCard(found.storage, { ...wish, ...mail, isTrial: false })}
        />
      )}
    </section>
  )
}
