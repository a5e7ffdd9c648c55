import { randomBytes } from 'node:crypto'
import { openDatabase } from '../platform/database.ts'
import { Vault } from '../platform/vault.ts'
import { Settings, type SettingsWorld } from './settings.ts'
import { SettingsDatabase, settingsMigrations } from './settings-database.ts'

/** Settings of a box on which nothing was ever set up, in memory alone: what a document would do there. */
export function scratchSettings(world: Pick<SettingsWorld, 'profile' | 'dataDirectory' | 'now'>): Settings {
  const opening = openDatabase(':memory:', { migrations: settingsMigrations })
  if (opening.kind !== 'open') throw new Error('a database in memory was refused', { cause: opening })
  const vault = new Vault({ kind: 'open' }, randomBytes(32), randomBytes)
  return new Settings({ ...world, database: new SettingsDatabase(opening.database), vault })
}
