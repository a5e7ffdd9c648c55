import type { SettingsSheet, SettingsTable } from '../../src/core/setup-operations.ts'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { ManagedNote, useManaged } from '../parts/managed.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { boxSettings } from './settings/box-settings.ts'
import { SettingRows } from './settings/setting-rows.tsx'

/** The settings of the box itself. Those of devices and ways out stand on their own pages. */
export function Settings() {
  const known = useAnswer<SettingsSheet>('/settings', ['setup'])
  const managed = useManaged()
  const isManaged = (table: SettingsTable): boolean => managed?.tables.includes(table) === true
  return (
    <>
      <PageHead title={t('more.settings')} />
      <Answered known={known}>
        {({ tables }) => (
          <>
            {boxSettings().map(({ title, table, settings }) => (
              <section key={title}>
                <h2>{title}</h2>
                {managed && isManaged(table) && <ManagedNote managed={managed} />}
                <SettingRows
                  settings={settings}
                  values={tables[table]}
                  edit={isAtLeast('administrator') && !isManaged(table) ? editOf(table) : undefined}
                  onChanged={known.reload}
                />
              </section>
            ))}
          </>
        )}
      </Answered>
    </>
  )
}

const editOf = (table: SettingsTable) => (change: object) =>
  ask('PUT', `/settings/${table}`, { body: { change } })
