import type { ComponentChildren } from 'preact'
import type { Managed } from '../../src/core/fleet.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

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
