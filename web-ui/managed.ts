import { type Managed, type OwnedRowTable, type SiteKey, siteKeys } from '../src/core/fleet.ts'
import { useAnswer } from './parts/use-answer.ts'

/** What of the setup is head office's; undefined: nothing, or not known yet, and then the box refuses it. */
export function useManaged(): Managed | undefined {
  const { value } = useAnswer<{ readonly managed: Managed | null }>('/fleet/managed', ['setup'])
  return value?.managed ?? undefined
}

export const isManagedRow = (managed: Managed | undefined, table: OwnedRowTable, name: string): boolean =>
  managed?.rows[table].includes(name) === true

/** What of who a device is may be changed here. */
export const siteKeysOf = (managed: Managed | undefined, device: string): readonly SiteKey[] =>
  isManagedRow(managed, 'device', device) ? (managed?.site[device] ?? []) : siteKeys
