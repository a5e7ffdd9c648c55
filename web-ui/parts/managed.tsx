import type { ComponentChildren } from 'preact'
import type { Managed, OwnedRowTable, SiteKey } from '../../src/core/fleet.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'
import { useAnswer } from './use-answer.ts'

/** What of the setup is head office's; undefined: nothing, or not known yet, and then the box refuses it. */
export function useManaged(): Managed | undefined {
  const { value } = useAnswer<{ readonly managed: Managed | null }>('/fleet/managed', ['setup'])
  return value?.managed ?? undefined
}

export const isManagedRow = (managed: Managed | undefined, table: OwnedRowTable, name: string): boolean =>
  managed?.rows[table].includes(name) === true

/** Of who a device is. `managed`: where its row is head office's; undefined: the site's. */
export const isSiteKey = (managed: Managed | undefined, device: string, key: SiteKey): boolean =>
  managed === undefined || managed.site[device]?.includes(key) === true

interface ManagedNoteProps {
  readonly managed: Managed
  /** What may be changed here all the same. */
  readonly children?: ComponentChildren
}

/** Why something can't be changed here, and whom to ask. */
export function ManagedNote({ managed: { contact }, children }: ManagedNoteProps) {
  return (
    <div class="told">
      <Icon name="lock" />
      <div>
        <p>{t('managed.line')}</p>
        {children}
        <p>
          {contact !== '' && <>{t('managed.ask', { contact: `\u2068${contact}\u2069` })} </>}
          <a href={to('fleet')}>{t('managed.page')}</a>
        </p>
      </div>
    </div>
  )
}

interface OwnedProps {
  readonly isLocked: boolean
  readonly children: ComponentChildren
}

/** Fields of a form that are shown, and changed elsewhere. */
export const Owned = ({ isLocked, children }: OwnedProps) => (
  <fieldset class="owned" disabled={isLocked}>
    {children}
  </fieldset>
)
