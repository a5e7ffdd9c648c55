import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { to } from '../../router.ts'

interface MoreRowProps {
  readonly place: string
  readonly name: string
  readonly icon: IconName
  /** How it is now. */
  readonly line?: ComponentChildren
}

export function MoreRow({ place, name, icon, line }: MoreRowProps) {
  return (
    <li>
      <a class="row" href={to(place)}>
        <Icon name={icon} />
        <span class="row-text">
          <strong>{name}</strong>
          {line !== undefined && <span class="row-line">{line}</span>}
        </span>
        <Icon name="chevron-right" />
      </a>
    </li>
  )
}
